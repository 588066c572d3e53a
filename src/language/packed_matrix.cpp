#include "language/packed_matrix.hpp"

#include <algorithm>

#include "language/lanes.hpp"

namespace tiltlab {
namespace {

using lanes::Floats;

static_assert(PackedMatrix::panel == 2 * lanes::width);

/** Panels of floats, as if in one run of scale 1. */
struct FloatPanels {
  const float* entries;
  std::size_t columns;
  [[nodiscard]] std::size_t run() const { return columns; }

  [[nodiscard]] FloatPanels from(std::size_t panel) const {
    return {entries + panel * columns * PackedMatrix::panel, columns};
  }
  [[nodiscard]] lanes::EightFloats scales(std::size_t, std::size_t) const { return {Floats{}, Floats{}}; }
  [[nodiscard]] lanes::EightFloats at(std::size_t panel, std::size_t column, const lanes::EightFloats&) const {
    const float* from = entries + (panel * columns + column) * PackedMatrix::panel;
    return {lanes::load(from), lanes::load(from + lanes::width)};
  }
};

/** Panels of bytes, of which each run of columns has scales. */
struct BytePanels {
  const std::int8_t* entries;
  const float* scale;
  std::size_t columns;
  std::size_t length;
  [[nodiscard]] std::size_t run() const { return length; }

