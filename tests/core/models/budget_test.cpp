#include "models/budget.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "error.hpp"

using namespace tiltlab;

TEST_CASE("budgets are as exact as they were written") {
  CHECK(make_budget("kl", 2.5, std::nullopt).kl.value() == 2.5);
  CHECK(make_budget("n", 1, std::nullopt).kl.value() == 0);
  CHECK(make_budget("n", 16, std::nullopt).kl.value() == 4 * std::log(2.0));
  // .1 nats a token is a tenth, and not the double next to it: 10 tokens have 1 nat.
  CHECK((make_budget("kl_per_token", 0.1, 10).kl - DoubleDouble(1)).value() == Approx(0).margin(1e-30));
}

TEST_CASE("a budget that cannot be is refused by its field") {
  CHECK_THROWS_WITH(make_budget("n", 0.5, std::nullopt), "budget.n: 0.5 is not a number of at least 1");
  CHECK_THROWS_WITH(make_budget("kl", -1, std::nullopt), "budget.kl: -1 is not in [0, 1000000000000]");
  CHECK_THROWS_WITH(make_budget("kl", NAN, std::nullopt), Catch::Contains("budget.kl: NaN"));
  CHECK_THROWS_WITH(make_budget("kl_per_token", 1, std::nullopt), "budget.kl_per_token: needs a model with a length");
  CHECK_THROWS_WITH(make_budget("kl_per_token", 1e4, 1000000000), Catch::Contains("is not in [0, 1000]"));
  CHECK_THROWS_WITH(make_budget("nats", 1, std::nullopt), Catch::Contains("is not one of n, log_n, kl, kl_per_token"));
}
