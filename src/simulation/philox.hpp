#pragma once
#include <array>
#include <cstdint>

namespace tiltlab {

/**
 * Philox4x32-10: 128 random bits as a function of a 128-bit counter and a 64-bit key, so that any draw can be computed
 * anywhere in any order. Source: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as
 * easy as 1, 2, 3" (SC 2011), section 4.
 */
using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

[[nodiscard]] constexpr PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  constexpr int rounds = 10;
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

/** What a stream is for; part of its counter, so that no two policies share a random number. */
enum class StreamOf : std::uint32_t { base = 0, best_of_n = 1, kl_rl = 2, near_optimum = 3, extra = 4, text = 5 };

/**
 * The random words of one draw of one replicate of one policy, one after another: counter = (block, draw, replicate,
 * policy), key = seed. Up to 2^34 words a draw, 2^32 draws, 2^32 replicates.
 */
class RandomStream {
 public:
  /** @param block where in the draw's sequence of blocks it begins */
  constexpr RandomStream(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw,
                         std::uint32_t block = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{block, draw, replicate, static_cast<std::uint32_t>(of)} {}

  constexpr std::uint32_t word() {
    if (used_ == block_.size()) {
      block_ = philox(counter_, key_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

  /** Uniform on [0, 1), of 53 bits. */
  constexpr double uniform() {
    const std::uint64_t high = word();
    return static_cast<double>(((high << 32) | word()) >> 11) * 0x1p-53;
  }

 private:
  PhiloxKey key_;
  PhiloxCounter counter_;
  PhiloxCounter block_{};
  std::size_t used_ = 4;
};

}  // namespace tiltlab
