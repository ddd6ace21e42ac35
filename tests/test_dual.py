"""Derivatives that dual numbers find, beside the declared ones and differences."""

from __future__ import annotations

import numpy as np
import pytest

import rheobase as rb
from rheobase._dual import DualNamespace, value_and_slope
from rheobase.verify._oracle import FUNCTIONS

X = np.concatenate([np.linspace(-30, 30, 241), np.linspace(-2, 2, 161), [-90.0, 90.0, 1e-9]])
each = pytest.mark.parametrize("function", rb.catalog.values(), ids=repr)


def away_from(kinks: tuple[float, ...]) -> np.ndarray:
    return X[np.abs(np.subtract.outer(X, [*kinks, np.inf])).min(axis=1) > 1e-3]


@each
def test_slope_in_x_is_the_declared_derivative(function: rb.Activation) -> None:
    x = np.concatenate([away_from(function.kinks), [-1e30, 1e30]])
    value, slope = value_and_slope(function.declaration.formula, (x, *function.params.values()))
    np.testing.assert_allclose(value, function(x), rtol=1e-12, atol=1e-300)
    wanted = function.derivative(x)
    known = np.isfinite(wanted)  # not at the ends of a domain
    np.testing.assert_allclose(slope[known], wanted[known], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(
    ("function", "name"), [(f, p) for f in rb.catalog.values() for p in f.params], ids=repr
)
def test_slope_in_a_parameter_is_the_difference_quotient(
    function: rb.Activation, name: str
) -> None:
    which = list(function.params).index(name)
    params = np.array([value * 1.25 + 0.125 for value in function.params.values()])
    h = 2.0**-17 * np.eye(len(params))[which]
    kinks = function.bind(**dict(zip(function.params, params.tolist(), strict=True))).kinks
    x = away_from(kinks)
    _, slope = value_and_slope(function.declaration.formula, (x, *params), which + 1)
    quotient = (function(x, *(params + h)) - function(x, *(params - h))) / (2 * h[which])
    np.testing.assert_allclose(slope, quotient, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@each
def test_dtype_and_shape_are_kept(function: rb.Activation, dtype: str) -> None:
    x = np.array([[0.25, 0.5, 0.75]], dtype)
    params = [np.float64(value) for value in function.params.values()]
    for which in range(1 + len(params)):
        for part in value_and_slope(function.declaration.formula, (x, *params), which):
            assert (part.dtype, part.shape) == (x.dtype, x.shape)


def test_parameters_broadcast() -> None:
    x, slopes = np.array([[-1.0, -2.0], [3.0, -4.0]]), np.array([0.1, 0.2])
    _, slope = value_and_slope(rb.leaky_relu.declaration.formula, (x, slopes), 1)
    np.testing.assert_array_equal(slope, np.where(x > 0, 0, x))


@pytest.mark.parametrize(
    ("formula", "slopes"),
    [
        (lambda m, x: m.where(x > 0, x, m.exp(x)), [0, 1, 1]),
        (lambda m, x: m.where(x > 1, 2.0, m.log1p(m.where(x > 1, 0.0, m.exp(x)))), [0, 0, 0.5]),
        (lambda m, x: m.sqrt(x * x), [-1, 1, 0]),
        (lambda m, x: abs(x), [-1, 1, 0]),
        (lambda m, x: m.minimum(x, 0.0), [1, 0, 1]),
        (lambda m, x: m.maximum(x, 0.0), [0, 1, 1]),
        (lambda m, x: 2.0 ** m.minimum(x, 1.0), [0, 0, np.log(2)]),
        (lambda m, x: x**3, [3e8, 3e8, 0]),
        (lambda m, x: 7.0, [0, 0, 0]),
    ],
)
def test_branches_corners_and_numbers(formula: object, slopes: list[float]) -> None:
    x = np.array([-1e4, 1e4, 0.0])
    np.testing.assert_allclose(value_and_slope(formula, (x,))[1], slopes)


def test_nan_is_kept() -> None:
    assert np.isnan(value_and_slope(rb.relu.declaration.formula, ([np.nan],))).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_namespace_is_that_of_formulas(name: str) -> None:
    assert callable(getattr(DualNamespace(np), name, None)) or name.startswith("erf")
