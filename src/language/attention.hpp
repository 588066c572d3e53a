#pragma once
#include <cstddef>
#include <vector>

#include "language/checkpoint.hpp"

namespace tiltlab {

/**
 * Keys and values of a sequence's positions from `first` on; those before are in `earlier`, which several sequences may
 * share. Both begin at a multiple of `block`, so that sums go in the same order however a sequence is divided.
 */
class KeyValueCache {
 public:
  /** Positions whose keys stand side by side. */
  static constexpr std::size_t block = 4;

  KeyValueCache() = default;
  /** For positions first .. end - 1. @param first a multiple of `block`, which `earlier` has all positions below */
  KeyValueCache(const DecoderShape& shape, std::size_t first, std::size_t end, const KeyValueCache* earlier);

  /** Bytes that one for so many positions holds. */
  [[nodiscard]] static double bytes(const DecoderShape& shape, std::size_t positions);

  /** @param key @param value of `kv_dim` numbers */
  void put(std::size_t layer, std::size_t position, const float* key, const float* value);
  /** Takes positions first .. end - 1 from another cache of the same sequence, which holds them itself. */
  void copy(const KeyValueCache& from, std::size_t end);

  /** A block's keys: `head` rows of `block` positions. */
  [[nodiscard]] const float* keys(std::size_t layer, std::size_t kv_head, std::size_t position) const {
    return keys_.data() + (lane(layer, kv_head) + position - first_) * head_;
  }
  /** A position's values, and zeros up to a whole vector. */
  [[nodiscard]] const float* values(std::size_t layer, std::size_t kv_head, std::size_t position) const {
    return values_.data() + (lane(layer, kv_head) + position - first_) * padded_head_;
  }
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] const KeyValueCache* earlier() const { return earlier_; }

 private:
  [[nodiscard]] std::size_t lane(std::size_t layer, std::size_t kv_head) const {
    return (layer * kv_heads_ + kv_head) * positions_;
  }

  std::size_t layers_ = 0;
  std::size_t kv_heads_ = 0;
  std::size_t head_ = 0;
  std::size_t padded_head_ = 0;
  std::size_t first_ = 0;
  std::size_t positions_ = 0;
  const KeyValueCache* earlier_ = nullptr;
  std::vector<float> keys_;
  std::vector<float> values_;
};

/**
 * What a position hears of itself and of those before it: for each head the mean of values v_t with weights
 * proportional to exp(q . k_t / sqrt(head)). Sources: A. Vaswani et al., "Attention is all you need" (2017); J. Ainslie
 * et al., "GQA: training generalized multi-query transformer models from multi-head checkpoints" (2023).
 * @param query heads x head numbers, which are scaled in place
 * @param out as many
 * @param scratch for the weights
 */
void attend(const DecoderShape& shape, const KeyValueCache& cache, std::size_t layer, std::size_t position,
            float* query, float* out, std::vector<float>& scratch);

}  // namespace tiltlab
