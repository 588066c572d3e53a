#include "simulation/philox.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tiltlab;

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams: the same address gives the same numbers, another seed, policy, replicate or draw gives others") {
  const auto first = [](RandomStream stream) { return stream.uniform(); };
  const double here = first({7, StreamOf::base, 3, 5});
  CHECK(here == first({7, StreamOf::base, 3, 5}));
  CHECK(here != first({8, StreamOf::base, 3, 5}));
  CHECK(here != first({7 + (std::uint64_t{1} << 32), StreamOf::base, 3, 5}));
  CHECK(here != first({7, StreamOf::kl_rl, 3, 5}));
  CHECK(here != first({7, StreamOf::base, 4, 5}));
  CHECK(here != first({7, StreamOf::base, 3, 6}));
}

TEST_CASE("a stream's numbers are uniform on [0, 1)") {
  RandomStream stream(1, StreamOf::base, 0, 0);
  constexpr int count = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double u = stream.uniform();
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
  }
  // Five standard deviations of each mean.
  CHECK(std::fabs(sum / count - 0.5) < 5 / std::sqrt(12.0 * count));
  CHECK(std::fabs(squares / count - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / count));
}
