"""Gated units, and the activations that are not one function of each element."""

from __future__ import annotations

from typing import Any

import array_api_strict
import dask.array as da
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
import xarray as xr

import rheobase as rb
from rheobase import _native

GATED = pytest.mark.parametrize("unit", rb.gated.values(), ids=str)
RNG = np.random.default_rng(0)
GATE, UP, GRAD = RNG.normal(0, 3, (3, 6, 50))


@GATED
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_value_and_both_gradients(unit: rb.Gated, dtype: str) -> None:
    gate, up, grad = (a.astype(dtype) for a in (GATE, UP, GRAD))
    wide = [a.astype(float) for a in (gate, up, grad)]
    value, slope = unit.activation.value_and_derivative(wide[0])
    info = ml_dtypes.finfo(dtype)
    results = unit(gate, up), *unit.backward(gate, up, grad)
    expected = value * wide[1], wide[2] * wide[1] * slope, wide[2] * value
    for result, exact in zip(results, expected, strict=True):
        assert result.dtype == dtype
        np.testing.assert_allclose(
            result.astype(float), exact, rtol=4 * float(info.eps), atol=float(info.tiny)
        )


@GATED
def test_layouts_outputs_and_broadcasting(unit: rb.Gated) -> None:
    expected = unit(GATE, UP)
    for view in (
        np.asfortranarray,
        lambda a: a[::-1].copy()[::-1],
        lambda a: np.repeat(a, 2, 1)[:, ::2],
    ):
        np.testing.assert_array_equal(unit(view(GATE), view(UP)), expected)
    buffer = UP.copy()
    assert unit(GATE, buffer, out=buffer) is buffer
    np.testing.assert_array_equal(buffer, expected)
    gate, up = GATE.copy(), UP.copy()
    for place, at in zip(
        unit.backward(gate, up, GRAD, out=(gate, up)), unit.backward(GATE, UP, GRAD), strict=True
    ):
        np.testing.assert_array_equal(place, at)
    np.testing.assert_array_equal(unit(GATE[:, :1], UP), unit(np.repeat(GATE[:, :1], 50, 1), UP))
    assert unit(1.0, 2.0).shape == unit(np.empty((0, 3)), 1.0).shape[:0]


@GATED
def test_other_libraries(unit: rb.Gated) -> None:
    expected, gradients = unit(GATE, UP), unit.backward(GATE, UP, GRAD)
    inputs = [torch.tensor(a, requires_grad=True) for a in (GATE, UP)]
    result = unit(*inputs)
    np.testing.assert_allclose(result.detach(), expected, rtol=1e-12, atol=1e-300)
    result.backward(torch.tensor(GRAD))
    for tensor, at in zip(inputs, gradients, strict=True):
        np.testing.assert_allclose(tensor.grad, at, rtol=1e-9, atol=1e-12)
    with jax.enable_x64(True):
        both = jax.jit(unit.backward)(*map(jnp.asarray, (GATE, UP, GRAD)))
    np.testing.assert_allclose(both, gradients, rtol=1e-9, atol=1e-12)


@GATED
@pytest.mark.parametrize("kind", [lambda a: da.from_array(a, chunks=7), pd.DataFrame, xr.DataArray])
def test_lazy_and_labelled_arrays(unit: rb.Gated, kind: Any) -> None:
    inputs = [kind(a) for a in (GATE, UP, GRAD)]
    results = unit(*inputs[:2]), *unit.backward(*inputs)
    for result, expected in zip(
        results, (unit(GATE, UP), *unit.backward(GATE, UP, GRAD)), strict=True
    ):
        assert type(result) is type(inputs[0])
        np.testing.assert_array_equal(result, expected)


@GATED
@pytest.mark.parametrize("kind", [pl.Series, da.asarray, pd.Series, xr.DataArray])
def test_gradients_of_arrays_with_ufuncs_of_their_own(unit: rb.Gated, kind: Any) -> None:
    rows = (GATE[0], UP[0], GRAD[0])
    for mine in ((kind, kind, kind), (kind, np.asarray, np.asarray)):
        found = unit.backward(*(make(row) for make, row in zip(mine, rows, strict=True)))
        for at, expected in zip(found, unit.backward(*rows), strict=True):
            assert type(at) is type(kind(rows[0]))
            np.testing.assert_allclose(np.asarray(at), expected, rtol=1e-14, atol=1e-300)


def test_every_native_gated_ufunc_is_declared() -> None:
    pairs = {
        name.removesuffix("_backward")
        for name in dir(_native)
        if name.endswith("_backward") and getattr(_native, name).nout == 2
    }
    assert pairs == set(rb.gated)
    assert all(getattr(rb, name) is unit for name, unit in rb.gated.items())


