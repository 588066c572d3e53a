#pragma once
#include <complex>
#include <vector>

namespace tiltlab {

/** Smallest power of two >= n. */
[[nodiscard]] std::size_t next_power_of_two(std::size_t n);

/** X_k = sum_j x_j e^{-2 pi i j k / M} for k = 0 .. M / 2, unscaled; M a power of two. The others are conjugates,
 * X_{M - k} = conj X_k. */
[[nodiscard]] std::vector<std::complex<double>> fft_of_real(const std::vector<double>& x);

/** x_j = sum_k X_k e^{-2 pi i j k / M} of X_0 .. X_{M / 2} and their conjugates X_{M - k}, unscaled; M a power of two.
 * @param m M */
[[nodiscard]] std::vector<double> fft_to_real(const std::vector<std::complex<double>>& spectrum, std::size_t m);

/** Re sum_k x_k e^{-2 pi i j k / M} for j = 0 .. M - 1, unscaled; M a power of two. */
[[nodiscard]] std::vector<double> real_part_of_fft(const std::vector<std::complex<double>>& x);

}  // namespace tiltlab
