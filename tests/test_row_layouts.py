"""Rows give the same bits wherever they lie: along any axis, in place, in one array or in parts."""

from __future__ import annotations

import numpy as np
import pytest

import rheobase as rb
from rheobase import _native

MAPS = ["softmax", "softmin", "log_softmax", "sparsemax", "hardmax"]  # a result for each entry


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("n", [1, 7, 64, 65, 600])
def test_gradients_are_the_same_along_any_axis(n: int, dtype: str) -> None:
    rng = np.random.default_rng(n)
    z = rng.normal(0, 3, (131, n)).astype(dtype)
    g, one = rng.normal(0, 1, z.shape).astype(dtype), rng.normal(0, 1, 131).astype(dtype)
    targets = rng.integers(0, n, 131)
    apart = np.zeros((n, 262), dtype)[:, ::2]
    for name in MAPS:
        function = getattr(rb, name)
        y = function(z)
        want = function.backward(y, g)
        for out in (np.empty((n, 131), dtype), apart):
            got = function.backward(y.T, np.ascontiguousarray(g.T), axis=0, out=out)
            assert got.T.tobytes() == want.tobytes(), name
        assert function.backward(y[5], g[5]).tobytes() == want[5].tobytes(), name
        place = y.copy()
        assert function.backward(place, g, out=place).tobytes() == want.tobytes(), name
    for function, operands in ((rb.logsumexp, (one,)), (rb.cross_entropy, (targets, one))):
        want = function.backward(z, *operands)
        got = function.backward(np.ascontiguousarray(z.T), *operands, axis=0)
        assert got.T.tobytes() == want.tobytes()
        place = z.copy()
        assert function.backward(place, *operands, out=place).tobytes() == want.tobytes()


def test_hardmax_has_no_gradient_anywhere() -> None:
    y = rb.hardmax(np.random.default_rng(0).normal(0, 2, (4200, 1003)).astype(np.float32))
    for view in (y, y.T, y[:, ::2], y[::3, 5:], y[::-1]):
        out = np.full(2 * view.size, 7, np.float32)[::2].reshape(view.shape)
        assert not rb.hardmax.backward(view, view, axis=0, out=out).any()
        assert not rb.hardmax.backward(view, view).any()


@pytest.mark.parametrize("isa", _native.isas)
def test_results_beyond_the_caches(isa: str) -> None:
    ufuncs = _native.ufuncs_of(isa)
    z = np.random.default_rng(0).normal(0, 2, (4200, 1003)).astype(np.float32)
    offset = np.empty(z.size + 3, np.float32)[3:].reshape(z.shape)
    for name in ("softmax", "softmin", "log_softmax", "sparsemax"):
        function, backward = ufuncs[name], ufuncs[f"{name}_backward"]
        parts = [function(part) for part in np.array_split(z, 10)]
        assert function(z, out=offset).tobytes() == np.concatenate(parts).tobytes()
        want = np.concatenate([backward(part, part) for part in parts])
        y = np.concatenate(parts)
        assert backward(y, y, out=offset).tobytes() == want.tobytes()
    softmax = ufuncs["softmax"]
    columns = z[:4160].reshape(65, -1)[:60]
    want = softmax(np.ascontiguousarray(columns.T))
    assert softmax(columns, axis=0).T.tobytes() == want.tobytes()


@pytest.mark.parametrize("length", [1, 2, 64, 65, 200])
@pytest.mark.parametrize("size", [1e9, -1e20, 3.4e38])
def test_huge_equal_logits_are_as_good_as_small_ones(size: float, length: int) -> None:
    z = np.full((3, length), size, np.float32)
    log_p = np.full_like(z, -np.log(length))
    np.testing.assert_allclose(rb.log_softmax(z), log_p, rtol=3e-7)
    np.testing.assert_allclose(rb.cross_entropy(z, np.zeros(3, int)), -log_p[:, 0], rtol=3e-7)


@pytest.mark.parametrize("low", [-1000.0, -np.inf])
def test_many_impossible_entries_leave_no_gradient(low: float) -> None:
    z = np.full((2, 513), low, np.float32)
    z[:, 3] = 0
    assert not rb.cross_entropy.backward(z, np.full(2, 3), np.ones(2, np.float32)).any()
