"""The formulas of the declarations: right in float64, differentiable in PyTorch, with true limits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import rheobase as rb
from rheobase.verify._oracle import PARTS, _BallNamespace, ball, fast, formula_of
from rheobase.verify._samples import bit_spaced

flint = pytest.importorskip("flint")

FUNCTIONS = list(rb.catalog.values())
each = pytest.mark.parametrize("function", FUNCTIONS, ids=repr)
each_part = pytest.mark.parametrize("part", PARTS)


@cache
def inputs() -> np.ndarray:
    ordinary = np.random.default_rng(0).normal(0, 3, 1000).astype(np.float32)
    sums = np.concatenate([bit_spaced("float32", 2000), ordinary, np.arange(-8, 8.5, 0.5)])
    return np.unique(sums).astype(np.float64)


@each_part
@each
def test_float64_is_right_to_40_bits(function: rb.Activation, part: str) -> None:
    x = inputs()
    for xi, computed in zip(x.tolist(), fast(function, part, x).tolist(), strict=True):
        wanted = float(ball(function, part, xi))
        if not np.isfinite(wanted):
            assert str(computed) == str(wanted), xi
            continue
        # Where a derivative crosses zero, its terms cancel.
        absolute = 2.0**-53 if part == "derivative" and abs(xi) < 20 else 1e-300
        assert abs(computed - wanted) <= max(2.0**-40 * abs(wanted), absolute), xi


@each
def test_derivative_is_the_slope(function: rb.Activation) -> None:
    """Central differences in 90 digits; their error is of the order of h = 1e-30."""
    params, namespace = list(function.params.values()), _BallNamespace()
    value, derivative = (formula_of(function, part) for part in PARTS)
    for x in {-7.25, -3.0, -1.5, -1.0, -0.3, 0.0, 0.2, 0.4375, 0.625, 0.9, 4.0} - set(
        function.kinks
    ):
        with flint.ctx.workdps(90):
            h = flint.arb(10) ** -30
            low, high = (flint.arb(value(namespace, x + side, *params)) for side in (-h, h))
            error = abs((high - low) / (2 * h) - derivative(namespace, flint.arb(x), *params))
        assert error < 1e-27 or not (high - low).is_finite(), (x, error)


@each
def test_automatic_differentiation_gives_the_derivative(function: rb.Activation) -> None:
    torch = pytest.importorskip("torch")
    params = list(function.params.values())
    points = {0, 0.2, 0.25, 0.5, 0.75, 0.9, 1, -0.3, -0.5, -1, -3, 3, -9.5, 9.5, -70, 70}
    x = torch.tensor(sorted(points - set(function.kinks)), dtype=torch.float64, requires_grad=True)
    y = function.declaration.formula(torch, x, *params)
    finite = torch.isfinite(y)
    y[finite].sum().backward()
    slope = function.declaration.derivative(torch, x.detach(), *params)
    np.testing.assert_allclose(x.grad[finite], slope[finite], rtol=1e-9, atol=1e-13)


@each
def test_derivative_at_a_kink_is_the_declared_one(function: rb.Activation) -> None:
    kinks = np.array(function.kinks, float)
    np.testing.assert_array_equal(function.derivative(kinks), fast(function, "derivative", kinks))


@each_part
@each
def test_limits_and_nan(function: rb.Activation, part: str) -> None:
    """NaN gives NaN; ±∞ gives what large numbers lead to, NaN where they lead nowhere."""
    at = fast(function, part, np.array([-np.inf, -2e30, -1e30, np.nan, 1e30, 2e30, np.inf]))
    assert np.isnan(at[3])
    for limit, far, near in (at[:3], at[:3:-1]):
        if np.isnan(limit):
            assert np.isnan(near) or 0 < abs(far - near) <= 4  # undefined, or a wave
        elif np.isinf(limit):
            assert abs(far) > 1e20
            assert np.sign(far) == np.sign(limit)
        else:
            assert far == pytest.approx(limit, abs=1e-12)


@each_part
@each
def test_dtype_is_kept_by_other_libraries(function: rb.Activation, part: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        x = torch.tensor([-0.5, 0.25, 0.75], dtype=dtype)
        assert formula_of(function, part)(torch, x, *function.params.values()).dtype == dtype
