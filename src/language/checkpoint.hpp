#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "language/packed_matrix.hpp"

namespace tiltlab {

using Bytes = std::span<const std::uint8_t>;

/** The shape of a decoder. Source: H. Touvron et al., "Llama 2: open foundation and fine-tuned chat models" (2023). */
struct DecoderShape {
  std::size_t dim = 0;
  std::size_t hidden = 0;
  std::size_t layers = 0;
  /** Of queries. */
  std::size_t heads = 0;
  /** Of keys and values, each shared by heads / kv_heads of queries. */
  std::size_t kv_heads = 0;
  std::size_t vocabulary = 0;
  /** Positions that it was trained for. */
  std::size_t positions = 0;

  [[nodiscard]] std::size_t head() const { return dim / heads; }
  [[nodiscard]] std::size_t kv_dim() const { return head() * kv_heads; }
};

/** By the names that checkpoints' exporters give them. */
template <class F>
void fields(F&& f, const DecoderShape& s) {
  f("dim", static_cast<double>(s.dim));
  f("hidden_dim", static_cast<double>(s.hidden));
  f("n_layers", static_cast<double>(s.layers));
  f("n_heads", static_cast<double>(s.heads));
  f("n_kv_heads", static_cast<double>(s.kv_heads));
  f("vocab_size", static_cast<double>(s.vocabulary));
  f("seq_len", static_cast<double>(s.positions));
}

/** What a checkpoint's first bytes say, and what follows from it. */
struct CheckpointHeader {
  /** 0 and 1 hold float32, 2 bytes in groups that share a scale, 6 six bits a number in rows that share one. */
  int version = 0;
  DecoderShape shape;
  /** Whether the classifier is the table of embeddings. */
  bool is_shared = false;
  /** Bytes to a scale; 0 but in version 2. */
  std::size_t group = 0;
  /** Where the numbers begin. */
  std::size_t start = 0;
};

/** How many of a file's first bytes say all that `read_header` asks. */
inline constexpr std::size_t header_bytes = 256;
/** The largest file that is read. */
inline constexpr std::size_t most_checkpoint_bytes = std::size_t{256} << 20;

/**
 * Reads the header of a checkpoint in the form of llama2.c (A. Karpathy, "llama2.c", 2023: `export.py`, versions 0, 1
 * and 2; little-endian), or in our own version 6. That is laid out as version 2 but for its matrices: of each first the
 * codes, number + 32 in six bits, row after row, the first in the lowest bits, four in three bytes; then a scale a row
 * in half precision.
 * @param first the file's first bytes, at least min(file_bytes, header_bytes)
 * @throws InputError naming checkpoint.<field> where a number breaks its rule, or where a file of `file_bytes` is not
 * exactly as long as its header asks
 */
[[nodiscard]] CheckpointHeader read_header(Bytes first, std::size_t file_bytes);

/** The weights of one block of a decoder. */
struct DecoderLayer {
  /** Of length dim. */
  std::vector<float> attention_norm;
  std::vector<float> hidden_norm;
  /** Queries, keys and values under each other: dim + 2 kv_dim rows of dim. */
  PackedMatrix attention_in;
  /** dim rows of dim. */
  PackedMatrix attention_out;
  /** The gate and what it opens to, under each other: 2 hidden rows of dim. */
  PackedMatrix hidden_in;
  /** dim rows of hidden. */
  PackedMatrix hidden_out;
};

struct DecoderWeights {
  DecoderShape shape;
  /** vocabulary rows of dim. */
  PackedMatrix embeddings;
  std::vector<DecoderLayer> layers;
  /** Of length dim. */
  std::vector<float> last_norm;
  /** vocabulary rows of dim; empty where the embeddings are it. */
  PackedMatrix own_classifier;

  [[nodiscard]] const PackedMatrix& classifier() const {
    return own_classifier.rows() > 0 ? own_classifier : embeddings;
  }
};

/**
 * Reads a whole checkpoint. Holds about as many bytes as the file has.
 * @throws InputError as `read_header` does, or naming checkpoint.<weights> where a number is not finite, or a scale is
 * below 0
 */
[[nodiscard]] DecoderWeights read_checkpoint(Bytes file);

}  // namespace tiltlab
