#include "bindings/simulation.hpp"
#include "bindings/statements.hpp"
#include "bindings/views.hpp"
#include "models/chain.hpp"
#include "models/continuous.hpp"
#include "models/prompts.hpp"
#include "models/text.hpp"
#include "models/tokens.hpp"
#include "models/transformed.hpp"

/** The module that has everything. */

using namespace tiltlab;
using namespace tiltlab::bindings;

namespace {
using Here = Kinds<AnyBudget, TokensInput, ContinuousInput, MarkovInput, TextInput, PromptsInput, TransformedInput>;
}

EMSCRIPTEN_BINDINGS(full) {
  emscripten::function("version", &version);
  Views<Here, true>::bind();
  Statements<Here>::bind();
  Drawing<Here>::bind();
}
