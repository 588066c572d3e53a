#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tiltlab {

/**
 * A matrix of weights, rows x columns, in panels of 8 rows: the entries of a column of a panel stand side by side, and
 * those past the last row are 0. It is held as floats, or as signed bytes of which each run of `run` columns of a row
 * shares a scale; then an entry is the float nearest to byte times scale.
 */
class PackedMatrix {
 public:
  static constexpr std::size_t panel = 8;

  PackedMatrix() = default;
  /** @param run 0 for floats; else it divides `columns` */
  PackedMatrix(std::size_t rows, std::size_t columns, std::size_t run);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  /** What a product has per draft: the rows, and some past them up to a whole panel. */
  [[nodiscard]] std::size_t padded_rows() const { return (rows_ + panel - 1) / panel * panel; }

  /** @param row `columns` numbers */
  void set_row(std::size_t at, const float* row);
  /** @param scales one a run */
  void set_row(std::size_t at, const std::int8_t* row, const float* scales);
  /** @param to `columns` numbers */
  void copy_row(std::size_t at, float* to) const;

  /**
   * y[d] = W x[d] for each of `drafts` vectors. Each entry is summed from the first column to the last in float,
   * however many drafts there are: its bits are the same alone and among others.
   * @param x vectors of `columns`, `x_stride` apart
   * @param y vectors of `padded_rows()`, `y_stride` apart
   * @param scratch for panels of bytes made floats
   */
  void multiply(const float* x, std::size_t x_stride, float* y, std::size_t y_stride, std::size_t drafts,
                std::vector<float>& scratch) const;

 private:
  [[nodiscard]] std::size_t entry(std::size_t row, std::size_t column) const {
    return (row / panel * columns_ + column) * panel + row % panel;
  }
  [[nodiscard]] std::size_t scale_entry(std::size_t row, std::size_t of_run) const {
    return (row / panel * (columns_ / run_) + of_run) * panel + row % panel;
  }

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t run_ = 0;
  std::vector<float> floats_;
  std::vector<std::int8_t> bytes_;
  std::vector<float> scales_;
};

}  // namespace tiltlab
