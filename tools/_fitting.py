"""Fitting polynomials and printing them as C++, and the functions that floats and doubles both need.

Every polynomial is the weighted least-squares one at Chebyshev points (within a small factor of the best), found in 60
digits.  Coefficients are rounded to their type; where the lowest ones matter most (`one_at_a_time`) they are rounded
one at a time and the rest fitted anew.  The printed error is the largest on a grid
of weight·(polynomial − function).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from mpmath import mp, mpf

mp.dps = 60
Function = Callable[[mpf], mpf]


def one(_: mpf) -> mpf:
    return mpf(1)


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


def beyond_linear(r: mpf) -> mpf:
    if abs(r) < mpf("1e-12"):
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (mp.expm1(r) - r) / (r * r)


def tanh_shrink_over_cube(y: mpf) -> mpf:
    x = mp.sqrt(y)
    return (1 - mp.tanh(x) / x) / y if y > mpf("1e-20") else mpf(1) / 3 - 2 * y / 15


def beyond_twice(y: mpf) -> mpf:
    s = mp.sqrt(y)
    return (2 * mp.atanh(s) / s - 2) / y if y > mpf("1e-20") else mpf(2) / 3 + 2 * y / 5


def sine_beyond_linear(y: mpf) -> mpf:
    r = mp.sqrt(y)
    return (mp.sin(r) / r - 1) / y if y > mpf("1e-20") else -mpf(1) / 6 + y / 120


def cosine_beyond_square(y: mpf) -> mpf:
    r = mp.sqrt(y)
    return (mp.cos(r) - 1 + y / 2) / y**2 if y > mpf("1e-14") else mpf(1) / 24 - y / 720


LOGARITHM = Polynomial(
    "logarithm",
    "(2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8",
    beyond_twice,
    mpf(0),
    mpf("0.1717") ** 2,
    (3, 8),
    weight=lambda y: y,
)
