#include "models/text.hpp"

namespace tiltlab {

namespace {

constexpr std::size_t classes = 3;

/** A row of web/data/moby-dick-pairs.tsv. */
struct Valence {
  double value;
  double words;
  /** Of these, after a word of negative, no and positive valence. */
  double after[classes];
};
constexpr Valence valences[] = {
// Made of the table by CMake.
#include <moby_dick_pairs.inc>
};

}  // namespace

TokenClasses moby_dick_classes() {
  TokenClasses out;
  out.initial.assign(classes, 0);
  for (const Valence& v : valences) {
    out.of.push_back(v.value < 0 ? 0 : v.value > 0 ? 2 : 1);
    out.initial[out.of.back()] += v.words;
    out.reward.push_back(v.value);
  }
  for (std::size_t i = 0; i < classes; ++i) {
    for (const Valence& v : valences) out.next.push_back(v.after[i]);
  }
  return out;
}

Chain make_model(const TextInput& input) {
  return chain_of(class_chain(moby_dick_classes(), input.length), sequence_length(input.length));
}

}  // namespace tiltlab
