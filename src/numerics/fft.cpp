#include "numerics/fft.hpp"

#include <kissfft/kissfft.hh>

namespace tiltlab {

std::size_t next_power_of_two(std::size_t n) {
  std::size_t m = 1;
  while (m < n) m *= 2;
  return m;
}

std::vector<std::complex<double>> fft(const std::vector<std::complex<double>>& x) {
  std::vector<std::complex<double>> out(x.size());
  const kissfft<double> transform(x.size(), false);
  transform.transform(x.data(), out.data());
  return out;
}

}  // namespace tiltlab
