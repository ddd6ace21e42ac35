"""The constants of the functions of floats, native/single/."""

from __future__ import annotations

from dataclasses import replace

from _fitting import (
    LOGARITHM,
    Function,
    Polynomial,
    beyond_linear,
    bits_of,
    cosine_beyond_square,
    fit,
    float_pair,
    floats,
    from_bits,
    one,
    rounded,
    sine_beyond_linear,
    sixteen,
    table,
    tanh_shrink_over_cube,
)
from mpmath import mp, mpf


def lisht_slope_beyond_linear(y: mpf) -> mpf:
    x = mp.sqrt(y)
    if y < mpf("1e-8"):
        return -mpf(4) / 3 + 4 * y / 5
    return (mp.tanh(x) + x / mp.cosh(x) ** 2 - 2 * x) / x**3


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
    replace(LOGARITHM, one_at_a_time=True),
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
