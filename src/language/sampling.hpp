#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace tiltlab {

/** A token that was drawn. */
struct DrawnToken {
  std::uint32_t token = 0;
  /** log of its probability by the model's own law, which is that of temperature 1 whatever drew it; nats. */
  double log_probability = 0;
};

struct TokenShares {
  std::span<const float> weights;
  double sum = 0;
};

/** Draws tokens of the law proportional to exp(logit / temperature), whose bits are the same natively and in wasm. */
class TokenSampler {
 public:
  /** The likeliest token, and among equals the first. @throws InputError where a logit is not finite */
  [[nodiscard]] DrawnToken likeliest(std::span<const float> logits);
  /**
   * The token in whose stretch `uniform` falls, where tokens' probabilities are laid beside each other in their order.
   * @param temperature in [0.01, 100]
   * @param uniform in [0, 1)
   * @throws InputError where a logit is not finite
   */
  [[nodiscard]] DrawnToken draw(std::span<const float> logits, double temperature, double uniform);
  /**
   * The chance with which `draw` at temperature 1 draws each token: weight over sum. They hold until the next call.
   * @throws InputError where a logit is not finite
   */
  [[nodiscard]] TokenShares shares(std::span<const float> logits);

 private:
  /** Writes exp((logit - top) / temperature) for each. @return their sum */
  double weigh(std::span<const float> logits, float top, double temperature);

  std::vector<float> weights_;
};

}  // namespace tiltlab
