#include "simulation/philox_words.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "simulation/philox.hpp"

using namespace tiltlab;

TEST_CASE("words in bulk are the stream's own") {
  WordSource words(123456789012345, StreamOf::best_of_n, 77, 1234567);
  RandomStream stream(123456789012345, StreamOf::best_of_n, 77, 1234567);
  for (int k = 0; k < 5; ++k) {
    for (const std::uint32_t word : words.next()) CHECK(word == stream.word());
  }
}
