"""The formulas of the declarations: right in float64, in Arb, and differentiable in PyTorch."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rheobase._activation import Declaration
from rheobase._oracle import bit_spaced
from rheobase.catalog import DECLARATIONS

special = pytest.importorskip("scipy.special")
flint = pytest.importorskip("flint")

each = pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda d: d.name)
each_part = pytest.mark.parametrize("part", ["formula", "derivative"])
DIGITS = 90
FLOAT64 = SimpleNamespace(**vars(np), erf=special.erf, erfc=special.erfc)


class Arb:
    """Arb's functions as a math namespace."""

    where = staticmethod(lambda condition, yes, no: yes if condition else no)
    isnan = staticmethod(lambda x: x.is_nan())

    def __getattr__(self, name: str) -> Any:
        return getattr(flint.arb, name)


@cache
def inputs() -> np.ndarray:
    ordinary = np.random.default_rng(0).normal(0, 3, 1500).astype(np.float32)
    return np.unique(
        np.concatenate([bit_spaced("float32", 2500), ordinary, np.arange(-8, 8.5, 0.5)])
    )


def arb(declaration: Declaration, part: str, x: float) -> Any:
    params = [flint.arb(value) for value in declaration.params.values()]
    with flint.ctx.workdps(DIGITS):
        return flint.arb(getattr(declaration, part)(Arb(), flint.arb(x), *params))


def float64(declaration: Declaration, part: str, x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        result = getattr(declaration, part)(
            FLOAT64, x.astype(np.float64), *declaration.params.values()
        )
    assert result.dtype == np.float64
    return result


@each_part
@each
def test_float64_is_right_to_40_bits(declaration: Declaration, part: str) -> None:
    x = inputs()
    computed = float64(declaration, part, x)
    for xi, yi in zip(x.tolist(), computed.tolist(), strict=True):
        ball = arb(declaration, part, xi)
        wanted = float(ball.mid())
        if not ball.is_finite() or abs(wanted) > 1e308:
            assert not np.isfinite(yi), xi
            continue
        # Where a derivative crosses zero, its terms cancel.
        absolute = 2.0**-53 if part == "derivative" and abs(xi) < 20 else 1e-300
        assert abs(yi - wanted) <= max(2.0**-40 * abs(wanted), absolute), (xi, yi, wanted)


@each
def test_derivative_is_the_slope(declaration: Declaration) -> None:
    """Central differences in 90 digits; their error is of the order of h = 1e-30."""
    kinks = declaration.kinks(*declaration.params.values())
    for x in (-7.25, -3.0, -1.5, -1.0, -0.3, 0.0, 0.2, 0.4375, 0.625, 0.9, 4.0):
        if x in kinks or not arb(declaration, "formula", x).is_finite():
            continue
        with flint.ctx.workdps(DIGITS):
            h = flint.arb(10) ** -30
            rise = arb(declaration, "formula", x + h) - arb(declaration, "formula", x - h)
            error = abs(rise / (2 * h) - arb(declaration, "derivative", x))
        assert error < 1e-27, (x, error)


@each
def test_automatic_differentiation_gives_the_derivative(declaration: Declaration) -> None:
    torch = pytest.importorskip("torch")
    params = list(declaration.params.values())
    kinks = declaration.kinks(*params)
    inside = [
        0.0,
        0.2,
        0.25,
        0.5,
        0.75,
        0.9,
        1.0,
        -0.3,
        -0.5,
        -1.0,
        -3.0,
        3.0,
        -9.5,
        9.5,
        -70.0,
        70.0,
    ]
    x = torch.tensor([t for t in inside if t not in kinks], dtype=torch.float64, requires_grad=True)
    y = declaration.formula(torch, x, *params)
    keep = torch.isfinite(y)
    y[keep].sum().backward()
    slope = declaration.derivative(torch, x.detach(), *params)
    assert slope.dtype == y.dtype == torch.float64
    np.testing.assert_allclose(x.grad[keep], slope[keep], rtol=1e-9, atol=1e-13)


@each_part
@each
def test_limits_and_nan(declaration: Declaration, part: str) -> None:
    """NaN gives NaN; ±∞ gives what large numbers lead to, NaN where they lead nowhere."""
    at = float64(declaration, part, np.array([-np.inf, -2e30, -1e30, np.nan, 1e30, 2e30, np.inf]))
    assert np.isnan(at[3])
    for limit, far, near in (at[:3], at[:3:-1]):
        if np.isnan(limit):
            assert np.isnan(near) or 0 < abs(far - near) <= 4  # undefined, or a wave
        elif np.isinf(limit):
            assert abs(far) > 1e20
            assert np.sign(far) == np.sign(limit)
        else:
            assert far == pytest.approx(limit, abs=1e-12)


@each
@each_part
def test_dtype_is_kept_by_other_libraries(declaration: Declaration, part: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float32, torch.bfloat16):
        x = torch.tensor([-0.5, 0.25, 0.75], dtype=dtype)
        assert getattr(declaration, part)(torch, x, *declaration.params.values()).dtype == dtype
