#include "language/sampling.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "error.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

namespace {

const std::vector<float> logits{1, -2, 0.5, 1, 0, -30, 0.25};

std::vector<double> law(double temperature) {
  std::vector<double> p;
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) / temperature);
  for (const float x : logits) p.push_back(std::exp(static_cast<double>(x) / temperature) / sum);
  return p;
}

}  // namespace

TEST_CASE("the likeliest token is the first of equals", "[language]") {
  TokenSampler sampler;
  const DrawnToken drawn = sampler.likeliest(logits);
  CHECK(drawn.token == 0);
  CHECK_THAT(drawn.log_probability, WithinAbs(std::log(law(1)[0]), 1e-6));
}

TEST_CASE("tokens have their stretches, and their logs are those of temperature 1", "[language]") {
  const double temperature = GENERATE(0.5, 1.0, 3.0);
  TokenSampler sampler;
  const auto p = law(temperature);
  double below = 0;
  for (std::uint32_t token = 0; token < logits.size(); ++token) {
    if (p[token] > 1e-6)
      for (const double inside : {0.001, 0.5, 0.999}) {
        const DrawnToken drawn = sampler.draw(logits, temperature, below + inside * p[token]);
        CHECK(drawn.token == token);
        CHECK_THAT(drawn.log_probability, WithinAbs(std::log(law(1)[token]), 1e-6));
      }
    below += p[token];
  }
  CHECK(sampler.draw(logits, temperature, 0).token == 0);
  CHECK(sampler.draw(logits, temperature, 1 - 0x1p-53).token == logits.size() - 1);
}

TEST_CASE("a cold draw is the likeliest, at any logits", "[language]") {
  TokenSampler sampler;
  const std::vector<float> far{-3e38F, 3e38F, 0};
  CHECK(sampler.draw(far, 0.01, 0.5).token == 1);
  CHECK(sampler.draw(far, 0.01, 0.5).log_probability == 0);
}

TEST_CASE("logits that are not numbers are refused", "[language]") {
  const float bad = GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  TokenSampler sampler;
  for (std::size_t at = 0; at < logits.size(); ++at) {
    std::vector<float> some = logits;
    some[at] = bad;
    CHECK_THROWS_AS(sampler.likeliest(some), InputError);
    CHECK_THROWS_AS(sampler.draw(some, 1, 0.5), InputError);
  }
}