  [[nodiscard]] BytePanels from(std::size_t panel) const {
    return {entries + panel * columns * PackedMatrix::panel, scale + panel * (columns / length) * PackedMatrix::panel,
            columns, length};
  }
  [[nodiscard]] lanes::EightFloats scales(std::size_t panel, std::size_t of_run) const {
    const float* from = scale + (panel * (columns / length) + of_run) * PackedMatrix::panel;
    return {lanes::load(from), lanes::load(from + lanes::width)};
  }
  [[nodiscard]] lanes::EightFloats at(std::size_t panel, std::size_t column, const lanes::EightFloats& scales) const {
    const lanes::EightFloats bytes = lanes::from_bytes(entries + (panel * columns + column) * PackedMatrix::panel);
    return {bytes.low * scales.low, bytes.high * scales.high};
  }
};

/**
 * Panels times vectors: `P` panels beside each other and `D` drafts, whose sums stay in registers while the columns go
 * by.
 */
template <std::size_t P, std::size_t D, class Panels>
void tile(const Panels& w, const float* x, std::size_t x_stride, float* y, std::size_t y_stride) {
  Floats low[D][P] = {};
  Floats high[D][P] = {};
  const std::size_t run = w.run();
  for (std::size_t start = 0, of_run = 0; start < w.columns; start += run, ++of_run) {
    lanes::EightFloats scales[P];
    for (std::size_t p = 0; p < P; ++p) scales[p] = w.scales(p, of_run);
    for (std::size_t k = start; k < start + run; ++k) {
      lanes::EightFloats column[P];
      for (std::size_t p = 0; p < P; ++p) column[p] = w.at(p, k, scales[p]);
      for (std::size_t d = 0; d < D; ++d) {
        const Floats entry = lanes::all(x[d * x_stride + k]);
        for (std::size_t p = 0; p < P; ++p) {
          low[d][p] += column[p].low * entry;
          high[d][p] += column[p].high * entry;
        }
      }
    }
  }
  for (std::size_t d = 0; d < D; ++d)
    for (std::size_t p = 0; p < P; ++p) {
      float* to = y + d * y_stride + p * PackedMatrix::panel;
      lanes::store(to, low[d][p]);
      lanes::store(to + lanes::width, high[d][p]);
    }
}

/** How many panels go together where so many drafts do: enough sums to hide that an addition takes its time. */
constexpr std::size_t together(std::size_t drafts) { return drafts == 1 ? 4 : drafts == 2 ? 2 : 1; }

/** Drafts that share each load of a weight. */
constexpr std::size_t block = 4;

template <std::size_t D, class Panels>
void tiles(const Panels& w, std::size_t count, const float* x, std::size_t x_stride, float* y, std::size_t y_stride) {
  constexpr std::size_t P = together(D);
  std::size_t p = 0;
  for (; p + P <= count; p += P) tile<P, D>(w.from(p), x, x_stride, y + p * PackedMatrix::panel, y_stride);
  for (; p < count; ++p) tile<1, D>(w.from(p), x, x_stride, y + p * PackedMatrix::panel, y_stride);
}

/** `count` panels times all vectors. */
template <class Panels>
void blocks(const Panels& w, std::size_t count, const float* x, std::size_t x_stride, float* y, std::size_t y_stride,
            std::size_t drafts) {
  for (; drafts >= block; drafts -= block, x += block * x_stride, y += block * y_stride)
    tiles<block>(w, count, x, x_stride, y, y_stride);
  if (drafts == 3) tiles<3>(w, count, x, x_stride, y, y_stride);
  if (drafts == 2) tiles<2>(w, count, x, x_stride, y, y_stride);
  if (drafts == 1) tiles<1>(w, count, x, x_stride, y, y_stride);
}

void write_floats(const BytePanels& w, std::size_t count, float* to) {
  for (std::size_t p = 0; p < count; ++p)
    for (std::size_t k = 0; k < w.columns; k += w.length) {
      const lanes::EightFloats scales = w.scales(p, k / w.length);
      for (std::size_t i = k; i < k + w.length; ++i, to += PackedMatrix::panel) {
        const lanes::EightFloats entries = w.at(p, i, scales);
        lanes::store(to, entries.low);
        lanes::store(to + lanes::width, entries.high);
      }
    }
}

}  // namespace

PackedMatrix::PackedMatrix(std::size_t rows, std::size_t columns, std::size_t run)
    : rows_(rows), columns_(columns), run_(run) {
  if (run == 0) {
    floats_.resize(padded_rows() * columns);
  } else {
    bytes_.resize(padded_rows() * columns);
    scales_.resize(padded_rows() * (columns / run));
  }
}

void PackedMatrix::set_row(std::size_t at, const float* row) {
  for (std::size_t k = 0; k < columns_; ++k) floats_[entry(at, k)] = row[k];
}

void PackedMatrix::set_row(std::size_t at, const std::int8_t* row, const float* scales) {
  for (std::size_t k = 0; k < columns_; ++k) bytes_[entry(at, k)] = row[k];
  for (std::size_t r = 0; r < columns_ / run_; ++r) scales_[scale_entry(at, r)] = scales[r];
}

void PackedMatrix::copy_row(std::size_t at, float* to) const {
  for (std::size_t k = 0; k < columns_; ++k)
    to[k] = run_ == 0 ? floats_[entry(at, k)]
                      : static_cast<float>(bytes_[entry(at, k)]) * scales_[scale_entry(at, k / run_)];
}

void PackedMatrix::multiply(const float* x, std::size_t x_stride, float* y, std::size_t y_stride, std::size_t drafts,
                            std::vector<float>& scratch) const {
  const std::size_t all = padded_rows() / panel;
  for (std::size_t p = 0; p < all; p += together(1)) {
    const std::size_t count = std::min(together(1), all - p);
    const std::size_t start = p * panel * columns_;
    float* to = y + p * panel;
    if (run_ == 0) {
      blocks(FloatPanels{floats_.data() + start, columns_}, count, x, x_stride, to, y_stride, drafts);
      continue;
    }
    const BytePanels bytes{bytes_.data() + start, scales_.data() + start / run_, columns_, run_};
    if (drafts <= block) {
      blocks(bytes, count, x, x_stride, to, y_stride, drafts);
    } else {
      // Made floats once for all blocks of drafts.
      scratch.resize(count * panel * columns_);
      write_floats(bytes, count, scratch.data());
      blocks(FloatPanels{scratch.data(), columns_}, count, x, x_stride, to, y_stride, drafts);
    }
  }
}

}  // namespace tiltlab
