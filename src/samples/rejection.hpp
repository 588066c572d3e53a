#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace tiltlab {

/** How much of what is drawn rejection keeps. */
struct Acceptance {
  /** E e^(alpha (r - most)) over the drafts. */
  double rate = 0;
  /** Drafts to be drawn for one that is kept: infinite where none is. */
  double draws = 0;
};

template <class F>
void fields(F&& f, const Acceptance& a) {
  f("rate", a.rate);
  f("draws", a.draws);
}

/**
 * @param rewards of drafts of the base model
 * @param alpha of the tilt, at least 0
 * @param most what no draft's reward exceeds; infinite: nothing is kept
 */
[[nodiscard]] Acceptance acceptance(std::span<const double> rewards, double alpha, double most);

/**
 * Draws from the tilt p e^(alpha r) / Z exactly: of drafts of p each is kept with probability e^(alpha (r - most)).
 * Source: J. von Neumann, "Various techniques used in connection with random digits" (1951).
 * @param rewards of drafts first, first + 1 ..: each one's chance is its number's own, in whatever shares they come
 * @return places in `rewards` of those that are kept
 * @throws InputError naming drafts[number].reward where one exceeds `most`
 */
[[nodiscard]] std::vector<std::uint32_t> accepted(std::span<const double> rewards, double alpha, double most,
                                                  std::uint64_t seed, std::uint32_t first);

}  // namespace tiltlab
