#include "bindings/language.hpp"

#include "bindings/object.hpp"

/** The module that draws texts of a language model. */

using namespace tiltlab::bindings;

EMSCRIPTEN_BINDINGS(language) {
  emscripten::function("version", &version);
  Language::bind();
}
