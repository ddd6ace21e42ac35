// Lanes: a vector of floats, as wide as the instruction set has them. The functions of this folder are written
// once, in Lanes. Every operation is one IEEE operation a lane, so a result does not depend on the lane; the exception is
// `near_inverse`, whose result depends on its operand alone as well.
#pragma once

#include <utility>

#include "../arithmetic.hpp"
#include "../storage.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace RHEOBASE_TARGET {

#if defined(__AVX512F__)
constexpr int lane_count = 16;
#elif defined(__AVX2__)
constexpr int lane_count = 8;
#else
constexpr int lane_count = 4;
#endif

using FloatVector [[gnu::vector_size(4 * lane_count)]] = float;
using IntVector [[gnu::vector_size(4 * lane_count)]] = std::int32_t;
using BitVector [[gnu::vector_size(4 * lane_count)]] = std::uint32_t;
using DoubleVector [[gnu::vector_size(8 * lane_count)]] = double;
using HalfDoubles [[gnu::vector_size(4 * lane_count)]] = double;  // half of the lanes fit a register

struct Lanes {
  FloatVector v;
  Lanes() = default;
  Lanes(FloatVector v) : v(v) {}
  Lanes(float all) : v(all - FloatVector{}) {}
  explicit Lanes(BitVector bits) : v(FloatVector(bits)) {}
  BitVector bits() const { return BitVector(v); }
};

inline DoubleVector doubles(Lanes x) { return __builtin_convertvector(x.v, DoubleVector); }
inline Lanes floats(DoubleVector x) { return __builtin_convertvector(x, FloatVector); }

inline Lanes load(const float* from) {
  Lanes x;
  __builtin_memcpy(&x.v, from, sizeof x.v);
  return x;
}
inline void store(float* to, Lanes x) { __builtin_memcpy(to, &x.v, sizeof x.v); }

// The first `count` lanes alone.
#if defined(__AVX512F__)
inline Lanes load_part(const float* from, int count, Lanes others) {
  return _mm512_mask_loadu_ps(others.v, __mmask16((1u << count) - 1), from);
}
inline void store_part(float* to, int count, Lanes x) { _mm512_mask_storeu_ps(to, __mmask16((1u << count) - 1), x.v); }
#else
inline Lanes load_part(const float* from, int count, Lanes others) {
  for (int j = 0; j < count; ++j) others.v[j] = from[j];
  return others;
}
inline void store_part(float* to, int count, Lanes x) {
  for (int j = 0; j < count; ++j) to[j] = x.v[j];
}
#endif

// Past the caches; `to` is a multiple of the vector's size.
inline void stream(float* to, Lanes x) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, x.v);
#elif defined(__AVX2__)
  _mm256_stream_ps(to, x.v);
#elif defined(__x86_64__)
  _mm_stream_ps(to, x.v);
#else
  store(to, x);
#endif
}

inline Lanes operator+(Lanes a, Lanes b) { return a.v + b.v; }
inline Lanes operator-(Lanes a, Lanes b) { return a.v - b.v; }
inline Lanes operator*(Lanes a, Lanes b) { return a.v * b.v; }
inline Lanes operator/(Lanes a, Lanes b) { return a.v / b.v; }
inline Lanes operator-(Lanes a) { return Lanes(a.bits() ^ 0x80000000u); }

// ---- Choices -------------------------------------------------------------------------------------

