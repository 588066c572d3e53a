#include "numerics/linear.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace tiltlab {

Factorised::Factorised(std::vector<double> matrix, std::size_t size) : lu_(std::move(matrix)), size_(size), row_(size) {
  for (std::size_t k = 0; k < size_; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < size_; ++i) {
      if (std::fabs(at(i, k)) > std::fabs(at(pivot, k))) pivot = i;
    }
    row_[k] = pivot;
    for (std::size_t j = 0; j < size_; ++j) std::swap(lu_[k * size_ + j], lu_[pivot * size_ + j]);
    // Of a singular matrix the solution grows along its null vector, which is what inverse iteration is for.
    if (lu_[k * size_ + k] == 0) lu_[k * size_ + k] = std::numeric_limits<double>::min();
    for (std::size_t i = k + 1; i < size_; ++i) {
      const double share = lu_[i * size_ + k] /= lu_[k * size_ + k];
      if (share == 0) continue;
      for (std::size_t j = k + 1; j < size_; ++j) lu_[i * size_ + j] -= share * at(k, j);
    }
  }
}

std::vector<double> Factorised::solve(std::vector<double> b) const {
  for (std::size_t k = 0; k < size_; ++k) std::swap(b[k], b[row_[k]]);
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t j = 0; j < i; ++j) b[i] -= at(i, j) * b[j];
  }
  for (std::size_t i = size_; i-- > 0;) {
    for (std::size_t j = i + 1; j < size_; ++j) b[i] -= at(i, j) * b[j];
    b[i] /= at(i, i);
  }
  return b;
}

std::vector<double> Factorised::solve_transposed(std::vector<double> b) const {
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t j = 0; j < i; ++j) b[i] -= at(j, i) * b[j];
    b[i] /= at(i, i);
  }
  for (std::size_t i = size_; i-- > 0;) {
    for (std::size_t j = i + 1; j < size_; ++j) b[i] -= at(j, i) * b[j];
  }
  for (std::size_t k = size_; k-- > 0;) std::swap(b[k], b[row_[k]]);
  return b;
}

}  // namespace tiltlab
