"""Write the constants of the kernels: ``python tools/coefficients.py > native/coefficients.hpp``."""

from __future__ import annotations

from _fitting import (
    LOGARITHM,
    Polynomial,
    beyond_linear,
    cosine_beyond_square,
    pair,
    sine_beyond_linear,
    table,
    tanh_shrink_over_cube,
)
from _single import SLOPES, print_single, single_waves
from mpmath import mp, mpf

HALF_LN2 = mp.log(2) / 2 * mpf("1.001")  # rounding of n may push r a little past ln(2)/2
MILLS_SHIFT, MILLS_CENTRE = mpf("1.25"), 4


def scaled_mills(t: mpf) -> mpf:
    """(z + shift)·e^(z²/2)·Φ(-z) where t = (z - centre) / (z + centre)."""
    if t > 1 - mpf("1e-12"):
        return 1 / mp.sqrt(2 * mp.pi)
    z = MILLS_CENTRE * (1 + t) / (1 - t)
    if z < 40:
        return (z + MILLS_SHIFT) * mp.exp(z * z / 2) * mp.erfc(z / mp.sqrt(2)) / 2
    series = term = mpf(1)
    for j in range(1, 40):
        term *= -(2 * j - 1) / z**2
        series += term
    return (1 + MILLS_SHIFT / z) * series / mp.sqrt(2 * mp.pi)


def mills_position(z: float) -> mpf:
    return (mpf(z) - MILLS_CENTRE) / (mpf(z) + MILLS_CENTRE)


QUARTER_TURN = (mp.pi / 4 * mpf("1.001")) ** 2
POLYNOMIALS = (
    Polynomial(
        "exponential",
        "(e^r - 1 - r) / r², |r| <= ln(2)/2",
        beyond_linear,
        -HALF_LN2,
        HALF_LN2,
        (None, 10),
        weight=abs,  # the error relative to r, so that expm1 profits as well
        one_at_a_time=True,
    ),
    LOGARITHM,
    Polynomial(
        "mills",
        f"(z + {float(MILLS_SHIFT)}) e^(z²/2) Φ(-z) in t = (z - {MILLS_CENTRE}) / (z + {MILLS_CENTRE}), z from 0 to 39",
        scaled_mills,
        mpf(-1),
        mills_position(39),
        (None, 24),
    ),
    Polynomial(
        "sine",
        "(sin(r)/r - 1) / r² in r², |r| <= π/4",
        sine_beyond_linear,
        mpf(0),
        QUARTER_TURN,
        (3, 6),
        weight=lambda y: y,
    ),
    Polynomial(
        "cosine",
        "(cos r - 1 + r²/2) / r⁴ in r², |r| <= π/4",
        cosine_beyond_square,
        mpf(0),
        QUARTER_TURN,
        (2, 5),
        weight=lambda y: y * y,
    ),
    Polynomial(
        "shrunk_tanh",
        "(x - tanh x) / x³ in x², |x| <= 0.75",
        tanh_shrink_over_cube,
        mpf(0),
        mpf("0.75") ** 2,
        (None, 13),
    ),
)
NARROW = (
    Polynomial(
        "exponential",
        "(e^r - 1 - r) / r², |r| <= ln(2)/2",
        beyond_linear,
        -HALF_LN2,
        HALF_LN2,
        (5, 0),
        weight=abs,
        one_at_a_time=True,
    ),
)


def short_parts(value: mpf, bits: int, count: int) -> list[str]:
    """``value`` as a sum of numbers of so many bits (a product with a short integer is exact) and a rest."""
    parts = []
    for _ in range(count):
        scale = mpf(2) ** (bits - 1 - mp.floor(mp.log(abs(value), 2)))
        part = mp.floor(value * scale) / scale
        parts.append(float(part).hex())
        value -= part
    return [*parts, float(value).hex()]


ZERO_WORDS, WORDS = 2, 24


def two_over_pi_words() -> list[str]:
    with mp.workdps(600):
        digits = int(mp.floor(2 / mp.pi * mpf(2) ** (64 * WORDS)))
    words = [digits >> 64 * (WORDS - 1 - k) & (2**64 - 1) for k in range(WORDS)]
    return ["0"] * ZERO_WORDS + [hex(word) for word in words]


def main() -> None:
    print(
        '// Written by tools/coefficients.py.\n#pragma once\n\n#include <cstdint>\n\n#include "arithmetic.hpp"\n\nnamespace RHEOBASE_TARGET {\n'
    )
    print(
        "// Polynomials in double arithmetic, as exact as a result of type T needs; lowest power first."
    )
    print("template <class T> struct Polynomials;\n")
    for grade, kind in enumerate(("float", "double")):
        print(f"template <> struct Polynomials<{kind}> {{")
        for p in POLYNOMIALS:
            if p.degrees[grade] is None:
                continue
            print(f"  // {p.comment}\n{table(p, grade, 'double', p.name)}")
        print("};\n")
    print(f"constexpr double mills_shift = {float(MILLS_SHIFT)}, mills_centre = {MILLS_CENTRE};\n")
    print("// The same in float arithmetic, for what is not in Lanes.\nstruct Narrow {")
    for p in NARROW:
        print(f"  // {p.comment}\n{table(p, 0, 'float', p.name)}")
    print("};\n")
    single_waves()
    zeros = {name: mp.findroot(slope, near) for name, (slope, near) in SLOPES.items()}
    print_single(zeros)
    print(pair("silu_zero", zeros["silu"]))
    print(pair("ln_2", mp.log(2)))
    print(pair("one_over_root_2pi", 1 / mp.sqrt(2 * mp.pi)))
    print(pair("root_2_over_pi", mp.sqrt(2 / mp.pi)))
    print(pair("two_thirds", mpf(2) / 3))
    print(pair("two_over_pi", 2 / mp.pi))
    print(f"constexpr double log2_e = {float(1 / mp.log(2)).hex()};")
    print("// Parts of π/2, short enough that their product with an integer below 2^20 is exact.")
    print(f"constexpr double half_pi[] = {{{', '.join(short_parts(mp.pi / 2, 33, 3))}}};")
    print(pair("half_pi_pair", mp.pi / 2))
    print("// The binary digits of 2/π, after so many zeros.")
    print(f"constexpr int two_over_pi_zeros = {64 * ZERO_WORDS};")
    print(f"constexpr std::uint64_t two_over_pi_bits[] = {{{', '.join(two_over_pi_words())}}};")
    print("\n}  // namespace RHEOBASE_TARGET")


if __name__ == "__main__":
    main()