#if defined(__AVX512F__)
struct Mask {
  __mmask16 v;
};
inline Mask operator<(Lanes a, Lanes b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Mask operator<=(Lanes a, Lanes b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
inline Mask operator==(Lanes a, Lanes b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline Mask operator&(Mask a, Mask b) { return {__mmask16(a.v & b.v)}; }
inline Mask operator|(Mask a, Mask b) { return {__mmask16(a.v | b.v)}; }
inline Lanes select(Mask mask, Lanes a, Lanes b) { return _mm512_mask_blend_ps(mask.v, b.v, a.v); }
inline bool all(Mask mask) { return mask.v == 0xffff; }
#else
struct Mask {
  IntVector v;
};
inline Mask operator<(Lanes a, Lanes b) { return {a.v < b.v}; }
inline Mask operator<=(Lanes a, Lanes b) { return {a.v <= b.v}; }
inline Mask operator==(Lanes a, Lanes b) { return {a.v == b.v}; }
inline Mask operator&(Mask a, Mask b) { return {a.v & b.v}; }
inline Mask operator|(Mask a, Mask b) { return {a.v | b.v}; }
inline Lanes select(Mask mask, Lanes a, Lanes b) { return mask.v ? a.v : b.v; }
inline bool all(Mask mask) {
#if defined(__AVX2__)
  return _mm256_movemask_ps((__m256)mask.v) == 0xff;
#elif defined(__x86_64__)
  return _mm_movemask_ps((__m128)mask.v) == 0xf;
#else
  return (mask.v[0] & mask.v[1] & mask.v[2] & mask.v[3]) != 0;
#endif
}
#endif
// Where the lowest bit is set.
inline Mask odd(BitVector bits) {
#if defined(__AVX512F__)
  return {_mm512_test_epi32_mask((__m512i)bits, _mm512_set1_epi32(1))};
#else
  return {-IntVector(bits & 1)};
#endif
}
inline Lanes keep_nan(Lanes x, Lanes otherwise) { return select(x == x, otherwise, x); }
inline Mask operator>(Lanes a, Lanes b) { return b < a; }
inline Mask operator>=(Lanes a, Lanes b) { return b <= a; }

// One bound only: NaN stays NaN.
#if defined(__AVX512F__)
inline Lanes at_least(Lanes x, Lanes bound) { return _mm512_max_ps(bound.v, x.v); }
inline Lanes at_most(Lanes x, Lanes bound) { return _mm512_min_ps(bound.v, x.v); }
#elif defined(__AVX2__)
inline Lanes at_least(Lanes x, Lanes bound) { return _mm256_max_ps(bound.v, x.v); }
inline Lanes at_most(Lanes x, Lanes bound) { return _mm256_min_ps(bound.v, x.v); }
#else
inline Lanes at_least(Lanes x, Lanes bound) { return select(bound > x, bound, x); }
inline Lanes at_most(Lanes x, Lanes bound) { return select(bound < x, bound, x); }
#endif

inline Lanes absolute(Lanes x) { return Lanes(x.bits() & 0x7fffffffu); }
// x with the sign of another number; x >= +0.
inline Lanes with_sign(Lanes x, Lanes sign) { return Lanes(x.bits() | (sign.bits() & 0x80000000u)); }

// x with its sign turned where the other is negative.
inline Lanes turned(Lanes x, Lanes sign) { return Lanes(x.bits() ^ (sign.bits() & 0x80000000u)); }

// ---- Multiply and add ------------------------------------------------------------------------------

// a·b + c, c - a·b and -(a·b + c) with one rounding (very nearly, without the instruction);
// what rounding took from product = a·b.
#if defined(__AVX512F__)
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
inline Lanes less(Lanes c, Lanes a, Lanes b) { return _mm512_fnmadd_ps(a.v, b.v, c.v); }
inline Lanes minus_fma(Lanes a, Lanes b, Lanes c) { return _mm512_fnmsub_ps(a.v, b.v, c.v); }
inline Lanes lost(Lanes a, Lanes b, Lanes product) { return _mm512_fmsub_ps(a.v, b.v, product.v); }
#elif defined(__FMA__)
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
inline Lanes less(Lanes c, Lanes a, Lanes b) { return _mm256_fnmadd_ps(a.v, b.v, c.v); }
inline Lanes minus_fma(Lanes a, Lanes b, Lanes c) { return _mm256_fnmsub_ps(a.v, b.v, c.v); }
inline Lanes lost(Lanes a, Lanes b, Lanes product) { return _mm256_fmsub_ps(a.v, b.v, product.v); }
#else
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  if constexpr (!has_fma) return floats(doubles(a) * doubles(b) + doubles(c));
  for (int i = 0; i < lane_count; ++i) a.v[i] = fma(a.v[i], b.v[i], c.v[i]);
  return a;
}
inline Lanes less(Lanes c, Lanes a, Lanes b) { return fma(-a, b, c); }
inline Lanes minus_fma(Lanes a, Lanes b, Lanes c) { return -fma(a, b, c); }
inline Lanes lost(Lanes a, Lanes b, Lanes product) { return fma(a, b, -product); }
#endif

template <> struct Pair<Lanes> {
  Lanes head, tail;
};
using Twins = Pair<Lanes>;

// a + b and a - b exactly: for |a| >= |b|, and for any order.
inline Twins ordered_sum(Lanes a, Lanes b) {
  Lanes sum = a + b;
  return {sum, b - (sum - a)};
}
inline Twins ordered_difference(Lanes a, Lanes b) {
  Lanes difference = a - b;
  return {difference, (a - difference) - b};
}
inline Twins any_sum(Lanes a, Lanes b) {
  Lanes sum = a + b, part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// The product of a pair with another, and with a number; tails small beside their heads.
inline Twins product(Twins a, Twins b) {
  Lanes head = a.head * b.head;
  return {head, fma(a.head, b.tail, fma(a.tail, b.head, lost(a.head, b.head, head)))};
}
inline Twins product(Twins a, Lanes b) {
  Lanes head = a.head * b;
  return {head, fma(a.tail, b, lost(a.head, b, head))};
}

// ---- What vectors alone do ---------------------------------------------------------------------------

// 1/x with a relative error below 2^-13.9; finite x of normal size.
inline Lanes near_inverse(Lanes x) {
#if defined(__AVX512F__)
  return _mm512_rcp14_ps(x.v);
#else
  return 1.0f / x;
#endif
}

// table[the low four bits of index].
inline Lanes lookup(const float (&table)[16], BitVector index) {
#if defined(__AVX512F__)
  return _mm512_permutexvar_ps((__m512i)index, _mm512_load_ps(table));
#elif defined(__AVX2__)
  __m256 low = _mm256_permutevar8x32_ps(_mm256_load_ps(table), (__m256i)index);
  __m256 high = _mm256_permutevar8x32_ps(_mm256_load_ps(table + 8), (__m256i)index);
  return _mm256_blendv_ps(low, high, (__m256)(index << 28));
#else
  FloatVector found;
  for (int i = 0; i < lane_count; ++i) found[i] = table[index[i] & 15];
  return found;
#endif
}

// combine(all lanes), in every lane; combine takes its operands in any order.
template <int width = lane_count / 2, class V, class F> inline V across(V v, F combine) {
  constexpr int count = sizeof(V) / sizeof(v[0]);
  if constexpr (width >= count) {
    return across<count / 2>(v, combine);
  } else if constexpr (width == 0) {
    return v;
  } else {
    V other = [&]<int... i>(std::integer_sequence<int, i...>) {
      return __builtin_shufflevector(v, v, (i ^ width)...);
    }(std::make_integer_sequence<int, count>{});
    return across<width / 2>(combine(v, other), combine);
  }
}

// The signed integers of these bits.
inline Lanes from_integer(BitVector bits) { return __builtin_convertvector(IntVector(bits), FloatVector); }

// √x.
inline Lanes root(Lanes x) {
#if defined(__AVX512F__)
  return _mm512_sqrt_ps(x.v);
#elif defined(__AVX2__)
  return _mm256_sqrt_ps(x.v);
#elif defined(__x86_64__)
  return FloatVector(_mm_sqrt_ps(x.v));
#else
  for (int i = 0; i < lane_count; ++i) x.v[i] = __builtin_sqrtf(x.v[i]);
  return x;
#endif
}

// ---- As they are stored --------------------------------------------------------------------------------

// What is loaded and stored at once: one vector, or the even and the odd numbers of two, which takes no shuffle.
template <class S> constexpr int batch_size = 1;
template <> inline constexpr int batch_size<BFloat16> = 2;
template <class S> struct Batch {
  Lanes of[batch_size<S>];
  static constexpr int count = batch_size<S> * lane_count;
};
// Whether Lanes are read and written as this type without a detour.
template <class S> constexpr bool in_lanes = sizeof(S) == sizeof(float);

inline Batch<float> load_batch(const float* from) { return {{load(from)}}; }
inline void store_batch(float* to, Batch<float> x) { store(to, x.of[0]); }

#if defined(__AVX512F__)
inline Batch<Half> load_batch(const Half* from) { return {{_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)from))}}; }
inline void store_batch(Half* to, Batch<Half> x) { _mm256_storeu_si256((__m256i*)to, _mm512_cvtps_ph(x.of[0].v, 0)); }
#elif defined(__F16C__)
inline Batch<Half> load_batch(const Half* from) { return {{_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)from))}}; }
inline void store_batch(Half* to, Batch<Half> x) { _mm_storeu_si128((__m128i*)to, _mm256_cvtps_ph(x.of[0].v, 0)); }
#endif
#if defined(__F16C__)
template <> inline constexpr bool in_lanes<Half> = true;
#endif

