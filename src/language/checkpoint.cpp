#include "language/checkpoint.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>

#include "error.hpp"

namespace tiltlab {
namespace {

constexpr std::uint32_t magic = 0x616b3432;
constexpr std::uint32_t magic_reversed = 0x32346b61;

[[noreturn]] void refuse(const std::string& field, const std::string& value_and_rule) {
  throw InputError("checkpoint." + field, value_and_rule);
}

template <class T>
T number_at(Bytes file, std::size_t at) {
  T out;
  std::memcpy(&out, file.data() + at, sizeof out);
  return out;
}

/** @param most keeps products of sizes within 64 bits, and is far from any checkpoint that fits */
std::size_t size_of(std::int64_t value, const char* field, std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    refuse(field, std::to_string(value) + " is not in " + std::to_string(least) + " .. " + std::to_string(most));
  return static_cast<std::size_t>(value);
}

void check_divides(std::size_t divisor, std::size_t of, const char* field, const std::string& what) {
  if (of % divisor != 0) refuse(field, std::to_string(divisor) + " does not divide " + what + " " + std::to_string(of));
}

DecoderShape shape_of(const std::array<std::int32_t, 7>& read, bool is_legacy) {
  DecoderShape s;
  s.dim = size_of(read[0], "dim", 2, 1 << 16);
  s.hidden = size_of(read[1], "hidden_dim", 1, 1 << 18);
  s.layers = size_of(read[2], "n_layers", 1, 1 << 10);
  s.heads = size_of(read[3], "n_heads", 1, 1 << 10);
  s.kv_heads = size_of(read[4], "n_kv_heads", 1, 1 << 10);
  // The sign is a flag there. Three words are those that begin and end a text, and one unknown.
  const std::int64_t vocabulary = read[5];
  s.vocabulary = size_of(is_legacy && vocabulary < 0 ? -vocabulary : vocabulary, "vocab_size", 3, 1 << 20);
  s.positions = size_of(read[6], "seq_len", 1, 1 << 20);
  check_divides(s.heads, s.dim, "n_heads", "dim");
  check_divides(s.kv_heads, s.heads, "n_kv_heads", "n_heads");
  if (s.head() % 2 != 0)
    refuse("n_heads", std::to_string(s.heads) + " leaves heads of " + std::to_string(s.head()) +
                          " numbers, which is not an even count");
  return s;
}

/** Matrices of a checkpoint, in the order in which each of its versions has them after the norms. */
struct Matrix {
  const char* name;
  std::size_t rows;
  std::size_t columns;
};

Matrix embeddings(const DecoderShape& s) { return {"tok_embeddings", s.vocabulary, s.dim}; }
Matrix classifier(const DecoderShape& s) { return {"output", s.vocabulary, s.dim}; }
std::array<Matrix, 4> attention(const DecoderShape& s) {
  return {{{"wq", s.dim, s.dim}, {"wk", s.kv_dim(), s.dim}, {"wv", s.kv_dim(), s.dim}, {"wo", s.dim, s.dim}}};
}
std::array<Matrix, 3> feed_forward(const DecoderShape& s) {
  return {{{"w1", s.hidden, s.dim}, {"w2", s.dim, s.hidden}, {"w3", s.hidden, s.dim}}};
}

/** Bytes of a file after its header, where each matrix has `bytes_of` of them. */
template <class F>
std::uint64_t bytes_of_all(const CheckpointHeader& h, F&& bytes_of) {
  const DecoderShape& s = h.shape;
  std::uint64_t layer = 0;
  for (const Matrix& m : attention(s)) layer += bytes_of(m);
  for (const Matrix& m : feed_forward(s)) layer += bytes_of(m);
  std::uint64_t floats = std::uint64_t{2 * s.layers + 1} * s.dim;
  // Tables of cosines and sines, which nothing reads any more.
  if (h.version == 0) floats += std::uint64_t{s.positions} * s.head();
  return 4 * floats + s.layers * layer + bytes_of(embeddings(s)) + (h.is_shared ? 0 : bytes_of(classifier(s)));
}

/** Numbers of six bits that fill whole bytes, and how many these are. */
constexpr std::size_t six_bit_run = 4;
constexpr std::size_t six_bit_bytes = 3;

std::uint64_t bytes_asked(const CheckpointHeader& h) {
  return h.start + bytes_of_all(h, [&](const Matrix& m) {
           const std::uint64_t numbers = std::uint64_t{m.rows} * m.columns;
           switch (h.version) {
             case 2:
               return numbers + numbers / h.group * 4;
             case 6:
               return numbers / six_bit_run * six_bit_bytes + 2 * std::uint64_t{m.rows};
             default:
               return 4 * numbers;
           }
         });
}

void check_fills_bytes(std::size_t size, const char* field) {
  if (size % six_bit_run != 0)
    refuse(field, std::to_string(size) + " is no multiple of " + std::to_string(six_bit_run));
}

void read_versioned(CheckpointHeader& h, Bytes first) {
  h.version = number_at<std::int32_t>(first, 4);
  if (h.version != 1 && h.version != 2 && h.version != 6)
    refuse("version", std::to_string(h.version) + " is not 1, 2 or 6");
  if (first.size() < header_bytes)
    refuse("size", std::to_string(first.size()) + " bytes are less than its header of " + std::to_string(header_bytes));
  h.start = header_bytes;
  h.shape = shape_of(number_at<std::array<std::int32_t, 7>>(first, 8), false);
  h.is_shared = size_of(first[36], "shared_classifier", 0, 1) == 1;
  if (h.version == 6) {
    check_fills_bytes(h.shape.dim, "dim");
    check_fills_bytes(h.shape.hidden, "hidden_dim");
  }
  if (h.version != 2) return;
  h.group = size_of(number_at<std::int32_t>(first, 37), "group_size", 1, 1 << 16);
  check_divides(h.group, h.shape.dim, "group_size", "dim");
}

/** The number of half precision (IEEE 754 binary16) of these bits. */
float of_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const auto fraction = static_cast<float>(bits & 1023);
  const float size = exponent == 0    ? std::ldexp(fraction, -24)
                     : exponent == 31 ? std::numeric_limits<float>::infinity()
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

/** Takes a checkpoint's numbers one tensor after another, each into its place. */
class Source {
 public:
  Source(const CheckpointHeader& header, Bytes file)
      : version_(header.version), group_(header.group), file_(file), at_(header.start) {}

