#pragma once
#include <cstddef>
#include <vector>

namespace tiltlab {

/** A square matrix as a product of triangular ones, rows exchanged for the largest pivot (Golub and Van Loan, "Matrix
 * Computations", algorithm 3.4.1). */
class Factorised {
 public:
  /** @param matrix rows one after another, `size` of `size` entries */
  Factorised(std::vector<double> matrix, std::size_t size);

  /** x with A x = b, and with A^T x = b. */
  [[nodiscard]] std::vector<double> solve(std::vector<double> b) const;
  [[nodiscard]] std::vector<double> solve_transposed(std::vector<double> b) const;

 private:
  [[nodiscard]] double at(std::size_t i, std::size_t j) const { return lu_[i * size_ + j]; }

  std::vector<double> lu_;
  std::size_t size_;
  std::vector<std::size_t> row_;
};

}  // namespace tiltlab
