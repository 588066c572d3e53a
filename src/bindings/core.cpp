#include "bindings/views.hpp"
#include "models/tokens.hpp"

/** The module that embeds and the first figures load: models of tokens, and nothing that draws. */

using namespace tiltlab;
using namespace tiltlab::bindings;

EMSCRIPTEN_BINDINGS(core) {
  emscripten::function("version", &version);
  Views<Kinds<StatedBudgets, TokensInput>, false>::bind();
}
