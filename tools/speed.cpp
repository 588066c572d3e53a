// Draws token by token natively, for the ratio that `npm run bench` prints: million tokens a second.
#include <chrono>
#include <cstdio>

#include "report/simulated.hpp"

int main() {
  const std::vector<double> p{0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05};
  const std::vector<double> reward{0, 1, 2, 3, -1, -2, 4, 5};
  constexpr double length = 40;
  constexpr double draws = 3000;
  const tiltlab::Tokens model = tiltlab::memoryless_model(p, reward, length, false, "model.tokens");
  const tiltlab::Simulation simulation =
      tiltlab::make_simulation(model, tiltlab::make_budget("n", draws, model), "tokens", 1, 100000);
  const tiltlab::Sampler sampler(simulation.plan);
  using clock = std::chrono::steady_clock;
  const auto start = clock::now();
  double seconds = 0;
  double checked = 0;
  std::uint32_t replicate = 0;
  do {
    checked += tiltlab::simulate(sampler, replicate++, 1)[0];
    seconds = std::chrono::duration<double>(clock::now() - start).count();
  } while (seconds < 1.5);
  std::printf("%.1f\n", replicate * length * draws / seconds / 1e6);
  return checked == checked ? 0 : 1;
}
