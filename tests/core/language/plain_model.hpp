#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "language/checkpoint.hpp"
#include "support.hpp"

/** A decoder written plainly, in double and without a cache, with its files; and small random ones. */
namespace tiltlab::test {

using File = std::vector<std::uint8_t>;
using Tensor = std::vector<float>;

template <class T>
void write(File& to, const T& value) {
  const std::size_t at = to.size();
  to.resize(at + sizeof value);
  std::memcpy(to.data() + at, &value, sizeof value);
}
inline void write_all(File& to, const Tensor& numbers) {
  for (const float x : numbers) write(to, x);
}
template <class T>
void overwrite(File& to, std::size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}

struct PlainLayer {
  Tensor attention_norm, wq, wk, wv, wo, hidden_norm, w1, w2, w3;
};

struct PlainModel {
  DecoderShape shape;
  Tensor embeddings, last_norm, classifier;
  std::vector<PlainLayer> layers;
  bool is_shared = true;

  /** Its matrices in the order of versions 1 and 2. */
  std::vector<Tensor*> matrices() {
    std::vector<Tensor*> out{&embeddings};
    for (const auto part : {&PlainLayer::wq, &PlainLayer::wk, &PlainLayer::wv, &PlainLayer::wo, &PlainLayer::w1,
                            &PlainLayer::w2, &PlainLayer::w3})
      for (PlainLayer& layer : layers) out.push_back(&(layer.*part));
    if (!is_shared) out.push_back(&classifier);
    return out;
  }
  std::vector<Tensor*> norms() {
    std::vector<Tensor*> out;
    for (PlainLayer& layer : layers) out.push_back(&layer.attention_norm);
    for (PlainLayer& layer : layers) out.push_back(&layer.hidden_norm);
    out.push_back(&last_norm);
    return out;
  }
  void make_room() {
    const DecoderShape& s = shape;
    layers.resize(s.layers);
    embeddings.resize(s.vocabulary * s.dim);
    last_norm.resize(s.dim);
    if (!is_shared) classifier.resize(s.vocabulary * s.dim);
    for (PlainLayer& l : layers) {
      l.attention_norm.resize(s.dim);
      l.hidden_norm.resize(s.dim);
      l.wq.resize(s.dim * s.dim);
      l.wk.resize(s.kv_dim() * s.dim);
      l.wv.resize(s.kv_dim() * s.dim);
      l.wo.resize(s.dim * s.dim);
      l.w1.resize(s.hidden * s.dim);
      l.w2.resize(s.dim * s.hidden);
      l.w3.resize(s.hidden * s.dim);
    }
  }
};

inline PlainModel random_model(std::uint64_t seed, bool is_shared, const DecoderShape& shape) {
  PlainModel m;
  m.shape = shape;
  m.is_shared = is_shared;
  m.make_room();
  Random random(seed);
  const auto centred = [&] { return static_cast<float>(random.uniform() - 0.5); };
  for (Tensor* norm : m.norms())
    for (float& x : *norm) x = 1 + centred();
  for (Tensor* matrix : m.matrices())
    for (float& x : *matrix) x = centred();
  return m;
}

/** Heads of 6, which fill no vectors; a hidden width that groups of 8 go across. */
inline DecoderShape tiny_shape() { return {24, 20, 2, 4, 2, 270, 48}; }

inline std::array<std::int32_t, 7> numbers_of(const DecoderShape& s) {
  std::array<std::int32_t, 7> out{};
  const std::array<std::size_t, 7> in{s.dim, s.hidden, s.layers, s.heads, s.kv_heads, s.vocabulary, s.positions};
  for (std::size_t i = 0; i < 7; ++i) out[i] = static_cast<std::int32_t>(in[i]);
  return out;
}

inline File legacy_file(PlainModel m) {
  File out;
  auto numbers = numbers_of(m.shape);
  if (!m.is_shared) numbers[5] = -numbers[5];
  write(out, numbers);
  write_all(out, m.embeddings);
  for (const auto part : {&PlainLayer::attention_norm, &PlainLayer::wq, &PlainLayer::wk, &PlainLayer::wv,
                          &PlainLayer::wo, &PlainLayer::hidden_norm, &PlainLayer::w1, &PlainLayer::w2, &PlainLayer::w3})
    for (const PlainLayer& layer : m.layers) write_all(out, layer.*part);
  write_all(out, m.last_norm);
  // Nothing reads the tables of turns.
  write_all(out, Tensor(m.shape.positions * m.shape.head(), 0.5F));
  write_all(out, m.classifier);
  return out;
}

inline File header_of(const PlainModel& m, std::int32_t version) {
  File out;
  write(out, std::uint32_t{0x616b3432});
  write(out, version);
  write(out, numbers_of(m.shape));
  write(out, static_cast<std::uint8_t>(m.is_shared));
  return out;
}

inline File versioned_file(PlainModel m) {
  File out = header_of(m, 1);
  out.resize(header_bytes);
  for (const Tensor* norm : m.norms()) write_all(out, *norm);
  for (const Tensor* matrix : m.matrices()) write_all(out, *matrix);
  return out;
}

/**
 * Writes the model in bytes, and makes its weights what these bytes say.
 * @param scales_last after all of the bytes, as exporters once had them, instead of each after its own
 */
inline File quantised_file(PlainModel& m, std::int32_t group, bool scales_last = false) {
  File out = header_of(m, 2);
  write(out, group);
  out.resize(header_bytes);
  for (const Tensor* norm : m.norms()) write_all(out, *norm);
  const auto size = static_cast<std::size_t>(group);
  Tensor scales;
  for (Tensor* matrix : m.matrices()) {
    for (std::size_t g = 0; g < matrix->size(); g += size) {
      float most = 0;
      for (std::size_t k = g; k < g + size; ++k) most = std::max(most, std::fabs((*matrix)[k]));
      scales.push_back(most / 127);
      for (std::size_t k = g; k < g + size; ++k) {
        const auto byte = static_cast<std::int8_t>(std::lround((*matrix)[k] / scales.back()));
        write(out, byte);
        (*matrix)[k] = static_cast<float>(byte) * scales.back();
      }
    }
    if (scales_last) continue;
    write_all(out, scales);
    scales.clear();
  }
  write_all(out, scales);
  return out;
}

/** Writes the model in six bits, of scales that are powers of 2, and makes its weights what these bits say. */
inline File six_bit_file(PlainModel& m) {
  File out = header_of(m, 6);
  out.resize(header_bytes);
  for (const Tensor* norm : m.norms()) write_all(out, *norm);
  for (Tensor* matrix : m.matrices()) {
    const bool is_of_hidden = std::any_of(m.layers.begin(), m.layers.end(), [&](auto& l) { return &l.w2 == matrix; });
    const std::size_t columns = is_of_hidden ? m.shape.hidden : m.shape.dim;
    std::vector<std::uint16_t> scales;
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < matrix->size(); ++k) {
      const int power = static_cast<int>(k / columns % 3);
      if (k % columns == 0) scales.push_back(static_cast<std::uint16_t>((15 - 5 - power) << 10));
      const float scale = std::ldexp(1.0F, -5 - power);
      const auto code = static_cast<int>(std::clamp(std::lround((*matrix)[k] / scale), -32L, 31L));
      (*matrix)[k] = static_cast<float>(code) * scale;
      bits |= static_cast<std::uint32_t>(code + 32) << 6 * (k % 4);
      if (k % 4 != 3) continue;
      for (int byte = 0; byte < 3; ++byte) write(out, static_cast<std::uint8_t>(bits >> 8 * byte));
      bits = 0;
    }
    for (const std::uint16_t scale : scales) write(out, scale);
  }
  return out;
}

