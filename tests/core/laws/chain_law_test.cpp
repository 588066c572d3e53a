#include "laws/chain_law.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace tiltlab;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Made {
  MarkovLaw law;
  Recurrence recurrence;
  std::int64_t length;
  /** By state and sum, a transition after another. */
  std::map<std::int64_t, double> mass;

  [[nodiscard]] ChainAt at() const { return {law, recurrence, length, from_integer(mass.rbegin()->first)}; }
};

Made made(std::int64_t length) {
  MarkovLaw law = make_markov_law(std::vector<double>{0.5, 0.5}, std::vector<double>{0.7, 0.3, 0.45, 0.55},
                                  std::vector<double>{0, 3, 1, 4}, 1);
  Recurrence r = recurrence_of(law);
  std::vector<std::map<std::int64_t, double>> now(2);
  now[0][0] = now[1][0] = 0.5;
  for (std::int64_t i = 0; i < length; ++i) {
    std::vector<std::map<std::int64_t, double>> next(2);
    for (const Transition& t : law.transitions) {
      for (const auto& [sum, p] : now[t.from]) next[t.to][sum + law.rewards.lattice[t.level]] += p * t.p.value();
    }
    now = std::move(next);
  }
  Made out{std::move(law), std::move(r), length, now[0]};
  for (const auto& [sum, p] : now[1]) out.mass[sum] += p;
  return out;
}

}  // namespace

TEST_CASE("masses of a chain's sums are those of the list, where best-of-N visits them") {
  for (const std::int64_t length : {20, 150}) {
    const Made m = made(length);
    for (const double b : {0.0, 0.2, 0.9}) {
      Waves left;
      const auto law = chain_law(m.at(), tilted_chain(m.law, m.recurrence, b), left);
      CHECK(left.second == 0);
      REQUIRE(law);
      double listed = 0;
      for (std::size_t j = 0; j < law->size(); ++j) {
        const auto level = static_cast<std::int64_t>(std::llround((law->center + law->exact_offset(j)).value()));
        const double p = std::exp(law->log_mass[j] - law->log_scale.value());
        const double error = std::exp(law->log_error[j] - law->log_scale.value());
        INFO(length << " " << b << " " << level);
        const auto exact = m.mass.find(level);
        CHECK_THAT(p, WithinAbs(exact == m.mass.end() ? 0 : exact->second, law->point_error * error));
        double above = 0;
        for (auto each = m.mass.upper_bound(level); each != m.mass.end(); ++each) above += each->second;
        CHECK_THAT(std::exp(law->log_above[j] - law->log_scale.value()), WithinAbs(above, error + 1e-14 * above));
        listed += p * law->stride;
      }
      if (b == 0) CHECK_THAT(listed, WithinAbs(1, 1e-12));
    }
  }
}

TEST_CASE("how often a tilted chain loses is what the list says") {
  const Made m = made(60);
  const double b = 0.3;
  double z = 0;
  for (const auto& [sum, p] : m.mass) z += p * std::exp(b * static_cast<double>(sum));
  double loss = 0;
  for (const auto& [s, p] : m.mass) {
    for (const auto& [other, q] : m.mass) {
      const double both = p * std::exp(b * static_cast<double>(s)) / z * q;
      loss += s < other ? both : s == other ? both / 2 : 0;
    }
  }
  const ChainSum sum = sum_of(tilted_chain(m.law, m.recurrence, b), m.length);
  CHECK_THAT(sum.log_mgf.value(), WithinRel(std::log(z), 1e-13));
  CHECK_THAT(chain_loss(m.at(), tilted_chain(m.law, m.recurrence, b / 2), sum.log_mgf).value, WithinRel(loss, 1e-11));
}

TEST_CASE("a picture of a chain's tilt holds its mass") {
  const Made m = made(150);
  const ChainMasses masses = chain_masses(m.at(), tilted_chain(m.law, m.recurrence, 0.2), 400);
  double total = 0;
  for (const double x : masses.mass) total += x * masses.stride;
  CHECK_THAT(total, WithinAbs(1, 1e-5));
}