  void norm(const char* name, std::vector<float>& to, std::size_t size) {
    to.resize(size);
    floats(name, to.data(), size);
  }
  void skip(std::size_t count) { at_ += 4 * count; }
  /** Into the rows of `to` from `row` on. */
  void matrix(const Matrix& m, PackedMatrix& to, std::size_t row) {
    if (version_ == 2) {
      bytes(m, to, row);
    } else if (version_ == 6) {
      six_bits(m, to, row);
    } else {
      numbers_.resize(m.columns);
      for (std::size_t r = 0; r < m.rows; ++r) {
        floats(m.name, numbers_.data(), m.columns);
        to.set_row(row + r, numbers_.data());
      }
    }
  }
  /** A matrix of so many columns, of the kind that the checkpoint has. */
  [[nodiscard]] PackedMatrix room(std::size_t rows, std::size_t columns) const { return {rows, columns, run(columns)}; }

 private:
  /** Groups go on from a row to the next: where they do not divide it, a run is what no border of either cuts. */
  [[nodiscard]] std::size_t run(std::size_t columns) const {
    if (version_ == 6) return columns;
    return group_ == 0 ? 0 : std::gcd(group_, columns);
  }

  void floats(const char* name, float* to, std::size_t count) {
    std::memcpy(to, file_.data() + at_, 4 * count);
    at_ += 4 * count;
    for (std::size_t k = 0; k < count; ++k)
      if (!std::isfinite(to[k])) refuse(name, to_text(to[k]) + " is not a finite number");
  }

  static void check_scale(const Matrix& m, float scale) {
    if (!std::isfinite(scale)) refuse(m.name, to_text(scale) + " is not a finite number");
    if (scale < 0) refuse(m.name, to_text(scale) + " is a scale below 0");
  }

  void six_bits(const Matrix& m, PackedMatrix& to, std::size_t row) {
    const std::uint8_t* codes = file_.data() + at_;
    at_ += m.rows * m.columns / six_bit_run * six_bit_bytes;
    std::vector<std::int8_t> line(m.columns);
    for (std::size_t r = 0; r < m.rows; ++r) {
      for (std::size_t c = 0; c < m.columns; c += six_bit_run, codes += six_bit_bytes) {
        const std::uint32_t bits = codes[0] | codes[1] << 8 | codes[2] << 16;
        for (std::size_t k = 0; k < six_bit_run; ++k)
          line[c + k] = static_cast<std::int8_t>(static_cast<int>(bits >> 6 * k & 63) - 32);
      }
      const float scale = of_half(number_at<std::uint16_t>(file_, at_ + 2 * r));
      check_scale(m, scale);
      to.set_row(row + r, line.data(), &scale);
    }
    at_ += 2 * m.rows;
  }

  void bytes(const Matrix& m, PackedMatrix& to, std::size_t row) {
    const std::size_t count = m.rows * m.columns;
    std::vector<std::int8_t> line(m.columns);
    const std::size_t from = at_;
    at_ += count;
    numbers_.resize(count / group_);
    floats(m.name, numbers_.data(), numbers_.size());
    for (const float scale : numbers_) check_scale(m, scale);
    const std::size_t each = run(m.columns);
    std::vector<float> scales(m.columns / each);
    for (std::size_t r = 0; r < m.rows; ++r) {
      std::memcpy(line.data(), file_.data() + from + r * m.columns, m.columns);
      for (std::size_t k = 0; k < scales.size(); ++k) scales[k] = numbers_[(r * m.columns + k * each) / group_];
      to.set_row(row + r, line.data(), scales.data());
    }
  }