inline PlainModel model_of(const File& legacy) {
  std::array<std::int32_t, 7> n{};
  std::memcpy(n.data(), legacy.data(), sizeof n);
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(n[i]); };
  PlainModel m;
  m.shape = {at(0), at(1), at(2), at(3), at(4), at(5), at(6)};
  m.make_room();
  std::size_t from = sizeof n;
  const auto take = [&](Tensor& to) {
    std::memcpy(to.data(), legacy.data() + from, 4 * to.size());
    from += 4 * to.size();
  };
  take(m.embeddings);
  for (const auto part : {&PlainLayer::attention_norm, &PlainLayer::wq, &PlainLayer::wk, &PlainLayer::wv,
                          &PlainLayer::wo, &PlainLayer::hidden_norm, &PlainLayer::w1, &PlainLayer::w2, &PlainLayer::w3})
    for (PlainLayer& layer : m.layers) take(layer.*part);
  take(m.last_norm);
  return m;
}

using Numbers = std::vector<double>;

inline Numbers times(const Tensor& matrix, const Numbers& x) {
  Numbers out(matrix.size() / x.size());
  for (std::size_t r = 0; r < out.size(); ++r)
    for (std::size_t k = 0; k < x.size(); ++k) out[r] += static_cast<double>(matrix[r * x.size() + k]) * x[k];
  return out;
}
inline Numbers normed(const Numbers& x, const Tensor& weight) {
  double squares = 0;
  for (const double each : x) squares += each * each;
  Numbers out = x;
  for (std::size_t k = 0; k < x.size(); ++k)
    out[k] *= static_cast<double>(weight[k]) / std::sqrt(squares / static_cast<double>(x.size()) + 1e-5);
  return out;
}
inline void turn(Numbers& x, std::size_t head, std::size_t position) {
  for (std::size_t i = 0; i < x.size(); i += 2) {
    const double angle =
        static_cast<double>(position) * std::pow(10000, -static_cast<double>(i % head) / static_cast<double>(head));
    const double a = x[i];
    x[i] = a * std::cos(angle) - x[i + 1] * std::sin(angle);
    x[i + 1] = a * std::sin(angle) + x[i + 1] * std::cos(angle);
  }
}

