// Sine and cosine of angles of any size, in wide arithmetic.
#pragma once

#include "wide.hpp"

namespace RHEOBASE_TARGET {

// How the angle is reduced: Near in vectors, Far (|angle| >= far_angle) one by one.
struct Near {};
struct Far {};
constexpr double far_angle = 0x1p19;

// What is left of an angle within ±π/4, and the quarter turns taken from it (modulo 4).
struct Reduced {
  Twin rest;
  std::uint64_t quarters;
};

// p·x + eighths·π/4, less quarter turns. Relative error of the rest < 2^-70 (for |p·x| < far_angle, or NaN).
inline Reduced reduced(double p, double x, int eighths, Near) {
  constexpr double to_integer = 0x1.8p52;
  const double half = 0.5 * (eighths & 1);
  Twin angle = exact_product(p, x);
  double placed = mul_add(angle.head, two_over_pi.head, half) + to_integer;
  double m = (placed - to_integer) - half;
  // The first difference is exact: two numbers within a factor of two, or m is 0; for odd eighths it need not be.
  Twin whole = eighths & 1 ? two_sum(angle.head, -(m * half_pi[0])) : Twin{angle.head - m * half_pi[0], 0};
  Twin first = two_sum(whole.head, -(m * half_pi[1]));
  Twin second = two_sum(first.head, -(m * half_pi[2]));
  double tail = (whole.tail + first.tail + second.tail) + mul_add(-m, half_pi[3], angle.tail);
  return {fast_two_sum(second.head, tail),
          __builtin_bit_cast(std::uint64_t, placed) + std::uint64_t(eighths >> 1)};
}

// Turns of x·2^more as a fraction of 2^128, modulo one turn (Payne and Hanek): x is an integer times 2^e, so of
// 2/π only the bits from e - 2 on matter. Domain: 2^-60 < |x·2^more| < 2^1250.
using Turn = unsigned __int128;
inline Turn turns(double x, int more) {
  std::uint64_t bits = __builtin_bit_cast(std::uint64_t, absolute(x));
  std::uint64_t m = (bits & 0xfffffffffffff) | 0x10000000000000;
  int start = int(bits >> 52) - 1075 - 2 + more + two_over_pi_zeros;  // the first bit's place in the table
  const std::uint64_t* word = two_over_pi_bits + start / 64;
  int left = start % 64;
  auto at = [=](int k) { return left ? word[k] << left | word[k + 1] >> (64 - left) : word[k]; };
  Turn low = Turn(m) * at(2), middle = Turn(m) * at(1) + (low >> 64);
  Turn turn = (Turn(m * at(0)) << 64) + middle;
  return x < 0 ? -turn : turn;
}

// A fraction of a quarter turn as one of 2^126.
inline __int128 fixed(Twin x) { return __int128(x.head * 0x1p126) + __int128(x.tail * 0x1p126); }

inline Reduced reduced(double p, double x, int eighths, Far) {
  const bool huge = absolute(x) > 0x1p500;
  const int more = huge ? 300 : 0;
  Twin angle = exact_product(p, huge ? x * 0x1p-300 : x);
  Turn turn = turns(angle.head, more) + (Turn(eighths) << 125);
  double tail = angle.tail * (huge ? 0x1p300 : 1.0);
  if (absolute(tail) > 1) turn += turns(angle.tail, more);
  else turn += Turn(fixed(two_over_pi * tail));
  std::uint64_t quarters = std::uint64_t((turn + (Turn(1) << 125)) >> 126);
  __int128 rest = __int128(turn - (Turn(quarters) << 126));
  double head = double(rest);
  Twin fraction = {head * 0x1p-126, double(rest - __int128(head)) * 0x1p-126};
  return {fraction * half_pi_pair, quarters};
}

// sin(p·x + eighths·π/4).
template <class T, class Way> inline Wide<T> sine(double p, double x, int eighths, Way way) {
  Reduced angle = reduced(p, x, eighths, way);
  Twin r = angle.rest;
  double square = r.head * r.head;
  double sine_rest = polynomial(Polynomials<T>::sine, square), cosine_rest = polynomial(Polynomials<T>::cosine, square);
  Wide<T> s, c;
  if constexpr (is_float<T>) {
    s = mul_add(r.head * square, sine_rest, r.head);
    c = mul_add(square * square, cosine_rest, mul_add(-0.5, square, 1.0));
  } else {
    s = fast_two_sum(r.head, mul_add(r.head * square, sine_rest, r.tail));
    c = 1.0 + scaled(r * r, -0.5) + square * square * cosine_rest;
  }
  Wide<T> size = choose((angle.quarters & 1) != 0, c, s);
  return choose((angle.quarters & 2) != 0, -size, size);
}

}  // namespace RHEOBASE_TARGET
