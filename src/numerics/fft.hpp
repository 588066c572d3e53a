#pragma once
#include <complex>
#include <vector>

namespace tiltlab {

/** Smallest power of two >= n. */
[[nodiscard]] std::size_t next_power_of_two(std::size_t n);

/** X_k = sum_j x_j e^{-2 pi i j k / M}, unscaled; M a power of two. */
[[nodiscard]] std::vector<std::complex<double>> fft(const std::vector<std::complex<double>>& x);

}  // namespace tiltlab
