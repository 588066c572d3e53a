#include "language/packed_matrix.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

using namespace tiltlab;

namespace {

std::vector<float> random_floats(std::uint64_t seed, std::size_t count) {
  test::Random random(seed);
  std::vector<float> out(count);
  for (float& x : out) x = static_cast<float>(random.uniform() - 0.5);
  return out;
}

/** From the first column to the last, each operation rounded once. */
float product(const float* row, const float* x, std::size_t columns) {
  float sum = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    const float term = row[k] * x[k];
    sum += term;
  }
  return sum;
}

}  // namespace

TEST_CASE("each entry of a product is the plain sum, bit for bit, whatever the sizes", "[language]") {
  const std::size_t rows = GENERATE(1U, 7U, 8U, 9U, 31U, 40U, 67U);
  const std::size_t columns = GENERATE(1U, 6U, 33U);
  const std::vector<float> w = random_floats(rows, rows * columns);
  PackedMatrix matrix(rows, columns, 0);
  for (std::size_t r = 0; r < rows; ++r) matrix.set_row(r, w.data() + r * columns);
  std::vector<float> copy(columns);
  matrix.copy_row(rows - 1, copy.data());
  CHECK(std::equal(copy.begin(), copy.end(), w.end() - static_cast<std::ptrdiff_t>(columns)));
  std::vector<float> scratch;
  for (std::size_t drafts = 1; drafts <= 10; ++drafts) {
    const std::vector<float> x = random_floats(drafts, drafts * (columns + 1));
    std::vector<float> y(drafts * matrix.padded_rows(), 9);
    matrix.multiply(x.data(), columns + 1, y.data(), matrix.padded_rows(), drafts, scratch);
    for (std::size_t d = 0; d < drafts; ++d)
      for (std::size_t r = 0; r < matrix.padded_rows(); ++r) {
        const float right = r < rows ? product(w.data() + r * columns, x.data() + d * (columns + 1), columns) : 0;
        if (y[d * matrix.padded_rows() + r] != right) FAIL(drafts << " drafts, " << d << ", row " << r);
      }
  }
}

TEST_CASE("bytes give the bits of the floats that they stand for", "[language]") {
  const std::size_t run = GENERATE(1U, 4U, 12U);
  constexpr std::size_t rows = 43;
  constexpr std::size_t columns = 12;
  test::Random random(run);
  PackedMatrix bytes(rows, columns, run);
  PackedMatrix floats(rows, columns, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<std::int8_t> row(columns);
    std::vector<float> scales(columns / run);
    std::vector<float> full(columns);
    for (auto& byte : row) byte = static_cast<std::int8_t>(random.integer(-128, 127));
    for (float& scale : scales) scale = static_cast<float>(random.uniform());
    for (std::size_t k = 0; k < columns; ++k) full[k] = static_cast<float>(row[k]) * scales[k / run];
    bytes.set_row(r, row.data(), scales.data());
    floats.set_row(r, full.data());
    std::vector<float> copy(columns);
    bytes.copy_row(r, copy.data());
    CHECK(copy == full);
  }
  constexpr std::size_t drafts = 6;
  const std::vector<float> x = random_floats(5, drafts * columns);
  std::vector<float> scratch;
  std::vector<float> one(drafts * floats.padded_rows());
  std::vector<float> other = one;
  floats.multiply(x.data(), columns, one.data(), floats.padded_rows(), drafts, scratch);
  bytes.multiply(x.data(), columns, other.data(), floats.padded_rows(), drafts, scratch);
  CHECK(one == other);
}
