"""The formulas of the declarations: right in float64, in Arb, and differentiable in PyTorch."""

from __future__ import annotations

import flint
import numpy as np
import pytest

from rheobase import catalog
from rheobase._activation import Declaration
from rheobase.catalog import DECLARATIONS
from rheobase.verify import PARTS, exact, fast
from rheobase.verify._oracle import ball, formula_of
from rheobase.verify._samples import bit_spaced, zeros

each = pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda d: d.name)
each_part = pytest.mark.parametrize("part", PARTS)


@each_part
@each
def test_fast_oracle_agrees_with_exact(declaration: Declaration, part: str) -> None:
    """To 2^-38, a few millionths of a float32's last place; closer to a zero `exact` is asked."""
    function = catalog[declaration.name]
    ordinary = np.random.default_rng(0).normal(0, 3, 1500).astype(np.float32)
    x = np.concatenate([bit_spaced("float32", 4000), ordinary, np.arange(-8, 8.5, 0.5)])
    for zero in zeros(function, part):
        x = x[np.abs(x - zero) > 2.0**-16 * abs(zero)]
    quick, (slow, _) = fast(function, part, x.astype(np.float64)), exact(function, part, x)
    np.testing.assert_array_equal(np.isnan(quick), np.isnan(slow))
    with np.errstate(all="ignore"):
        wrong = np.abs(quick - slow) > np.maximum(2.0**-38 * np.abs(slow), 2.0**-200)
    assert not wrong.any(), f"{quick[wrong][0]} for {slow[wrong][0]} at {x[wrong][0]!r}"


@each
def test_derivative_is_the_slope(declaration: Declaration) -> None:
    """By central differences in Arb."""
    function = catalog[declaration.name]
    for x in (-7.25, -3.0, -1.5, -1.0, -0.3, 0.0, 0.2, 0.4375, 0.625, 0.9, 4.0):
        if x in function.kinks or not ball(function, "value", x).is_finite():
            continue
        with flint.ctx.workprec(128):
            step = flint.arb(2) ** -55
            low, high = (ball(function, "value", x + side * step) for side in (-1, 1))
            slope, wanted = (high - low) / (2 * step), ball(function, "derivative", x)
            assert abs(slope - wanted) < 1e-15 * (1 + abs(wanted)), x


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
    x = np.array([-np.inf, -2e30, -1e30, np.nan, 1e30, 2e30, np.inf])
    at = fast(catalog[declaration.name], part, x)
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
        formula = formula_of(catalog[declaration.name], part)
        assert formula(torch, x, *declaration.params.values()).dtype == dtype
