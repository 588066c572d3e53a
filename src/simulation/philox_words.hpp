#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "simulation/philox.hpp"

namespace tiltlab {

/**
 * Words of a random stream in bulk, the same and in the same order as `RandomStream::word`: sixteen at a time, four
 * counters side by side, which compilers turn into vector instructions.
 */
class WordSource {
 public:
  WordSource(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        draw_(draw),
        replicate_(replicate),
        of_(static_cast<std::uint32_t>(of)) {}

  static constexpr std::size_t size = 16;

  const std::array<std::uint32_t, size>& next() {
    constexpr int lanes = 4;
    std::uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
    for (int i = 0; i < lanes; ++i) {
      c0[i] = block_ + static_cast<std::uint32_t>(i);
      c1[i] = draw_;
      c2[i] = replicate_;
      c3[i] = of_;
    }
    std::uint32_t k0 = key_[0];
    std::uint32_t k1 = key_[1];
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < lanes; ++i) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * c0[i];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c2[i];
        const std::uint32_t n0 = static_cast<std::uint32_t>(b >> 32) ^ c1[i] ^ k0;
        const std::uint32_t n2 = static_cast<std::uint32_t>(a >> 32) ^ c3[i] ^ k1;
        c1[i] = static_cast<std::uint32_t>(b);
        c3[i] = static_cast<std::uint32_t>(a);
        c0[i] = n0;
        c2[i] = n2;
      }
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    for (int i = 0; i < lanes; ++i) {
      words_[4 * static_cast<std::size_t>(i)] = c0[i];
      words_[4 * static_cast<std::size_t>(i) + 1] = c1[i];
      words_[4 * static_cast<std::size_t>(i) + 2] = c2[i];
      words_[4 * static_cast<std::size_t>(i) + 3] = c3[i];
    }
    block_ += lanes;
    return words_;
  }

 private:
  PhiloxKey key_;
  std::uint32_t block_ = 0;
  std::uint32_t draw_;
  std::uint32_t replicate_;
  std::uint32_t of_;
  std::array<std::uint32_t, size> words_{};
};

}  // namespace tiltlab
