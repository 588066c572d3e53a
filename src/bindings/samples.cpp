#include "bindings/samples.hpp"

#include "bindings/object.hpp"

/** The module of the page for a reader's own drafts. */

using namespace tiltlab::bindings;

EMSCRIPTEN_BINDINGS(samples) {
  emscripten::function("version", &version);
  Samples::bind();
}