  int version_;
  std::size_t group_;
  Bytes file_;
  std::size_t at_;
  std::vector<float> numbers_;
};

void make_room(const Source& source, DecoderWeights& w) {
  const DecoderShape& s = w.shape;
  w.embeddings = source.room(s.vocabulary, s.dim);
  w.layers.resize(s.layers);
  for (DecoderLayer& layer : w.layers) {
    layer.attention_in = source.room(s.dim + 2 * s.kv_dim(), s.dim);
    layer.attention_out = source.room(s.dim, s.dim);
    layer.hidden_in = source.room(2 * s.hidden, s.dim);
    layer.hidden_out = source.room(s.dim, s.hidden);
  }
}

void read_attention(Source& source, DecoderWeights& w) {
  const DecoderShape& s = w.shape;
  const auto [wq, wk, wv, wo] = attention(s);
  for (DecoderLayer& layer : w.layers) source.matrix(wq, layer.attention_in, 0);
  for (DecoderLayer& layer : w.layers) source.matrix(wk, layer.attention_in, s.dim);
  for (DecoderLayer& layer : w.layers) source.matrix(wv, layer.attention_in, s.dim + s.kv_dim());
  for (DecoderLayer& layer : w.layers) source.matrix(wo, layer.attention_out, 0);
}

void read_feed_forward(Source& source, DecoderWeights& w) {
  const auto [w1, w2, w3] = feed_forward(w.shape);
  for (DecoderLayer& layer : w.layers) source.matrix(w1, layer.hidden_in, 0);
  for (DecoderLayer& layer : w.layers) source.matrix(w2, layer.hidden_out, 0);
  for (DecoderLayer& layer : w.layers) source.matrix(w3, layer.hidden_in, w.shape.hidden);
}

void read_attention_norms(Source& source, DecoderWeights& w) {
  for (DecoderLayer& layer : w.layers) source.norm("attention_norm", layer.attention_norm, w.shape.dim);
}
void read_hidden_norms(Source& source, DecoderWeights& w) {
  for (DecoderLayer& layer : w.layers) source.norm("ffn_norm", layer.hidden_norm, w.shape.dim);
}

void read_legacy_order(Source& source, DecoderWeights& w) {
  const DecoderShape& s = w.shape;
  source.matrix(embeddings(s), w.embeddings, 0);
  read_attention_norms(source, w);
  read_attention(source, w);
  read_hidden_norms(source, w);
  read_feed_forward(source, w);
  source.norm("norm", w.last_norm, s.dim);
  source.skip(s.positions * s.head());
}

void read_versioned_order(Source& source, DecoderWeights& w) {
  read_attention_norms(source, w);
  read_hidden_norms(source, w);
  source.norm("norm", w.last_norm, w.shape.dim);
  source.matrix(embeddings(w.shape), w.embeddings, 0);
  read_attention(source, w);
  read_feed_forward(source, w);
}

}  // namespace

CheckpointHeader read_header(Bytes first, std::size_t file_bytes) {
  if (file_bytes > most_checkpoint_bytes)
    refuse("size", std::to_string(file_bytes) + " bytes are more than " + std::to_string(most_checkpoint_bytes));
  constexpr std::size_t legacy_bytes = 28;
  if (first.size() < legacy_bytes)
    refuse("size",
           std::to_string(first.size()) + " bytes are less than the least header of " + std::to_string(legacy_bytes));
  CheckpointHeader h;
  const auto begin = number_at<std::uint32_t>(first, 0);
  if (begin == magic_reversed) refuse("magic", "its bytes stand in big-endian order; little-endian is read");
  if (begin == magic) {
    read_versioned(h, first);
  } else {
    const auto read = number_at<std::array<std::int32_t, 7>>(first, 0);
    h.shape = shape_of(read, true);
    h.is_shared = read[5] > 0;
    h.start = legacy_bytes;
  }
  const std::uint64_t asked = bytes_asked(h);
  if (file_bytes != asked)
    refuse("size",
           std::to_string(file_bytes) + " bytes are not the " + std::to_string(asked) + " that its header asks for");
  return h;
}

DecoderWeights read_checkpoint(Bytes file) {
  const CheckpointHeader header = read_header(file, file.size());
  DecoderWeights w;
  w.shape = header.shape;
  Source source(header, file);
  make_room(source, w);
  if (header.version == 0) {
    read_legacy_order(source, w);
  } else {
    read_versioned_order(source, w);
  }
  if (!header.is_shared) {
    w.own_classifier = source.room(header.shape.vocabulary, header.shape.dim);
    source.matrix(classifier(header.shape), w.own_classifier, 0);
  }
  return w;
}

}  // namespace tiltlab
