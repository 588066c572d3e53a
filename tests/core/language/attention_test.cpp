#include "language/attention.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support.hpp"

using namespace tiltlab;

TEST_CASE("a head hears the mean of values by its weights, however its sequence is divided", "[language]") {
  const std::size_t head = GENERATE(2U, 4U, 6U, 8U, 12U);
  const DecoderShape shape{4 * head, 1, 2, 4, 2, 3, 32};
  constexpr std::size_t positions = 23;
  test::Random random(head);
  const auto numbers = [&](std::size_t count) {
    std::vector<float> out(count);
    for (float& x : out) x = static_cast<float>(4 * random.uniform() - 2);
    return out;
  };
  KeyValueCache whole(shape, 0, positions, nullptr);
  KeyValueCache prompt(shape, 0, 10, nullptr);
  KeyValueCache rest(shape, 8, positions, &prompt);
  std::vector<std::vector<float>> keys, values;
  for (std::size_t p = 0; p < positions; ++p) {
    keys.push_back(numbers(shape.kv_dim()));
    values.push_back(numbers(shape.kv_dim()));
    whole.put(1, p, keys[p].data(), values[p].data());
    if (p < 10) prompt.put(1, p, keys[p].data(), values[p].data());
  }
  rest.copy(prompt, 10);
  for (std::size_t p = 10; p < positions; ++p) rest.put(1, p, keys[p].data(), values[p].data());
  std::vector<float> scratch;
  for (std::size_t p = 0; p < positions; ++p) {
    const std::vector<float> query = numbers(shape.dim);
    std::vector<float> scaled = query;
    std::vector<float> out(shape.dim);
    attend(shape, whole, 1, p, scaled.data(), out.data(), scratch);
    for (std::size_t h = 0; h < shape.heads; ++h) {
      std::vector<double> right(head);
      double sum = 0;
      for (std::size_t t = 0; t <= p; ++t) {
        double score = 0;
        for (std::size_t i = 0; i < head; ++i)
          score += static_cast<double>(query[h * head + i]) * static_cast<double>(keys[t][h / 2 * head + i]);
        const double weight = std::exp(score / std::sqrt(static_cast<double>(head)));
        sum += weight;
        for (std::size_t i = 0; i < head; ++i) right[i] += weight * static_cast<double>(values[t][h / 2 * head + i]);
      }
      for (std::size_t i = 0; i < head; ++i)
        CHECK(std::fabs(static_cast<double>(out[h * head + i]) - right[i] / sum) < 1e-5);
    }
    if (p < 10) continue;
    std::vector<float> divided(shape.dim);
    scaled = query;
    attend(shape, rest, 1, p, scaled.data(), divided.data(), scratch);
    CHECK(divided == out);
  }
}
