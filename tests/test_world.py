"""Arrays of every layout, kind and library go through every function."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
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

EVERY = pytest.mark.parametrize("function", rb.catalog.values(), ids=str)
PARTS = pytest.mark.parametrize("part", ["__call__", "derivative", "backward"])
RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(0, 3, 94), [0.0, -0.0, 1.0, -1.0, 40.0, -40.0]])


def run(function: rb.Activation, part: str, x: Any, **keywords: Any) -> Any:
    if part == "backward":
        return function.backward(x, x, **keywords)
    return getattr(function, part)(x, **keywords)


# ---- Layouts -------------------------------------------------------------------------------------


def unaligned(x: np.ndarray) -> np.ndarray:
    return np.frombuffer(b"\0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape)


def read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "strided": lambda x: np.repeat(x, 3)[::3],
    "negative stride": lambda x: x[::-1].copy()[::-1],
    "unaligned": unaligned,
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "read-only": read_only,
    "Fortran": lambda x: np.asfortranarray(x.reshape(10, 10)),
    "stride 0": lambda x: np.broadcast_to(x[:1], x.shape),
    "empty": lambda x: x[:0],
    "0-d": lambda x: x[0].reshape(()),
    "transposed": lambda x: x.reshape(4, 25).T,
}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("layout", LAYOUTS)
@PARTS
@EVERY
def test_layouts(function: rb.Activation, part: str, layout: str, dtype: str) -> None:
    native = np.dtype(getattr(ml_dtypes, dtype, dtype))
    x = LAYOUTS[layout](X.astype(native))
    plain = np.array(x, native, order="C")
    result = run(function, part, x)
    assert result.dtype == native
    assert result.shape == x.shape
    assert np.ascontiguousarray(result).tobytes() == run(function, part, plain).tobytes()


@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 3])
@PARTS
@EVERY
def test_overlapping_input_and_output(function: rb.Activation, part: str, shift: int) -> None:
    buffer = np.resize(X, 3000)
    x, out = buffer[10:-10], buffer[10 + shift : 2990 + shift]
    expected = run(function, part, x.copy())
    assert run(function, part, x, out=out) is out
    assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize("size", [64, 40_000])  # one block; enough for threads
@pytest.mark.parametrize(
    "function",
    [rb.tanh, rb.sine, rb.leaky_relu.bind(negative_slope=1e-30), rb.elu.bind(alpha=1e39)],
    ids=repr,
)
def test_overlap_where_elements_are_looked_at_twice(function: rb.Activation, size: int) -> None:
    buffer = np.linspace(-1e7, -1, size + 1).astype(np.float32)
    expected = function(buffer[1:].copy())
    function(buffer[1:], out=buffer[:-1])
    assert buffer[:-1].tobytes() == expected.tobytes()


@EVERY
def test_ufunc_keywords(function: rb.Activation) -> None:
    x = X.reshape(10, 10)
    expected = function(x)
    out = np.full_like(x, 7.0)
    function(x, out=out, where=x > 0)
    np.testing.assert_array_equal(out, np.where(x > 0, expected, 7.0))
    assert function(x, dtype=np.float32).dtype == np.float32
    assert function(x, order="F").flags.f_contiguous
    narrow = function(x, out=np.empty(x.shape, np.float32), casting="same_kind")
    np.testing.assert_array_equal(narrow, expected.astype(np.float32))
    with pytest.raises(rb.InputTypeError, match=r"Cannot cast|No loop"):
        function(x, out=np.empty(x.shape, np.float32), casting="no")


@pytest.mark.parametrize("given", [0.5, np.float32(0.5), np.float64(0.5), 1, [0.5], np.array(0.5)])
@EVERY
def test_scalars_keep_numpys_rules(function: rb.Activation, given: Any) -> None:
    expected = np.tanh(given)
    named = {} if not function.params else {next(iter(function.params)): 0.75}
    for result in (function(given), function(given, **named), function.derivative(given)):
        assert (type(result), np.asarray(result).dtype) == (type(expected), expected.dtype)


def test_a_number_beside_an_array_keeps_its_dtype() -> None:
    assert rb.elu.backward(np.float32([1.0]), 2.0).dtype == np.float32
    assert rb.elu.backward(np.float32([1.0]), 2.0, alpha=0.0).dtype == np.float32


@pytest.mark.parametrize("function", [f for f in rb.catalog.values() if f.params], ids=str)
def test_parameters_by_number_by_array_and_bound_agree(function: rb.Activation) -> None:
    x = X[:, None]
    for name in function.params:
        legal = function.declaration.legal
        values = [v for v in (2.0, 1.0, 0.0) if legal(*{**function.params, name: v}.values())]
        together = function(x, **{name: np.array(values)})
        for column, value in zip(together.T, values, strict=True):
            for one in (function(X, **{name: value}), function.bind(**{name: value})(X)):
                assert one.tobytes() == column.copy().tobytes()


def test_many_parameters_one_after_the_other() -> None:
    for k in range(1, 200):
        assert rb.leaky_relu(-1.0, k) == -k
    assert np.signbit(rb.leaky_relu(-1.0, 0.0))
    assert not np.signbit(rb.leaky_relu(-1.0, -0.0))


# ---- Kinds of arrays that NumPy knows ------------------------------------------------------------


class Marked(np.ndarray):
    """A subclass."""


@PARTS
@EVERY
def test_subclasses_and_masked_arrays(function: rb.Activation, part: str) -> None:
    expected = run(function, part, X)
    assert type(run(function, part, X.view(Marked))) is Marked
    assert type(run(function, part, X.view(Marked), subok=False)) is np.ndarray
    masked = run(function, part, np.ma.masked_array(X, X > 0))
    np.testing.assert_array_equal(masked.mask, X > 0)
    np.testing.assert_array_equal(masked.compressed(), expected[X <= 0])


@PARTS
@EVERY
def test_data_frames_keep_their_labels(function: rb.Activation, part: str) -> None:
    expected = run(function, part, X)
    series = run(function, part, pd.Series(X, index=range(100, 200), name="z"))
    pd.testing.assert_series_equal(
        series, pd.Series(expected, index=range(100, 200), name="z"), check_exact=True
    )
    frame = run(function, part, pd.DataFrame({"a": X}))
    np.testing.assert_array_equal(frame["a"], expected)
    nullable = run(function, part, pd.Series([1.0, None, -1.0], dtype="Float64"))
    assert str(nullable.dtype) == "Float64"
    assert nullable.isna().tolist() == [False, True, np.isnan(run(function, part, -1.0))]
    polars = run(function, part, pl.Series("z", X))
    assert polars.name == "z"
    np.testing.assert_array_equal(polars.to_numpy(), expected)
    attributes, time = {"unit": "mV"}, {"t": np.arange(100)}
    with xr.set_options(keep_attrs=True):
        labelled = run(function, part, xr.DataArray(X, time, "t", attrs=attributes))
    xr.testing.assert_identical(labelled, xr.DataArray(expected, time, "t", attrs=attributes))


@PARTS
@EVERY
def test_dask_stays_lazy(function: rb.Activation, part: str) -> None:
    lazy = run(function, part, da.from_array(X, chunks=7))
    assert isinstance(lazy, da.Array)
    assert lazy.dtype == np.float64
    assert lazy.compute(scheduler="threads").tobytes() == run(function, part, X).tobytes()


def test_pairs_come_from_arrays_that_take_ufuncs_of_one_result() -> None:
    for x in (da.from_array(X, chunks=7), pl.Series(X), pd.Series(X)):
        value, slope = rb.elu.value_and_derivative(x, alpha=0.5)
        assert type(value) is type(slope) is type(x)
        np.testing.assert_array_equal(slope, rb.elu.derivative(X, alpha=0.5))


# ---- Libraries with a namespace of their own -----------------------------------------------------

FAR = np.array([-800.0, -90.0, -1e-30, 1e-30, 0.3, 90.0, 800.0])


def points(function: rb.Activation) -> np.ndarray:
    """Near and far inside the domain, beside the kinks."""
    x = np.setdiff1d(np.concatenate([X, FAR]), function.kinks)
    return x[np.isfinite(function(x)) & np.isfinite(function.derivative(x))]


def near(result: Any, expected: np.ndarray) -> None:
    np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-9, atol=1e-12)


LIBRARIES = {
    "torch": torch.asarray,
    "jax": jnp.asarray,
    "array API": array_api_strict.asarray,
}


@pytest.fixture(autouse=True)
def _jax_in_float64() -> Any:
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("library", LIBRARIES)
@EVERY
def test_the_formula_runs_in_the_arrays_own_library(function: rb.Activation, library: str) -> None:
    x = points(function)
    array = LIBRARIES[library](x)
    try:
        value = function(array)
    except rb.InputTypeError as error:
        assert library == "array API"  # the standard has no erf
        assert "erf" in str(error)  # noqa: PT017
        return
    assert type(value) is type(array)
    assert value.dtype == array.dtype
    near(value, function(x))
    near(function.derivative(array), function.derivative(x))
    for result, expected in zip(
        function.value_and_derivative(array), function.value_and_derivative(x), strict=True
    ):
        near(result, expected)
    near(function.backward(array, array), function.backward(x, x))
    assert np.asarray(function(LIBRARIES[library]([0, 1]))).dtype.kind == "f"


@EVERY
def test_it_is_differentiable_there(function: rb.Activation) -> None:
    x = points(function)
    slopes = function.derivative(x)
    tensor = torch.tensor(x, requires_grad=True)
    function(tensor).sum().backward()
    assert tensor.grad is not None
    near(tensor.grad, slopes)
    near(jax.vmap(jax.grad(function))(jnp.asarray(x)), slopes)
    near(jax.jit(function)(jnp.asarray(x)), function(x))


@EVERY
def test_no_gradient_is_lost_at_kinks_and_far_out(function: rb.Activation) -> None:
    kinks = np.array([*function.kinks])
    sides = np.sort([function.derivative(kinks - 1e-9), function.derivative(kinks + 1e-9)], axis=0)
    far = np.array([-1e30, 1e30])
    tensor = torch.tensor([*kinks, *far], requires_grad=True)
    function(tensor).sum().backward()
    for grads in (tensor.grad, jax.vmap(jax.grad(function))(jnp.asarray(tensor.detach().numpy()))):
        at_kinks, away = np.split(np.asarray(grads), [len(kinks)])
        assert (sides[0] - 1e-6 <= at_kinks).all()
        assert (at_kinks <= sides[1] + 1e-6).all()
        assert not np.isnan(away).any()


@EVERY
def test_torch_gradcheck(function: rb.Activation) -> None:
    x = np.linspace(-3.3, 3.1, 40) if np.isfinite(function(-1.0)) else np.linspace(0.05, 0.95, 40)
    x = x[np.abs(x[:, None] - np.array([*function.kinks, 1e9])).min(1) > 1e-2]
    assert torch.autograd.gradcheck(function, (torch.tensor(x, requires_grad=True),))


def test_parameters_may_be_learned() -> None:
    slope = torch.tensor(0.25, requires_grad=True)
    rb.leaky_relu(torch.tensor([-2.0, 3.0]), slope).sum().backward()
    assert slope.grad == -2.0
    assert rb.leaky_relu(torch.tensor([-2.0]), np.array([0.5])) == -1.0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_torch_keeps_dtype_and_device(dtype: torch.dtype) -> None:
    x = torch.zeros(3, dtype=dtype, device="meta")
    assert rb.gelu(x).dtype == dtype
    assert rb.hard_tanh(x).device == x.device


# ---- bfloat16 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["ml_dtypes", "rheobase"])
def test_bfloat16_in_either_order_of_import(first: str, run_python: Callable[..., str]) -> None:
    code = f"import {first}, ml_dtypes, rheobase as rb, numpy as np\n" + (
        "x = np.array([-1, 2], ml_dtypes.bfloat16)\n"
        "print(rb.elu(x).dtype, rb.relu(x).dtype, rb.elu(x, alpha=2.0).dtype, rb.elu.backward(x, x).dtype)"
    )
    assert run_python(code).split() == ["bfloat16"] * 4


# ---- The object: copies, processes, threads, interpreters ----------------------------------------


@pytest.mark.parametrize("function", [*rb.catalog.values(), rb.elu.bind(alpha=0.3)], ids=repr)
def test_copies_are_equal_and_compute_the_same(function: rb.Activation) -> None:
    for other in (
        copy.copy(function),
        copy.deepcopy(function),
        *(pickle.loads(pickle.dumps(function, k)) for k in range(pickle.HIGHEST_PROTOCOL + 1)),
    ):
        assert other == function
        assert hash(other) == hash(function)
        assert other(X).tobytes() == function(X).tobytes()


def test_pickles_cross_processes() -> None:
    functions = [rb.relu, rb.elu.bind(alpha=0.3), rb.swiglu, rb.crelu]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for function in functions:
            x = (X, X) if isinstance(function, rb.Gated) else (X,)
            assert pool.submit(function, *x).result().tobytes() == function(*x).tobytes()


@EVERY
def test_threads_may_call_at_once(function: rb.Activation) -> None:
    x = np.resize(X, 20_000)
    expected = function(x).tobytes()
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(function, x) for _ in range(16)]
    assert {job.result().tobytes() for job in jobs} == {expected}


@pytest.mark.skipif(
    sys.version_info < (3, 13), reason="the module that makes interpreters is of 3.13"
)
def test_sub_interpreters_are_refused(run_python: Callable[..., str]) -> None:
    code = """
import _interpreters
i = _interpreters.create()
print(_interpreters.exec(i, "import rheobase"))
"""
    assert "does not support loading in subinterpreters" in run_python(code)
