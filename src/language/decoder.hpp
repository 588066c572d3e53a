#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "language/attention.hpp"
#include "language/checkpoint.hpp"

namespace tiltlab {

/** A token that a sequence has at a position, whose cache holds all before it. */
struct DecoderRow {
  std::uint32_t token = 0;
  std::size_t position = 0;
  KeyValueCache* cache = nullptr;
};

/**
 * A decoder of the Llama family (RMSNorm, rotary positions, grouped queries, SwiGLU) in float. Rows of many sequences
 * share each reading of the weights, and a row's bits are the same alone and among others. Sources: H. Touvron et al.,
 * "LLaMA: open and efficient foundation language models" (2023); J. Su et al., "RoFormer: enhanced transformer with
 * rotary position embedding" (2021); N. Shazeer, "GLU variants improve transformer" (2020).
 */
class Decoder {
 public:
  explicit Decoder(DecoderWeights weights) : weights_(std::move(weights)) {}

  [[nodiscard]] const DecoderShape& shape() const { return weights_.shape; }

  /**
   * Adds each row to its sequence's cache. Rows of one sequence stand in ascending order of position.
   * @param rows of tokens below `vocabulary`, at positions below `positions`
   * @param scored how many rows, from the last, have logits
   * @return logits of the next token, unscaled, for each of those rows: they hold until the next call
   */
  std::span<const float> forward(std::span<const DecoderRow> rows, std::size_t scored);
  /** From a row's logits to the next's. */
  [[nodiscard]] std::size_t logit_stride() const { return weights_.embeddings.padded_rows(); }

 private:
  void turn_to(std::size_t position);
  void rotate(float* heads, std::size_t count, std::size_t position) const;
  void hear(std::span<const DecoderRow> rows, std::size_t layer);
  void think(std::size_t rows, const DecoderLayer& layer);
  void normalise(std::size_t row, const std::vector<float>& weight, float* to) const;

  DecoderWeights weights_;
  /** Cosines and sines of positions' angles: head / 2 pairs a position. */
  std::vector<float> turns_;
  std::size_t turned_ = 0;
  /** What rows carry from layer to layer, dim numbers each. */
  std::vector<float> state_;
  std::vector<float> normed_;
  std::vector<float> wide_;
  std::vector<float> gated_;
  std::vector<float> change_;
  std::vector<float> logits_;
  std::vector<float> scratch_;
};

}  // namespace tiltlab
