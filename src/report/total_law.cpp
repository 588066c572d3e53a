#include "report/total_law.hpp"

#include <algorithm>
#include <cmath>

#include "numerics/log_domain.hpp"

namespace tiltlab {

TotalLaw total_law(const TokenLaw& token, std::int64_t length, const RewardLaw& law, const Policy& policy,
                   std::size_t origin, bool log_p) {
  const DoubleDouble start = (token.base + token.unit * token.step[origin]) * from_integer(length);
  const double scale = law.log_scale.value();
  const bool own_unit = (law.unit - token.unit).value() == 0;
  TotalLaw out;
  out.point = own_unit ? 1 : (law.unit / token.unit).value();
  const auto add = [&](double offset, double mass, double gold, double value) {
    const double step = ((law.base + law.unit * (law.center + DoubleDouble(offset)) - start) / token.unit).value();
    out.step.push_back(token.lattice.empty() ? step : std::round(step));
    out.mass.push_back(mass);
    out.gold.push_back(gold);
    out.value.push_back(value);
  };
  // Levels of rewards that were moved are not the model's own: as far as anybody can tell, none is drawn twice.
  const bool moved = token.lattice.empty() && !own_unit;
  std::vector<double> value(law.size());
  std::vector<double> log_mass(law.size());
  for (std::size_t j = 0; j < law.size(); ++j) {
    value[j] = !log_p ? policy.log_ratio[j] + scale : moved ? -HUGE_VAL : law.log_mass[j] - scale;
    log_mass[j] = policy.log_ratio[j] + law.log_mass[j];
  }
  bool even = law.stride > 1;
  for (std::size_t j = 1; j < law.size(); ++j) even = even && law.offset[j] - law.offset[j - 1] == law.stride;
  if (even) {
    out.stride = std::ceil(law.stride / 16);
    const double width = law.offset.back() - law.offset.front();
    for (double k = 0; k * out.stride <= width; ++k) {
      const double at = k * out.stride / law.stride;
      const auto j = std::min(static_cast<std::size_t>(at), law.size() - 1);
      const double t = at - static_cast<double>(j);
      add(law.offset.front() + k * out.stride, out.stride * std::exp(between(log_mass, log_mass, j, t)),
          between(law.gold, log_mass, j, t), moved && log_p ? -HUGE_VAL : between(value, log_mass, j, t));
    }
  } else {
    out.stride = law.stride;
    for (std::size_t j = 0; j < law.size(); ++j) add(law.offset[j], policy.mass[j] * law.stride, law.gold[j], value[j]);
  }
  double total = 0;
  for (const double mass : out.mass) out.cdf.push_back(total += mass);
  return out;
}

}  // namespace tiltlab
