// How numbers lie in memory, and what they are computed in.
#pragma once

#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "target.hpp"

namespace RHEOBASE_TARGET {

struct Half {
  std::uint16_t bits;
};

struct BFloat16 {
  std::uint16_t bits;
};

template <class S> struct ComputingType { using type = S; };
template <> struct ComputingType<Half> { using type = float; };
template <> struct ComputingType<BFloat16> { using type = float; };
template <class S> using Computing = typename ComputingType<S>::type;

// ---- Between storage and computing type ----------------------------------------------------------

constexpr float widen(Half h) {
  std::uint32_t sign = std::uint32_t(h.bits & 0x8000u) << 16, rest = h.bits & 0x7fffu;
  float size = __builtin_bit_cast(float, rest << 13) * 0x1p112f;  // exact, subnormals too
  std::uint32_t bits = __builtin_bit_cast(std::uint32_t, size);
  return __builtin_bit_cast(float, sign | (rest >= 0x7c00u ? bits | 0x7f800000u : bits));
}

constexpr Half narrow(float x) {
  std::uint32_t all = __builtin_bit_cast(std::uint32_t, x), bits = all & 0x7fffffffu;
  float size = __builtin_bit_cast(float, bits);
  std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, size + 0.5f) - 0x3f000000u;
  std::uint32_t normal = (bits + 0xc8000fffu + ((bits >> 13) & 1u)) >> 13;
  std::uint32_t finite = bits < 0x38800000u ? subnormal : normal;
  std::uint32_t infinite = bits > 0x7f800000u ? 0x7e00u : 0x7c00u;
  std::uint32_t half = bits >= 0x47800000u ? infinite : finite;
  return {std::uint16_t(half | ((all >> 16) & 0x8000u))};
}

constexpr float widen(BFloat16 b) { return __builtin_bit_cast(float, std::uint32_t(b.bits) << 16); }

constexpr BFloat16 narrow_brain(float x) {
  std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x);
  std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return {std::uint16_t(x != x ? (bits >> 16) | 0x40u : rounded)};
}

template <class S> constexpr void convert(S x, S& to) { to = x; }
constexpr void convert(Half x, float& to) { to = widen(x); }
constexpr void convert(float x, Half& to) { to = narrow(x); }
constexpr void convert(BFloat16 x, float& to) { to = widen(x); }
constexpr void convert(float x, BFloat16& to) { to = narrow_brain(x); }

template <class From, class To> inline void convert_contiguous(const From* from, To* to, Index n) {
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) convert(from[i], to[i]);
}

#if defined(__F16C__)
inline void convert_contiguous(const Half* from, float* to, Index n) {
  Index i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= n; i += 16)
    _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)(from + i))));
#endif
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)(from + i))));
  for (; i < n; ++i) to[i] = widen(from[i]);
}
inline void convert_contiguous(const float* from, Half* to, Index n) {
  Index i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= n; i += 16)
    _mm256_storeu_si256((__m256i*)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), 0));
#endif
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128((__m128i*)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), 0));
  for (; i < n; ++i) to[i] = narrow(from[i]);
}
#endif

template <class S, class T> inline void gather(const char* from, Index stride, T* to, Index n) {
  if (stride == Index(sizeof(S))) return convert_contiguous((const S*)from, to, n);
  for (Index i = 0; i < n; ++i) convert(*(const S*)(from + i * stride), to[i]);
}

template <class S, class T> inline void scatter(const T* from, char* to, Index stride, Index n) {
  if (stride == Index(sizeof(S))) return convert_contiguous(from, (S*)to, n);
  for (Index i = 0; i < n; ++i) convert(from[i], *(S*)(to + i * stride));
}

}  // namespace RHEOBASE_TARGET
