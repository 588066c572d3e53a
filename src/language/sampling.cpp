#include "language/sampling.hpp"

#include <algorithm>

#include "error.hpp"
#include "language/elementary.hpp"
#include "language/lanes.hpp"

namespace tiltlab {
namespace {

/** Place of the largest, and among equals of the first. */
std::uint32_t place_of_top(std::span<const float> logits) {
  using lanes::Floats;
  const std::size_t whole = logits.size() / lanes::width * lanes::width;
  Floats most = lanes::all(logits[0]);
  // Zero unless some logit is infinite or none.
  Floats trouble{};
  for (std::size_t i = 0; i < whole; i += lanes::width) {
    const Floats four = lanes::load(logits.data() + i);
    trouble += four - four;
    most = lanes::larger(most, four);
  }
  float top = lanes::largest(most);
  float rest = lanes::sum(trouble);
  for (std::size_t i = whole; i < logits.size(); ++i) {
    rest += logits[i] - logits[i];
    top = std::max(top, logits[i]);
  }
  if (rest != 0) throw InputError("checkpoint", "its weights give logits that are not finite numbers");
  return static_cast<std::uint32_t>(std::find(logits.begin(), logits.end(), top) - logits.begin());
}

double log_share(double weight_log, double sum) { return weight_log - portable::log(sum); }

}  // namespace

double TokenSampler::weigh(std::span<const float> logits, float top, double temperature) {
  using lanes::Floats;
  const std::size_t padded = (logits.size() + lanes::width - 1) / lanes::width * lanes::width;
  weights_.resize(padded);
  std::copy(logits.begin(), logits.end(), weights_.begin());
  const Floats most = lanes::all(top);
  const Floats slope = lanes::all(static_cast<float>(1 / temperature));
  double sum[lanes::width] = {};
  for (std::size_t i = 0; i < padded; i += lanes::width) {
    const Floats weight = lanes::exponential((lanes::load(weights_.data() + i) - most) * slope);
    lanes::store(weights_.data() + i, weight);
    for (std::size_t k = 0; k < lanes::width; ++k)
      if (i + k < logits.size()) sum[k] += static_cast<double>(weight[k]);
  }
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

DrawnToken TokenSampler::likeliest(std::span<const float> logits) {
  const std::uint32_t at = place_of_top(logits);
  return {at, log_share(0, weigh(logits, logits[at], 1))};
}

TokenShares TokenSampler::shares(std::span<const float> logits) {
  const double sum = weigh(logits, logits[place_of_top(logits)], 1);
  return {std::span<const float>(weights_).first(logits.size()), sum};
}

DrawnToken TokenSampler::draw(std::span<const float> logits, double temperature, double uniform) {
  const float top = logits[place_of_top(logits)];
  const double own = temperature == 1 ? 0 : weigh(logits, top, 1);
  const double sum = weigh(logits, top, temperature);
  double left = uniform * sum;
  std::size_t at = 0;
  // The last token has what rounding leaves.
  for (; at + 1 < logits.size(); ++at) {
    left -= static_cast<double>(weights_[at]);
    if (left < 0) break;
  }
  const double rise = static_cast<double>(logits[at]) - static_cast<double>(top);
  return {static_cast<std::uint32_t>(at), log_share(rise, temperature == 1 ? sum : own)};
}

}  // namespace tiltlab
