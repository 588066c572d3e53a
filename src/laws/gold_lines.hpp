#pragma once
#include <complex>
#include <cstdint>
#include <vector>

#include "laws/inversion.hpp"

/**
 * The gold of a sum of tokens by inverting characteristic functions, beside the law of the sum: of n tokens alike
 * E[G e^(i w S)] = n psi_g(w) psi(w)^(n - 1), psi_g(w) = E[g e^(i w x)] of one. Apart from the inversion of the law,
 * since few models have gold and this is compiled for size.
 */
namespace tiltlab {

/** A frequency 2 pi f / m, of which the turns of steps from k0 are reduced exactly. */
struct Turns {
  std::uint64_t f;
  std::uint64_t m;
  std::int64_t k0;
};

/**
 * What a frequency adds to the gold of n tokens where it adds `mass` to masses. @pre `t.gold` is not empty
 */
[[nodiscard]] std::complex<double> gold_term(const InversionToken& t, std::complex<double> mass, double n,
                                             const Turns& at);

/** The same of frequencies 0, dw, 2 dw, ..: what each adds to masses becomes what it adds to gold. */
void turn_to_gold(const InversionToken& t, double n, double dw, std::vector<std::complex<double>>& terms);

/** Parts gold into what the reward tells of it, by least squares under the tilt, and the rest. @param t all but its
 * gold */
void part_gold(InversionToken& t, const TokenLaw& token);

/** Sums of such terms at the levels of a grid, into `out.gold`. @param f of frequencies 2 pi f / period, in increasing
 * order @param period a whole number */
void sum_gold(Inversion& out, const std::vector<std::complex<double>>& terms, const std::vector<std::int64_t>& f,
              double period, const OffsetGrid& grid);

/**
 * The same by one FFT, of a window of m levels, of which `out` has the first.
 * @param spectrum of the law of n tokens, frequencies 0 .. m / 2 @return the sum of the sizes of all terms
 */
double window_gold(Inversion& out, const InversionToken& t, std::vector<std::complex<double>> spectrum, std::size_t m,
                   double n);

}  // namespace tiltlab
