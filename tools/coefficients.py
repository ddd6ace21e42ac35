"""Print the constants of ``native/math.hpp``: ``python tools/coefficients.py``.

``e^r = 1 + r + r² q(r)`` on ``|r| <= ln(2)/2``, where ``q`` is a least-squares polynomial
at Chebyshev points (within a small factor of the best), found in 60 digits.  The weight is
the one that matters to the callers: the error of ``r² q(r)`` relative to ``r``, so that
``expm1`` profits as well.  Coefficients are rounded to their type one at a time, lowest
first, and the rest fitted anew.
"""

from __future__ import annotations

import struct

from mpmath import mp, mpf

mp.dps = 60

HALF = mp.log(2) / 2 * mpf("1.001")  # rounding of n may push r a little past ln(2)/2


def q_exact(r: mpf) -> mpf:
    if abs(r) < mpf("1e-12"):
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (mp.expm1(r) - r) / (r * r)


def fit(degree: int, fixed: list[mpf]) -> list[mpf]:
    """``fixed`` and the free coefficients after it, by weighted least squares at Chebyshev points."""
    points = [HALF * mp.cos(mp.pi * (k + mpf(1) / 2) / 128) for k in range(128)]
    powers = range(len(fixed), degree + 1)
    rows = mp.matrix([[abs(r) * r**j for j in powers] for r in points])
    known = [mp.fsum(c * r**j for j, c in enumerate(fixed)) for r in points]
    right = mp.matrix([abs(r) * (q_exact(r) - k) for r, k in zip(points, known, strict=True)])
    solution, _ = mp.qr_solve(rows, right)
    return fixed + list(solution)


def rounded(value: mpf, kind: str) -> mpf:
    """The nearest ``float`` or ``double`` to ``value``."""
    if kind == "double":
        return mpf(float(value))
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def exp_coefficients(degree: int, kind: str) -> list[mpf]:
    fixed = [mpf(1) / 2]
    while len(fixed) < degree + 1:
        fixed.append(rounded(fit(degree, fixed)[len(fixed)], kind))
    return fixed


def split_ln2(bits: int, kind: str) -> tuple[mpf, mpf]:
    """``ln 2`` as a head of few bits (so that n·head is exact) and a rounded tail."""
    head = mp.floor(mp.log(2) * 2**bits) / 2**bits
    return head, rounded(mp.log(2) - head, kind)


def main() -> None:
    for kind, degree, bits, suffix in (("float", 5, 16, "f"), ("double", 10, 42, "")):
        print(f"// {kind}")
        whole = rounded(mp.log(2), kind)
        fused = whole, rounded(mp.log(2) - whole, kind)
        for name, (head, tail) in (("fused", fused), ("short", split_ln2(bits, kind))):
            print(
                f"{name}: ln2_head = {float(head).hex()}{suffix}, ln2_tail = {float(tail).hex()}{suffix}"
            )
        print(f"log2e = {float(rounded(1 / mp.log(2), kind)).hex()}{suffix}")
        coefficients = exp_coefficients(degree, kind)
        print("q = {" + ", ".join(f"{float(c).hex()}{suffix}" for c in coefficients) + "}")
        grid = [HALF * (mpf(2 * k) / 2000 - 1) for k in range(2001)]
        worst = max(abs(r * r * (mp.polyval(coefficients[::-1], r) - q_exact(r))) for r in grid)
        print(f"// max |error of r² q(r)| = 2^{mp.nstr(mp.log(worst, 2), 4)}")


if __name__ == "__main__":
    main()
