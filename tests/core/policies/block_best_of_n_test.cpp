#include "policies/block_best_of_n.hpp"

#include <catch2/catch.hpp>

#include "policies/registry.hpp"

using namespace tiltlab;

TEST_CASE("blocks are of whole tokens, and a KL stands for n alone") {
  const auto refusal = [](const ExtraPolicy& asked) {
    try {
      check(asked, "policies[0]");
    } catch (const std::exception& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(refusal({&block_best_of_n_kind, {4, 2}}).empty());
  CHECK(refusal({&block_best_of_n_kind, {4, 0}, 1.0}).empty());
  CHECK(refusal({&block_best_of_n_kind, {2.5, 2}}) == "policies[0].block: 2.5 is not an integer");
  CHECK(refusal({&block_best_of_n_kind, {0, 2}, 1.0}) == "policies[0].block: 0 is not in [1, 1000000000]");
  CHECK(refusal({&block_best_of_n_kind, {4, 0.5}}).find("policies[0].n: 0.5 is not ") == 0);
  CHECK(refusal({&block_best_of_n_kind, {4, 2}, -1.0}).find("policies[0].kl: -1 is not in ") == 0);
}