template <> inline constexpr bool in_lanes<BFloat16> = true;
inline Batch<BFloat16> load_batch(const BFloat16* from) {
  BitVector bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return {{Lanes(bits << 16), Lanes(bits & 0xffff0000u)}};
}
// A NaN is one that was loaded or that an operation made: its low bits are 0, so rounding leaves it a NaN.
inline void store_batch(BFloat16* to, Batch<BFloat16> x) {
  auto rounded = [](BitVector bits) { return bits + 0x7fff + ((bits >> 16) & 1); };
  const BitVector bits = (rounded(x.of[0].bits()) >> 16) | (rounded(x.of[1].bits()) & 0xffff0000u);
  __builtin_memcpy(to, &bits, sizeof bits);
}

// ---- In double -----------------------------------------------------------------------------------------

// The lanes in double, half of them in each vector.
struct Doubles {
  HalfDoubles low, high;
};
#if defined(__AVX512F__)
inline Doubles halves(Lanes x) {
  return {_mm512_cvtps_pd(_mm512_castps512_ps256(x.v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x.v, 1))};
}
inline Lanes floats(Doubles x) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(x.low)), _mm512_cvtpd_ps(x.high), 1);
}
inline HalfDoubles fma(HalfDoubles a, HalfDoubles b, HalfDoubles c) { return _mm512_fmadd_pd(a, b, c); }
#elif defined(__AVX2__)
inline Doubles halves(Lanes x) {
  return {_mm256_cvtps_pd(_mm256_castps256_ps128(x.v)), _mm256_cvtps_pd(_mm256_extractf128_ps(x.v, 1))};
}
inline Lanes floats(Doubles x) { return _mm256_set_m128(_mm256_cvtpd_ps(x.high), _mm256_cvtpd_ps(x.low)); }
inline HalfDoubles fma(HalfDoubles a, HalfDoubles b, HalfDoubles c) { return _mm256_fmadd_pd(a, b, c); }
#else
inline Doubles halves(Lanes x) {
  return {__builtin_convertvector(__builtin_shufflevector(x.v, x.v, 0, 1), HalfDoubles),
          __builtin_convertvector(__builtin_shufflevector(x.v, x.v, 2, 3), HalfDoubles)};
}
inline Lanes floats(Doubles x) {
  using HalfFloats [[gnu::vector_size(8)]] = float;
  return __builtin_shufflevector(__builtin_convertvector(x.low, HalfFloats), __builtin_convertvector(x.high, HalfFloats), 0, 1, 2, 3);
}
inline HalfDoubles fma(HalfDoubles a, HalfDoubles b, HalfDoubles c) {
  for (int i = 0; i < lane_count / 2; ++i) a[i] = fma(a[i], b[i], c[i]);
  return a;
}
#endif