def test_which_half_is_the_gate() -> None:
    x = RNG.normal(0, 3, (4, 10))
    for axis in (0, -1):
        ours = rb.glu(*rb.split_gate(x, axis, gate="second"))
        np.testing.assert_allclose(ours, torch.nn.functional.glu(torch.tensor(x), axis), rtol=1e-12)
    gate, up = np.split(x, 2, axis=1)
    np.testing.assert_array_equal(rb.swiglu(*rb.split_gate(x)), rb.swiglu(gate, up))
    assert np.shares_memory(rb.split_gate(x)[0], x)
    assert type(rb.split_gate(torch.tensor(x))[0]) is torch.Tensor


def test_rrelu() -> None:
    x = RNG.normal(0, 3, (20, 30))
    np.testing.assert_allclose(rb.rrelu(x), torch.nn.functional.rrelu(torch.tensor(x)), rtol=1e-12)
    slopes = rb.rrelu.slopes(x.shape, 7)
    assert ((slopes >= 1 / 8) & (slopes <= 1 / 3)).all()
    np.testing.assert_array_equal(rb.rrelu(x, rng=7), rb.rrelu(x, slopes=slopes))
    np.testing.assert_array_equal(rb.rrelu(x, slopes=slopes), np.where(x > 0, x, slopes * x))
    grad = rb.rrelu.backward(x, np.ones_like(x), slopes=slopes)
    np.testing.assert_array_equal(grad, np.where(x > 0, 1, slopes))
    generator = np.random.default_rng(1)
    assert (rb.rrelu(x, rng=generator) != rb.rrelu(x, rng=generator)).any()
    assert rb.rrelu(x.astype(np.float32), rng=0).dtype == np.float32
    tensor = torch.tensor(x, requires_grad=True)
    rb.rrelu(tensor, slopes=slopes).sum().backward()
    np.testing.assert_array_equal(tensor.grad, grad)


@pytest.mark.parametrize(
    "library", [np.asarray, torch.asarray, jnp.asarray, array_api_strict.asarray]
)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_crelu(library: Any, axis: int) -> None:
    x = RNG.normal(0, 3, (3, 4)).astype(np.float32)
    grad = RNG.normal(0, 1, [(6, 4), (3, 8)][axis]).astype(np.float32)
    tensor = torch.tensor(x, requires_grad=True)
    expected = torch.relu(torch.cat((tensor, -tensor), axis))
    expected.backward(torch.tensor(grad))
    result = rb.crelu(library(x), axis)
    assert type(result) is type(library(x))
    np.testing.assert_array_equal(np.asarray(result), expected.detach().numpy())
    np.testing.assert_array_equal(
        np.asarray(rb.crelu.backward(library(x), library(grad), axis)), tensor.grad
    )


def test_crelu_keeps_a_mask() -> None:
    result = rb.crelu(np.ma.masked_array([-1.0, 2.0], [True, False]))
    assert result.tolist() == [None, 2.0, None, 0.0]


def test_crelu_of_unsigned_integers() -> None:
    assert rb.crelu(np.uint8([3])).tolist() == [3.0, 0.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rb.swiglu(np.ones(2), np.ones(3)), r"gate \(2,\), up \(3,\)"),
        (lambda: rb.glu.backward(np.ones(2), np.ones(2), None), "grad is None"),
        (lambda: rb.glu.backward(pd.Series(["a"]), np.ones(1), np.ones(1)), "gate is Series"),
        (lambda: rb.gated["swigul"], 'Did you mean "swiglu"'),
        (lambda: rb.split_gate(np.ones(3)), "expected an even length"),
        (lambda: rb.split_gate(np.ones(4), gate="third"), "expected 'first' or 'second'"),  # type: ignore[arg-type]
        (lambda: rb.split_gate(np.ones(4), axis=1), "expected -1 to 0"),
        (lambda: rb.rrelu(1.0, 0.5, 0.1), "lower ≤ upper"),
        (lambda: rb.rrelu.slopes(-1, 0), "shape is int -1; expected a whole number from 0"),
        (lambda: rb.rrelu.slopes("a", 0), "shape is str 'a'; expected a whole number from 0"),  # type: ignore[arg-type]
        (lambda: rb.rrelu(1.0, rng="seed"), "expected an int or a Generator"),  # type: ignore[arg-type]
        (lambda: rb.rrelu(1.0, rng=0, slopes=0.1), "pass one of them"),
        (lambda: rb.crelu(1.0), "at least one axis"),
        (lambda: rb.crelu.backward(np.ones(2), np.ones(2)), r"expected \(2,\)"),
    ],
)
def test_errors(call: Any, words: str) -> None:
    with pytest.raises(rb.RheobaseError, match=words):
        call()
