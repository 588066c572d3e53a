#include "language/attention.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "language/lanes.hpp"

namespace tiltlab {
namespace {

using lanes::Floats;
constexpr std::size_t block = KeyValueCache::block;
static_assert(block == lanes::width);

std::size_t up(std::size_t count) { return (count + block - 1) / block * block; }

/** Positions that one cache holds for a head, from a multiple of `block` on. */
struct Stretch {
  const float* keys;
  const float* values;
  std::size_t count;
};

std::array<Stretch, 2> stretches(const KeyValueCache& cache, std::size_t layer, std::size_t kv_head,
                                 std::size_t positions) {
  const std::size_t first = cache.first();
  std::array<Stretch, 2> out{};
  if (first > 0) out[0] = {cache.earlier()->keys(layer, kv_head, 0), cache.earlier()->values(layer, kv_head, 0), first};
  out[1] = {cache.keys(layer, kv_head, first), cache.values(layer, kv_head, first), positions - first};
  return out;
}

/** q . k of `B` blocks of positions beside each other, for `G` heads of queries. @param stride from head to head */
template <std::size_t B, std::size_t G>
void score_blocks(const float* key, std::size_t head, const float* query, float* score, std::size_t stride) {
  Floats sum[G][B] = {};
  for (std::size_t i = 0; i < head; ++i) {
    Floats keys[B];
    for (std::size_t b = 0; b < B; ++b) keys[b] = lanes::load(key + (b * head + i) * block);
    for (std::size_t g = 0; g < G; ++g) {
      const Floats q = lanes::all(query[g * head + i]);
      for (std::size_t b = 0; b < B; ++b) sum[g][b] += q * keys[b];
    }
  }
  for (std::size_t g = 0; g < G; ++g)
    for (std::size_t b = 0; b < B; ++b) lanes::store(score + g * stride + b * block, sum[g][b]);
}

/** q . k of every position; those past the last of a block are of no use. */
template <std::size_t G>
void write_scores(const std::array<Stretch, 2>& parts, std::size_t head, const float* query, float* score,
                  std::size_t stride) {
  constexpr std::size_t together = 4;
  for (const Stretch& part : parts) {
    const std::size_t blocks = up(part.count) / block;
    std::size_t b = 0;
    for (; b + together <= blocks; b += together, score += together * block)
      score_blocks<together, G>(part.keys + b * block * head, head, query, score, stride);
    for (; b < blocks; ++b, score += block)
      score_blocks<1, G>(part.keys + b * block * head, head, query, score, stride);
  }
}

/** Scores become weights. @return one over their sum */
float weigh(float* score, std::size_t positions) {
  const std::size_t padded = up(positions);
  std::fill(score + positions, score + padded, score[0]);
  Floats most = lanes::load(score);
  for (std::size_t t = block; t < padded; t += block) most = lanes::larger(most, lanes::load(score + t));
  const Floats top = lanes::all(lanes::largest(most));
  Floats sum{};
  std::size_t t = 0;
  for (; t + block < padded; t += block) {
    const Floats weight = lanes::exponential(lanes::load(score + t) - top);
    lanes::store(score + t, weight);
    sum += weight;
  }
  lanes::store(score + t, lanes::exponential(lanes::load(score + t) - top));
  std::fill(score + positions, score + padded, 0.0F);
  return 1 / lanes::sum(sum + lanes::load(score + t));
}

/** Of `G` heads of queries: what they weigh each position with. */
struct Weights {
  const float* weight;
  /** From head to head. */
  std::size_t stride;
};

/** The sums of `C` vectors' width of each position's values, by the weights of `G` heads: G x C vectors. */
template <std::size_t C, std::size_t G>
void write_sums(const std::array<Stretch, 2>& parts, std::size_t offset, std::size_t stride, Weights by, float* out,
                std::size_t out_stride) {
  // Even and odd positions apart, so that one addition need not wait for the one before.
  Floats sum[2][G][C] = {};
  const auto add = [&](const float* value, std::size_t k) {
    Floats values[C];
    for (std::size_t c = 0; c < C; ++c) values[c] = lanes::load(value + k * stride + c * lanes::width);
    for (std::size_t g = 0; g < G; ++g) {
      const Floats weight = lanes::all(by.weight[g * by.stride + k]);
      for (std::size_t c = 0; c < C; ++c) sum[k][g][c] += weight * values[c];
    }
  };
  for (const Stretch& part : parts) {
    const float* value = part.values + offset;
    std::size_t t = 0;
    for (; t + 2 <= part.count; t += 2, by.weight += 2, value += 2 * stride) {
      add(value, 0);
      add(value, 1);
    }
    if (t < part.count) add(value, 0);
  }
  for (std::size_t g = 0; g < G; ++g)
    for (std::size_t c = 0; c < C; ++c)
      lanes::store(out + g * out_stride + c * lanes::width, sum[0][g][c] + sum[1][g][c]);
}

/** What `G` heads of queries hear that share keys and values. @param query G x head, scaled @param out as many */
template <std::size_t G>
void hear(const std::array<Stretch, 2>& parts, std::size_t head, std::size_t positions, const float* query, float* out,
          std::vector<float>& scratch) {
  const std::size_t stride = up(positions);
  const std::size_t padded = up(head);
  // The last vector of a head may be wider than the head is.
  scratch.resize(G * (stride + padded));
  float* weight = scratch.data();
  float* sums = weight + G * stride;
  write_scores<G>(parts, head, query, weight, stride);
  float share[G];
  for (std::size_t g = 0; g < G; ++g) share[g] = weigh(weight + g * stride, positions);
  std::size_t c = 0;
  for (; c + 2 * lanes::width <= padded; c += 2 * lanes::width)
    write_sums<2, G>(parts, c, padded, {weight, stride}, sums + c, padded);
  if (c < padded) write_sums<1, G>(parts, c, padded, {weight, stride}, sums + c, padded);
  for (std::size_t g = 0; g < G; ++g)
    for (std::size_t i = 0; i < head; ++i) out[g * head + i] = sums[g * padded + i] * share[g];
}

}  // namespace

KeyValueCache::KeyValueCache(const DecoderShape& shape, std::size_t first, std::size_t end,
                             const KeyValueCache* earlier)
    : layers_(shape.layers),
      kv_heads_(shape.kv_heads),
      head_(shape.head()),
      padded_head_(up(shape.head())),
      first_(first),
      positions_(up(end - first)),
      earlier_(earlier),
      keys_(layers_ * kv_heads_ * positions_ * head_),
      values_(layers_ * kv_heads_ * positions_ * padded_head_) {}

double KeyValueCache::bytes(const DecoderShape& shape, std::size_t positions) {
  return static_cast<double>(sizeof(float)) * static_cast<double>(shape.layers * shape.kv_heads) *
         static_cast<double>(up(positions)) * static_cast<double>(shape.head() + up(shape.head()));
}

void KeyValueCache::put(std::size_t layer, std::size_t position, const float* key, const float* value) {
  const std::size_t at = position - first_;
  for (std::size_t h = 0; h < kv_heads_; ++h) {
    float* keys = keys_.data() + (lane(layer, h) + at / block * block) * head_ + at % block;
    for (std::size_t i = 0; i < head_; ++i) keys[i * block] = key[h * head_ + i];
    std::copy_n(value + h * head_, head_, values_.data() + (lane(layer, h) + at) * padded_head_);
  }
}

void KeyValueCache::copy(const KeyValueCache& from, std::size_t end) {
  const std::size_t count = up(end - first_);
  for (std::size_t layer = 0; layer < layers_; ++layer)
    for (std::size_t h = 0; h < kv_heads_; ++h) {
      std::copy_n(from.keys(layer, h, first_), count * head_, keys_.data() + lane(layer, h) * head_);
      std::copy_n(from.values(layer, h, first_), count * padded_head_, values_.data() + lane(layer, h) * padded_head_);
    }
}

void attend(const DecoderShape& shape, const KeyValueCache& cache, std::size_t layer, std::size_t position,
            float* query, float* out, std::vector<float>& scratch) {
  const std::size_t head = shape.head();
  const std::size_t group = shape.heads / shape.kv_heads;
  const float scale = 1 / std::sqrt(static_cast<float>(head));
  for (std::size_t i = 0; i < shape.dim; ++i) query[i] *= scale;
  for (std::size_t kv = 0; kv < shape.kv_heads; ++kv) {
    const auto parts = stretches(cache, layer, kv, position + 1);
    std::size_t g = 0;
    for (; g + 2 <= group; g += 2, query += 2 * head, out += 2 * head)
      hear<2>(parts, head, position + 1, query, out, scratch);
    for (; g < group; ++g, query += head, out += head) hear<1>(parts, head, position + 1, query, out, scratch);
  }
}

}  // namespace tiltlab
