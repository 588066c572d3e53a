#include "language/decoder.hpp"

#include <algorithm>
#include <cmath>

#include "language/elementary.hpp"
#include "language/lanes.hpp"

namespace tiltlab {
namespace {

using lanes::Floats;

/** What keeps the norm of zeros finite, as the checkpoints' training has it. */
constexpr float norm_floor = 1e-5F;

/** Of which a position turns the first pair by 1 radian, and the last by nearly 1 / `slowest`. */
constexpr double slowest = 10000;

float sum_of_squares(const float* x, std::size_t count) {
  Floats sum{};
  std::size_t k = 0;
  for (; k + lanes::width <= count; k += lanes::width) {
    const Floats four = lanes::load(x + k);
    sum += four * four;
  }
  float rest = 0;
  for (; k < count; ++k) rest += x[k] * x[k];
  return lanes::sum(sum) + rest;
}

/** gate * sigma(gate) * value. @param gate @param value of `count` numbers, and as many past them as fill a vector */
void open_gate(const float* gate, const float* value, std::size_t count, float* to) {
  for (std::size_t k = 0; k < count; k += lanes::width) {
    const Floats g = lanes::load(gate + k);
    const Floats opened = g / (lanes::all(1) + lanes::exponential(-g));
    lanes::store(to + k, opened * lanes::load(value + k));
  }
}

std::size_t up(std::size_t count) { return (count + lanes::width - 1) / lanes::width * lanes::width; }

}  // namespace

void Decoder::turn_to(std::size_t position) {
  const std::size_t pairs = shape().head() / 2;
  for (; turned_ <= position; ++turned_)
    for (std::size_t i = 0; i < pairs; ++i) {
      const double speed = portable::exp(-portable::log(slowest) * static_cast<double>(i) / static_cast<double>(pairs));
      const auto turn = portable::cosine_and_sine(static_cast<double>(turned_) * speed);
      turns_.push_back(static_cast<float>(turn.cosine));
      turns_.push_back(static_cast<float>(turn.sine));
    }
}

void Decoder::rotate(float* heads, std::size_t count, std::size_t position) const {
  const std::size_t head = shape().head();
  const float* turn = turns_.data() + position * head;
  for (std::size_t h = 0; h < count; ++h, heads += head)
    for (std::size_t i = 0; i < head; i += 2) {
      const float a = heads[i];
      const float b = heads[i + 1];
      heads[i] = a * turn[i] - b * turn[i + 1];
      heads[i + 1] = a * turn[i + 1] + b * turn[i];
    }
}

void Decoder::normalise(std::size_t row, const std::vector<float>& weight, float* to) const {
  const std::size_t dim = shape().dim;
  const float* x = state_.data() + row * dim;
  const float scale = 1 / std::sqrt(sum_of_squares(x, dim) / static_cast<float>(dim) + norm_floor);
  for (std::size_t k = 0; k < dim; ++k) to[k] = weight[k] * (scale * x[k]);
}

void Decoder::hear(std::span<const DecoderRow> rows, std::size_t layer) {
  const DecoderShape& s = shape();
  const DecoderLayer& w = weights_.layers[layer];
  const std::size_t stride = w.attention_in.padded_rows();
  for (std::size_t r = 0; r < rows.size(); ++r) normalise(r, w.attention_norm, normed_.data() + r * s.dim);
  w.attention_in.multiply(normed_.data(), s.dim, wide_.data(), stride, rows.size(), scratch_);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    float* query = wide_.data() + r * stride;
    float* key = query + s.dim;
    rotate(query, s.heads, rows[r].position);
    rotate(key, s.kv_heads, rows[r].position);
    rows[r].cache->put(layer, rows[r].position, key, key + s.kv_dim());
  }
  for (std::size_t r = 0; r < rows.size(); ++r)
    attend(s, *rows[r].cache, layer, rows[r].position, wide_.data() + r * stride, normed_.data() + r * s.dim, scratch_);
  w.attention_out.multiply(normed_.data(), s.dim, change_.data(), w.attention_out.padded_rows(), rows.size(), scratch_);
}

void Decoder::think(std::size_t rows, const DecoderLayer& w) {
  const DecoderShape& s = shape();
  const std::size_t wide = w.hidden_in.padded_rows() + lanes::width;
  const std::size_t gated = up(s.hidden);
  for (std::size_t r = 0; r < rows; ++r) normalise(r, w.hidden_norm, normed_.data() + r * s.dim);
  w.hidden_in.multiply(normed_.data(), s.dim, wide_.data(), wide, rows, scratch_);
  for (std::size_t r = 0; r < rows; ++r)
    open_gate(wide_.data() + r * wide, wide_.data() + r * wide + s.hidden, s.hidden, gated_.data() + r * gated);
  w.hidden_out.multiply(gated_.data(), gated, change_.data(), w.hidden_out.padded_rows(), rows, scratch_);
}

std::span<const float> Decoder::forward(std::span<const DecoderRow> rows, std::size_t scored) {
  const DecoderShape& s = shape();
  const std::size_t count = rows.size();
  const DecoderLayer& any = weights_.layers.front();
  const std::size_t out = any.attention_out.padded_rows();
  state_.resize(count * s.dim);
  normed_.resize(count * s.dim);
  wide_.resize(count * (std::max(any.attention_in.padded_rows(), any.hidden_in.padded_rows()) + lanes::width));
  gated_.resize(count * up(s.hidden));
  change_.resize(count * out);
  for (std::size_t r = 0; r < count; ++r) {
    turn_to(rows[r].position);
    weights_.embeddings.copy_row(rows[r].token, state_.data() + r * s.dim);
  }
  const auto take_change = [&] {
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t k = 0; k < s.dim; ++k) state_[r * s.dim + k] += change_[r * out + k];
  };
  for (std::size_t layer = 0; layer < s.layers; ++layer) {
    hear(rows, layer);
    take_change();
    think(count, weights_.layers[layer]);
    take_change();
  }
  for (std::size_t r = 0; r < scored; ++r)
    normalise(count - scored + r, weights_.last_norm, normed_.data() + r * s.dim);
  logits_.resize(scored * logit_stride());
  weights_.classifier().multiply(normed_.data(), s.dim, logits_.data(), logit_stride(), scored, scratch_);
  return logits_;
}

}  // namespace tiltlab
