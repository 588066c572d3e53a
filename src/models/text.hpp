#pragma once
#include <string>

#include "models/chain.hpp"

namespace tiltlab {

/**
 * Words of Moby-Dick of which each depends on the one before: on whether its VADER valence is negative, 0 or positive.
 * The states are these three classes; the word that is drawn has the valence of a word of the book after one of that
 * class, by frequency, and earns it as it stands in the lexicon. The word before the first is of a class by the book's
 * frequencies, and earns nothing.
 *
 * Why not a state for each valence: the book has 71, of which half stand in it less than 150 times. The likelihood of
 * its 211,609 pairs gains 181 nats by three classes for 140 parameters more, and from five classes on less than
 * parameters are added (Akaike's criterion).
 */
struct TextInput {
  /** Words of a text. */
  double length = 1;

  [[nodiscard]] static bool has(const std::string& kind) { return kind == "text"; }
  bool operator==(const TextInput&) const = default;
};

template <class F>
void fields(F&& f, TextInput& i) {
  f("length", i.length);
}

/** Classes of valences, by their sign, and how often each follows each. */
[[nodiscard]] TokenClasses moby_dick_classes();

/** @throws InputError */
[[nodiscard]] Chain make_model(const TextInput& input);

}  // namespace tiltlab
