#include "simulation/sum_tables.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "laws/finite.hpp"
#include "simulation/count_tables.hpp"
#include "simulation/philox.hpp"
#include "simulation/philox_words.hpp"
#include "support.hpp"

using namespace tiltlab;
using Catch::Matchers::WithinAbs;

TEST_CASE("totals from tables of totals occur as often as their probabilities say, at every length") {
  const std::vector<double> p{0.3, 0.25, 0.4, 0.05};
  const std::vector<double> step{0, 1, 3, 7};
  // 1 to 16 words a draft, and more.
  for (const std::int64_t length : {2, 7, 64, 1000, 4095, 3000000}) {
    const SumTables tables(p, step, length);
    SumTables::Words words;
    const double mean = static_cast<double>(length) * 1.8;
    const double sd = std::sqrt(static_cast<double>(length) * (0.25 + 3.6 + 2.45 - 1.8 * 1.8));
    constexpr std::uint32_t draws = 200000;
    double sum = 0;
    double squares = 0;
    std::map<double, double> seen;
    for (std::uint32_t k = 0; k < draws; ++k) {
      const double total = tables.total(4, StreamOf::base, 2, k, words);
      const double z = (total - mean) / sd;
      sum += z;
      squares += z * z;
      ++seen[total];
    }
    CAPTURE(length);
    CHECK_THAT(sum / draws, WithinAbs(0, 4 / std::sqrt(draws)));
    CHECK_THAT(squares / draws, WithinAbs(1, 6 * std::sqrt(2.0 / draws)));
    // One draft by itself is what it was among others.
    SumTables::Words fresh;
    const double again = tables.total(4, StreamOf::base, 2, 12345, fresh);
    CHECK(again == tables.total(4, StreamOf::base, 2, 12345, words));
    if (length > 1000) continue;
    const RewardLaw law = convolved_law(test::sequence({p, step}, length).token, length,
                                        tilt_at(test::sequence({p, step}, length).token, 0));
    double chi2 = 0;
    double degrees = -1;
    for (std::size_t j = 0; j < law.size(); ++j) {
      const double total = (law.base + law.unit * (law.center + DoubleDouble(law.offset[j]))).value();
      const double expected = draws * std::exp(law.log_mass[j] - law.log_scale.value());
      if (expected < 20) continue;
      chi2 += (seen[total] - expected) * (seen[total] - expected) / expected;
      ++degrees;
    }
    CAPTURE(chi2, degrees);
    CHECK(degrees > 4);
    CHECK(std::fabs(chi2 - degrees) <= 4 * std::sqrt(2 * degrees) + 1);
  }
}
