#pragma once
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif
#include <array>
#include <cstdint>

#include "simulation/philox.hpp"

namespace tiltlab {

/**
 * Words of a random stream in bulk, the same and in the same order as `RandomStream::word`: sixteen at a time, four
 * counters side by side, which compilers turn into vector instructions.
 */
class WordSource {
 public:
  /** @param block where in the draw's sequence of blocks of four words it begins */
  WordSource(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw, std::uint32_t block = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        block_(block),
        draw_(draw),
        replicate_(replicate),
        of_(static_cast<std::uint32_t>(of)) {}

  static constexpr std::size_t size = 16;

  const std::array<std::uint32_t, size>& next() {
    fill();
    block_ += lanes;
    return words_;
  }

 private:
  /** Counters side by side. */
  static constexpr int lanes = 4;

#ifdef __wasm_simd128__
  // Compilers do not find the widening multiplication by themselves.
  void fill() {
    v128_t c0 = wasm_i32x4_add(wasm_i32x4_splat(static_cast<int>(block_)), wasm_i32x4_make(0, 1, 2, 3));
    v128_t c1 = wasm_i32x4_splat(static_cast<int>(draw_));
    v128_t c2 = wasm_i32x4_splat(static_cast<int>(replicate_));
    v128_t c3 = wasm_i32x4_splat(static_cast<int>(of_));
    v128_t k0 = wasm_i32x4_splat(static_cast<int>(key_[0]));
    v128_t k1 = wasm_i32x4_splat(static_cast<int>(key_[1]));
    const v128_t m0 = wasm_i32x4_splat(static_cast<int>(0xD2511F53));
    const v128_t m1 = wasm_i32x4_splat(static_cast<int>(0xCD9E8D57));
    for (int round = 0; round < 10; ++round) {
      const v128_t a_low = wasm_u64x2_extmul_low_u32x4(c0, m0);
      const v128_t a_high = wasm_u64x2_extmul_high_u32x4(c0, m0);
      const v128_t b_low = wasm_u64x2_extmul_low_u32x4(c2, m1);
      const v128_t b_high = wasm_u64x2_extmul_high_u32x4(c2, m1);
      c0 = wasm_v128_xor(wasm_v128_xor(wasm_i32x4_shuffle(b_low, b_high, 1, 3, 5, 7), c1), k0);
      c2 = wasm_v128_xor(wasm_v128_xor(wasm_i32x4_shuffle(a_low, a_high, 1, 3, 5, 7), c3), k1);
      c1 = wasm_i32x4_shuffle(b_low, b_high, 0, 2, 4, 6);
      c3 = wasm_i32x4_shuffle(a_low, a_high, 0, 2, 4, 6);
      k0 = wasm_i32x4_add(k0, wasm_i32x4_splat(static_cast<int>(0x9E3779B9)));
      k1 = wasm_i32x4_add(k1, wasm_i32x4_splat(static_cast<int>(0xBB67AE85)));
    }
    store(c0, c1, c2, c3);
  }

  /** From lanes of one counter word each to blocks of four words. */
  void store(v128_t c0, v128_t c1, v128_t c2, v128_t c3) {
    const v128_t x0 = wasm_i32x4_shuffle(c0, c1, 0, 4, 1, 5);
    const v128_t x1 = wasm_i32x4_shuffle(c0, c1, 2, 6, 3, 7);
    const v128_t y0 = wasm_i32x4_shuffle(c2, c3, 0, 4, 1, 5);
    const v128_t y1 = wasm_i32x4_shuffle(c2, c3, 2, 6, 3, 7);
    wasm_v128_store(words_.data(), wasm_i64x2_shuffle(x0, y0, 0, 2));
    wasm_v128_store(words_.data() + 4, wasm_i64x2_shuffle(x0, y0, 1, 3));
    wasm_v128_store(words_.data() + 8, wasm_i64x2_shuffle(x1, y1, 0, 2));
    wasm_v128_store(words_.data() + 12, wasm_i64x2_shuffle(x1, y1, 1, 3));
  }
#else
  void fill() {
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
  }
#endif

  PhiloxKey key_;
  std::uint32_t block_;
  std::uint32_t draw_;
  std::uint32_t replicate_;
  std::uint32_t of_;
  std::array<std::uint32_t, size> words_{};
};

/** A `RandomStream` for many numbers: the same ones, from words in bulk. */
class BulkStream {
 public:
  BulkStream(std::uint64_t seed, StreamOf of, std::uint32_t replicate, std::uint32_t draw)
      : source_(seed, of, replicate, draw) {}

  std::uint32_t word() {
    if (used_ == WordSource::size) {
      words_ = &source_.next();
      used_ = 0;
    }
    return (*words_)[used_++];
  }

  double uniform() {
    const std::uint64_t high = word();
    return static_cast<double>(((high << 32) | word()) >> 11) * 0x1p-53;
  }

 private:
  WordSource source_;
  const std::array<std::uint32_t, WordSource::size>* words_ = nullptr;
  std::size_t used_ = WordSource::size;
};

}  // namespace tiltlab