/** Logits after each of the tokens: a row a position. */
inline std::vector<Numbers> plain_logits(const PlainModel& m, const std::vector<std::uint32_t>& tokens) {
  const DecoderShape& s = m.shape;
  const std::size_t head = s.head();
  std::vector<Numbers> x;
  for (const std::uint32_t token : tokens)
    x.emplace_back(m.embeddings.begin() + static_cast<std::ptrdiff_t>(token * s.dim),
                   m.embeddings.begin() + static_cast<std::ptrdiff_t>((token + 1) * s.dim));
  const auto add = [](Numbers& to, const Numbers& change) {
    for (std::size_t k = 0; k < to.size(); ++k) to[k] += change[k];
  };
  for (const PlainLayer& layer : m.layers) {
    std::vector<Numbers> keys, values;
    for (std::size_t p = 0; p < x.size(); ++p) {
      const Numbers in = normed(x[p], layer.attention_norm);
      Numbers query = times(layer.wq, in);
      keys.push_back(times(layer.wk, in));
      values.push_back(times(layer.wv, in));
      turn(query, head, p);
      turn(keys.back(), head, p);
      Numbers heard(s.dim);
      for (std::size_t h = 0; h < s.heads; ++h) {
        const std::size_t kv = h / (s.heads / s.kv_heads) * head;
        Numbers weight(p + 1);
        double sum = 0;
        for (std::size_t t = 0; t <= p; ++t) {
          double score = 0;
          for (std::size_t i = 0; i < head; ++i) score += query[h * head + i] * keys[t][kv + i];
          sum += weight[t] = std::exp(score / std::sqrt(static_cast<double>(head)));
        }
        for (std::size_t t = 0; t <= p; ++t)
          for (std::size_t i = 0; i < head; ++i) heard[h * head + i] += weight[t] / sum * values[t][kv + i];
      }
      add(x[p], times(layer.wo, heard));
      const Numbers next = normed(x[p], layer.hidden_norm);
      Numbers gate = times(layer.w1, next);
      const Numbers up = times(layer.w3, next);
      for (std::size_t k = 0; k < gate.size(); ++k) gate[k] *= up[k] / (1 + std::exp(-gate[k]));
      add(x[p], times(layer.w2, gate));
    }
  }
  std::vector<Numbers> out;
  for (const Numbers& each : x)
    out.push_back(times(m.is_shared ? m.embeddings : m.classifier, normed(each, m.last_norm)));
  return out;
}

/** Each join's score is above those of longer ones. */
inline File tokenizer_of(const std::vector<std::string>& pieces) {
  File out;
  write(out, std::int32_t{8});
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    write(out, -static_cast<float>(i));
    write(out, static_cast<std::int32_t>(pieces[i].size()));
    out.insert(out.end(), pieces[i].begin(), pieces[i].end());
  }
  return out;
}

/** Specials, bytes, and these. */
inline File tiny_tokenizer(std::size_t vocabulary = 270) {
  std::vector<std::string> pieces{"<unk>", "\n<s>\n", "\n</s>\n"};
  char spelling[8];
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::snprintf(spelling, sizeof spelling, "<0x%02X>", byte);
    pieces.emplace_back(spelling);
  }
  for (const char* piece : {" ", "a", "b", "ab", " a", "aa", " ab", "é", "abab", "c"}) pieces.emplace_back(piece);
  while (pieces.size() < vocabulary) pieces.push_back("word" + std::to_string(pieces.size()));
  pieces.resize(vocabulary);
  return tokenizer_of(pieces);
}

/** Thirteen tokens, so few that all drafts of some can be listed. */
inline File letters_tokenizer() {
  return tokenizer_of({"<unk>", "\n<s>\n", "\n</s>\n", " ", "a", "b", "c", "ab", "ba", " a", " b", "bb", "aa"});
}

/** A file of the model that tests may read from the shared folder; empty where there is none. */
inline File shared_file(const char* name) {
  const char* folder = std::getenv("TILTLAB_SHARED");
  if (folder == nullptr) return {};
  std::ifstream file(std::string(folder) + "/data/stories260K/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace tiltlab::test