// ---- Parameters --------------------------------------------------------------------------------------

template <> struct Parameter<Lanes> {
  Lanes head, tail;
  Doubles given;
  bool one;  // for all lanes; shortens the way, changes no result
  explicit Parameter(double p)
      : head(float(p)), tail(float(p - double(float(p)))), given{p - HalfDoubles{}, p - HalfDoubles{}}, one(p == 1) {}
  explicit Parameter(const double* p) : one(false) {
    __builtin_memcpy(&given, p, sizeof given);
    head = floats(given);
    Doubles rounded = halves(head);
    tail = floats({given.low - rounded.low, given.high - rounded.high});
  }
};

inline Lanes rounded(Parameter<Lanes> p) { return p.head; }

// The bits that head + tail leave over.
inline Lanes last_part(Parameter<Lanes> p) {
  Doubles head = halves(p.head), tail = halves(p.tail);
  return floats({p.given.low - head.low - tail.low, p.given.high - head.high - tail.high});
}

// x > p and x < p, exactly: compared with the next float below p, or above it.
inline Lanes floor_of(Lanes head, Lanes tail) {
  Lanes down(head.bits() + select(head > 0.0f, Lanes(~BitVector{}), Lanes(BitVector{} + 1)).bits());
  return select(tail < 0.0f, down, head);
}
inline Mask above(Lanes x, Parameter<Lanes> p) { return x > floor_of(p.head, p.tail); }
inline Mask below(Lanes x, Parameter<Lanes> p) { return x < -floor_of(-p.head, -p.tail); }

// z - p with one rounding, for z >= p >= 0. Error < 0.51 ULP.
inline Lanes past(Lanes z, Parameter<Lanes> p) {
  Twins difference = ordered_sum(z, -p.head);
  return select(z < 0x1p60f, difference.head + (difference.tail - p.tail), z);
}

}  // namespace RHEOBASE_TARGET
