"""Write the constants of the kernels: ``python tools/coefficients.py > native/coefficients.hpp``.

Every polynomial is the weighted least-squares one at Chebyshev points (within a small factor of the best), found in 60
digits.  Coefficients are rounded to their type; where the lowest ones matter most (`exponential`) they are rounded
one at a time and the rest fitted anew.  The printed error is the largest on a grid, relative to the function of the comment.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from mpmath import mp, mpf

mp.dps = 60
Function = Callable[[mpf], mpf]

HALF_LN2 = mp.log(2) / 2 * mpf("1.001")  # rounding of n may push r a little past ln(2)/2
MILLS_SHIFT, MILLS_CENTRE = mpf("1.25"), 4


def one(_: mpf) -> mpf:
    return mpf(1)


def beyond_linear(r: mpf) -> mpf:
    if abs(r) < mpf("1e-12"):
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (mp.expm1(r) - r) / (r * r)


def beyond_twice(y: mpf) -> mpf:
    s = mp.sqrt(y)
    return (2 * mp.atanh(s) / s - 2) / y if y > mpf("1e-20") else mpf(2) / 3 + 2 * y / 5


def sine_beyond_linear(y: mpf) -> mpf:
    r = mp.sqrt(y)
    return (mp.sin(r) / r - 1) / y if y > mpf("1e-20") else -mpf(1) / 6 + y / 120


def cosine_beyond_square(y: mpf) -> mpf:
    r = mp.sqrt(y)
    return (mp.cos(r) - 1 + y / 2) / y**2 if y > mpf("1e-14") else mpf(1) / 24 - y / 720


def tanh_shrink_over_cube(y: mpf) -> mpf:
    x = mp.sqrt(y)
    return (1 - mp.tanh(x) / x) / y if y > mpf("1e-20") else mpf(1) / 3 - 2 * y / 15


def lisht_slope_beyond_linear(y: mpf) -> mpf:
    x = mp.sqrt(y)
    if y < mpf("1e-8"):
        return -mpf(4) / 3 + 4 * y / 5
    return (mp.tanh(x) + x / mp.cosh(x) ** 2 - 2 * x) / x**3


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


@dataclass
class Polynomial:
    """One polynomial: its name, what it is of, where, and how exact it must be for a float and a double."""

    name: str
    comment: str
    function: Function
    low: mpf
    high: mpf
    degrees: tuple[int | None, int]  # None: not needed
    weight: Function = one
    one_at_a_time: bool = False


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
    Polynomial(
        "logarithm",
        "(2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8",
        beyond_twice,
        mpf(0),
        mpf("0.1717") ** 2,
        (3, 8),
        weight=lambda y: y,
    ),
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

TANH_SMALL = (mpf(1) / 8) ** 2
SMALL = (
    Polynomial(
        "tanh",
        "(tanh x - x) / x³ in x², x <= 1/8",
        lambda y: -tanh_shrink_over_cube(y),
        mpf(0),
        TANH_SMALL,
        (2, 0),
        weight=lambda y: y,
    ),
    Polynomial(
        "lecun_cubic",
        "(1.7159 tanh(2x/3) - 1.7159·2x/3) / x³ in x², x <= 3/16",
        lambda y: -mpf(1.7159) * mpf(8) / 27 * tanh_shrink_over_cube(4 * y / 9),
        mpf(0),
        (mpf(3) / 16) ** 2,
        (2, 0),
        weight=lambda y: y,
    ),
    Polynomial(
        "lisht_slope",
        "(lisht'(x) - 2x) / x³ in x², x <= 1/8",
        lambda y: lisht_slope_beyond_linear(y),
        mpf(0),
        TANH_SMALL,
        (2, 0),
        weight=lambda y: y,
    ),
    Polynomial(
        "shrunk_tanh",
        "((x - tanh x) / x³ - 1/3) / x² in x², x <= 1/2",
        lambda y: (
            (tanh_shrink_over_cube(y) - mpf(1) / 3) / y
            if y > mpf("1e-8")
            else -mpf(2) / 15 + 17 * y / 315
        ),
        mpf(0),
        mpf("0.5") ** 2,
        (4, 0),
        weight=lambda y: y,
    ),
)


# Derivatives that have a zero inside, and where it lies about.
SLOPES: dict[str, tuple[Function, float]] = {
    "silu": (lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), -1.28),
    "gelu": (lambda x: mp.ncdf(x) + x * mp.npdf(x), -0.75),
    "gelu_tanh": (lambda x: mp.diff(lambda t: t * sigmoid(gelu_tanh_angle(t)), x), -0.75),
    "mish": (lambda x: mp.diff(lambda t: t * mp.tanh(mp.log1p(mp.exp(t))), x), -1.19),
}


def sigmoid(x: mpf) -> mpf:
    return 1 / (1 + mp.exp(-x))


def gelu_tanh_angle(x: mpf) -> mpf:
    return 2 * mp.sqrt(2 / mp.pi) * (x + mpf(0.044715) * x**3)


def over_distance(slope: Function, zero: mpf) -> Function:
    """slope(zero + d) / d."""
    return lambda d: slope(zero + d) / d if abs(d) > mpf("1e-20") else mp.diff(slope, zero)


def fit(
    function: Function, low: mpf, high: mpf, degree: int, weight: Function, fixed: list[mpf]
) -> list[mpf]:
    """``fixed`` and the free coefficients after it, by weighted least squares at Chebyshev points."""
    count = 4 * degree + 12
    points = [
        (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (k + mpf(1) / 2) / count)
        for k in range(count)
    ]
    powers = range(len(fixed), degree + 1)
    rows = mp.matrix([[weight(x) * x**j for j in powers] for x in points])
    known = [mp.fsum(c * x**j for j, c in enumerate(fixed)) for x in points]
    right = mp.matrix([weight(x) * (function(x) - k) for x, k in zip(points, known, strict=True)])
    # The normal equations at once: 60 digits bear them, and QR takes minutes for high degrees.
    solution = mp.lu_solve(rows.T * rows, rows.T * right)
    return fixed + list(solution)


def rounded(value: mpf, kind: str) -> mpf:
    """The nearest ``float`` or ``double`` to ``value``."""
    if kind == "double":
        return mpf(float(value))
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def coefficients(p: Polynomial, grade: int, kind: str) -> tuple[list[mpf], mpf]:
    """Rounded coefficients, lowest first, and log2 of the largest weighted error."""
    degree = p.degrees[grade]
    assert degree is not None
    if p.one_at_a_time:
        found: list[mpf] = []
        while len(found) <= degree:
            found.append(
                rounded(fit(p.function, p.low, p.high, degree, p.weight, found)[len(found)], kind)
            )
    else:
        found = [rounded(c, kind) for c in fit(p.function, p.low, p.high, degree, p.weight, [])]
    grid = [p.low + (p.high - p.low) * k / 500 for k in range(501)]
    worst = max(abs(p.weight(x) * (mp.polyval(found[::-1], x) - p.function(x))) for x in grid)
    return found, mp.log(worst, 2)


def table(p: Polynomial, grade: int, kind: str, name: str) -> str:
    values, error = coefficients(p, grade, kind)
    suffix = "f" if kind == "float" else ""
    numbers = ", ".join(f"{float(c).hex()}{suffix}" for c in values)
    return f"  static constexpr {kind} {name}[] = {{{numbers}}};  // error 2^{mp.nstr(error, 3)}"


def pair(name: str, value: mpf) -> str:
    head = rounded(value, "double")
    return f"constexpr Pair<double> {name} = {{{float(head).hex()}, {float(value - head).hex()}}};"


def short_parts(value: mpf, bits: int, count: int) -> list[str]:
    """``value`` as a sum of numbers of so many bits (a product with a short integer is exact) and a rest."""
    parts = []
    for _ in range(count):
        scale = mpf(2) ** (bits - 1 - mp.floor(mp.log(abs(value), 2)))
        part = mp.floor(value * scale) / scale
        parts.append(float(part).hex())
        value -= part
    return [*parts, float(value).hex()]


SINGLE_QUARTER_TURN = mpf("0.81") ** 2
SINGLE_WAVES = (
    Polynomial(
        "sine",
        "(sin(r)/r - 1) / r² in r², |r| <= 0.81",
        sine_beyond_linear,
        mpf(0),
        SINGLE_QUARTER_TURN,
        (3, 0),
        weight=lambda y: y,
        one_at_a_time=True,
    ),
    Polynomial(
        "cosine",
        "(cos r - 1 + r²/2) / r⁴ in r², |r| <= 0.81",
        cosine_beyond_square,
        mpf(0),
        SINGLE_QUARTER_TURN,
        (2, 0),
        weight=lambda y: y * y,
        one_at_a_time=True,
    ),
    Polynomial(
        "logarithm",
        "(2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8",
        beyond_twice,
        mpf(0),
        mpf("0.1717") ** 2,
        (3, 0),
        weight=lambda y: y,
        one_at_a_time=True,
    ),
)


def float_parts(value: mpf, count: int) -> str:
    """``value`` as a sum of so many floats."""
    parts = []
    for _ in range(count):
        parts.append(rounded(value, "float"))
        value -= parts[-1]
    return ", ".join(f"{float(part).hex()}f" for part in parts)


def single_waves() -> None:
    print("// What single/waves.hpp and single/logit.hpp need.\nstruct SingleWaves {")
    print(f"  static constexpr float two_over_pi = {float_parts(2 / mp.pi, 1)};")
    print(f"  static constexpr float half_pi[] = {{{float_parts(mp.pi / 2, 3)}}};")
    head = mp.floor(mp.log(2) * 2**16) / 2**16
    parts = [head * mpf(2) ** -23, (mp.log(2) - head) * mpf(2) ** -23]
    print("  // log 2 over 2^23, the first part short: its product with an exponent is exact")
    print(
        f"  static constexpr float ln_2[] = {{{', '.join(float_parts(part, 1) for part in parts)}}};"
    )
    for p in SINGLE_WAVES:
        print(f"  // {p.comment}\n{table(p, 0, 'float', p.name)}")
    print("};\n")


ZERO_WORDS, WORDS = 2, 24


def two_over_pi_words() -> list[str]:
    with mp.workdps(600):
        digits = int(mp.floor(2 / mp.pi * mpf(2) ** (64 * WORDS)))
    words = [digits >> 64 * (WORDS - 1 - k) & (2**64 - 1) for k in range(WORDS)]
    return ["0"] * ZERO_WORDS + [hex(word) for word in words]


# ---- What native/single/ needs ------------------------------------------------------------------------

EXPONENTIAL = Polynomial(
    "exponential",
    "(e^r - 1 - r) / r², |r| <= ln(2)/32",
    beyond_linear,
    -mp.log(2) / 32 * mpf("1.001"),
    mp.log(2) / 32 * mpf("1.001"),
    (2, 0),
    weight=abs,
    one_at_a_time=True,
)


def bits_of(value: mpf) -> int:
    number: int = struct.unpack("I", struct.pack("f", float(value)))[0]
    return number


def from_bits(bits: int) -> mpf:
    return mpf(struct.unpack("f", struct.pack("I", bits))[0])


def floats(values: list[mpf]) -> str:
    return "{" + ", ".join(f"{float(value).hex()}f" for value in values) + "}"


def float_pair(name: str, value: mpf) -> str:
    head = rounded(value, "float")
    return f"  static constexpr float {name}[2] = {floats([head, rounded(value - head, 'float')])};"


def sixteen(name: str, values: list[mpf]) -> str:
    return f"  alignas(64) static constexpr float {name}[16] = {floats(values)};"


def powers() -> list[str]:
    exact = [mpf(2) ** (mpf(j) / 16) for j in range(16)]
    heads = [rounded(value, "float") for value in exact]
    tails = [
        rounded((value - head) / head, "float") for value, head in zip(exact, heads, strict=True)
    ]
    shifted = [from_bits(bits_of(head) - (j << 19)) for j, head in enumerate(heads)]
    return [sixteen("powers", shifted), sixteen("powers_tail", tails)]


def near_a_float(function: Function, middle: mpf, width: mpf) -> tuple[mpf, mpf]:
    """A float about the middle where the function is nearly a float, and that one."""
    best: tuple[mpf, mpf, mpf] | None = None
    for k in range(-1500, 1501):
        centre = rounded(middle + width * k / 40_000, "float")
        value = function(centre)
        head = rounded(value, "float")
        error = abs(value / head - 1)
        if best is None or error < best[0]:
            best = (error, centre, head)
    assert best is not None
    return best[1], best[2]


def pieces(
    name: str, comment: str, function: Function, degree: int, ranges: list[tuple[mpf, mpf]]
) -> list[str]:
    """Sixteen polynomials in the distance from a centre, each for its range."""
    centres, rows, worst = [], [], mpf(0)
    for low, high in ranges:
        with mp.workdps(30):
            centre, head = near_a_float(function, (low + high) / 2, high - low)
        found = [head]
        while len(found) <= degree:
            free = fit(
                lambda t, c=centre: function(c + t), low - centre, high - centre, degree, one, found
            )
            found.append(rounded(free[len(found)], "float"))
        for k in range(101):
            x = low + (high - low) * k / 100
            value = function(x)
            worst = max(worst, abs(mp.polyval(found[::-1], x - centre) / value - 1))
        centres.append(centre)
        rows.append(found)
    lines = [f"  // {comment}; relative error 2^{mp.nstr(mp.log(worst, 2), 3)}"]
    lines.append(sixteen(f"{name}_centre", centres))
    columns = ", ".join(floats([row[i] for row in rows]) for i in range(degree + 1))
    lines.append(f"  alignas(64) static constexpr float {name}[{degree + 1}][16] = {{{columns}}};")
    return lines


def log1p_ratio(n: mpf) -> mpf:
    return mp.log1p(n) / n if n > mpf("1e-15") else 1 - n / 2


def mills(z: mpf) -> mpf:
    return mp.exp(z * z / 2) * mp.erfc(z / mp.sqrt(2)) / 2


def gelu_ratio(z: mpf) -> mpf:
    return mills(z) - z / mp.sqrt(2 * mp.pi)


def mills_ranges() -> list[tuple[mpf, mpf]]:
    """Of z, by the low two bits of the exponent of z + 1 and the two bits after it: the place in a table."""
    found = {}
    for exponent in range(4):
        for quarter in range(4):
            low = mpf(2) ** exponent * (1 + mpf(quarter) / 4) - 1
            index = (bits_of(low + 1) >> 21) & 15
            found[index] = (low, low + mpf(2) ** exponent / 4)
    return [found[index] for index in range(16)]


def near_a_zero(name: str, slope: Function, zero: mpf) -> list[str]:
    """Of slope(zero + d) / d: the constant as a pair, and the rest."""
    local = over_distance(slope, zero)
    reach = mpf(1) / 8 * mpf("1.01")
    zero_head = rounded(zero, "float")
    distance, wanted = rounded(zero_head - zero, "float"), slope(zero_head)
    head = rounded(local(mpf(0)), "float")
    rest = local(mpf(0)) - head

    def at_the_zero(h: mpf) -> mpf:
        return rounded(rounded(distance * h, "float") + distance * (head + rest - h), "float")

    # At the float next to the zero the two products must round to the right one.
    tries = (from_bits(bits_of(head) + k) for k in range(-9, 10))
    head = next(h for h in tries if at_the_zero(h) == rounded(wanted, "float"))
    found: list[mpf] = []
    while len(found) <= 7:
        free = fit(lambda d: local(d) - head, -reach, reach, 7, one, found)
        found.append(rounded(free[len(found)], "float"))
    worst = max(
        abs((head + mp.polyval(found[::-1], d)) / local(d) - 1)
        for d in (reach * k / 50 for k in range(-50, 51))
    )
    return [
        float_pair(f"{name}_zero", zero),
        f"  static constexpr float {name}[] = {floats([head, *found])};  // error 2^{mp.nstr(mp.log(worst, 2), 3)}",
    ]


def print_single(zeros: dict[str, mpf]) -> None:
    print("// Floats for single/; a name with two of them is a pair.\nstruct Single {")
    print(f"  static constexpr float log2_e = {float(rounded(1 / mp.log(2), 'float')).hex()}f;")
    for name, value in (
        ("ln_2", mp.log(2)),
        ("quick", mpf(1.702)),
        ("third", mpf(1) / 3),
        ("two_thirds", mpf(2) / 3),
        ("four_thirds", mpf(4) / 3),
        ("lecun", mpf(1.7159)),
        ("lecun_linear", mpf(1.7159) * 2 / 3),
        ("lecun_slope", mpf(1.7159) * 8 / 3),
        ("gelu_tanh_linear", 2 * mp.sqrt(2 / mp.pi)),
        ("gelu_tanh_cubic", 2 * mp.sqrt(2 / mp.pi) * mpf(0.044715)),
    ):
        print(float_pair(name, value))
    for p in (EXPONENTIAL, *SMALL):
        print(f"  // {p.comment}\n{table(p, 0, 'float', p.name)}")
    print("  // 2^(j/16) less j·2^19 in its bits, and what the float lost, relative to it")
    print("\n".join(powers()))
    sixteenths = [
        ((max(mpf(k) - mpf("0.5"), mpf(0))) / 15, (min(mpf(k) + mpf("0.5"), mpf(15))) / 15)
        for k in range(16)
    ]
    print("\n".join(pieces("log1p", "log(1 + n)/n about k/15", log1p_ratio, 4, sixteenths)))
    print("\n".join(pieces("mills", "Φ(-z) e^(z²/2), z from 0 to 15", mills, 6, mills_ranges())))
    print(
        "\n".join(
            pieces(
                "gelu_ratio",
                "Φ(-z) e^(z²/2) - z/√(2π), z from 0 to 15",
                gelu_ratio,
                6,
                mills_ranges(),
            )
        )
    )
    print("  // slope(zero + d) / d, |d| <= 1/8: the constant as a pair and the other coefficients")
    for name, (slope, _) in SLOPES.items():
        print("\n".join(near_a_zero(name, slope, zeros[name])))
    print("};\n")


def main() -> None:
    print(
        "// Written by tools/coefficients.py.\n#pragma once\n\n#include <cstdint>\n\nnamespace RHEOBASE_TARGET {\n"
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
