"""The row functions on arrays of other libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rheobase as rb
from rheobase import InputError, InputTypeError

Z = np.ones((2, 3))
REDUCTIONS = ["logsumexp", "logmeanexp", "cross_entropy"]
ELSEWHERE = ["softmax", "softmin", "log_softmax", "sparsemax", "hardmax", *REDUCTIONS]


@pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict"])
@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("masked", [False, True])
def test_arrays_of_other_libraries(library: str, name: str, axis: int, masked: bool) -> None:
    xp = pytest.importorskip(library)
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (4, 5)).astype(np.float32)
    options: dict[str, Any] = {"axis": axis, "temperature": 0.5}
    if masked:
        where = rng.random(z.shape) < 0.7
        np.moveaxis(where, axis, 0)[:, 1] = False
        np.moveaxis(where, axis, 0)[0, 2:] = True
        options["where"] = where
    there = {**options, **({"where": xp.asarray(where)} if masked else {})}
    function = getattr(rb, name)
    middle: tuple[Any, ...] = ()
    if name == "cross_entropy":
        middle = (np.zeros(z.shape[1 + axis], int),)
        middle[0][-1] = -7
        for each in (options, there):
            each.update(label_smoothing=0.2 if not masked else 0.0, ignore_index=-7)
    theirs = tuple(map(xp.asarray, middle))
    x = xp.asarray(z)
    want, got = function(z, *middle, **options), function(x, *theirs, **there)
    assert type(got) is type(x)
    assert got.dtype == x.dtype
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-5, atol=1e-6)
    grad = rng.normal(0, 1, want.shape).astype(np.float32)
    saved, other = (z, x) if name in REDUCTIONS else (want, got)
    want = function.backward(saved, *middle, grad, **options)
    got = function.backward(other, *theirs, xp.asarray(grad), **there)
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-4, atol=1e-5)
    if library == "torch":
        x.requires_grad_()
        y = function(x, *theirs, **there)
        if name == "hardmax":  # constant, as torch.argmax
            assert not y.requires_grad
            return
        y.backward(xp.where(xp.isfinite(y), xp.asarray(grad), 0.0))
        np.testing.assert_allclose(np.asarray(x.grad), want, rtol=1e-4, atol=1e-5)
    if library == "jax.numpy":
        import jax

        def value(x: Any) -> Any:
            y = function(x, *theirs, **there)
            return xp.sum(xp.where(xp.isfinite(y), y, 0.0) * grad)

        np.testing.assert_allclose(jax.jit(jax.grad(value))(x), want, rtol=1e-4, atol=1e-5)


def test_what_other_libraries_cannot_is_refused() -> None:
    torch, xarray = pytest.importorskip("torch"), pytest.importorskip("xarray")
    z = torch.ones((2, 3), requires_grad=True)
    calls: dict[str, Callable[[], Any]] = {
        "arrays of torch": lambda: rb.gumbel_softmax(z, rng=1),
        "leave out out": lambda: rb.softmax(z, out=np.ones((2, 3))),
        "expected booleans": lambda: rb.softmax(z, where=z),
        "xarray's DataArray": lambda: rb.softmax(xarray.DataArray(Z)),
        "target has dtype torch.complex": lambda: rb.cross_entropy(z, z + 0j),
    }
    for words, request_ in calls.items():
        with pytest.raises(InputTypeError, match=words):
            request_()
    for words, request_ in {
        "grad has shape": lambda: rb.logsumexp.backward(z, torch.ones((2, 2))),
        "one index a row": lambda: rb.cross_entropy(z, torch.ones(3, dtype=int)),
        "expected -2 to 1": lambda: rb.softmax(z, axis=2),
    }.items():
        with pytest.raises(InputError, match=words):
            request_()
    wrapped = torch.tensor([0, 255], dtype=torch.uint8)
    assert torch.isnan(rb.cross_entropy(z, wrapped, ignore_index=-1)[1])
    assert rb.cross_entropy(z, wrapped, ignore_index=255)[1] == 0
    outside = rb.cross_entropy(z, torch.tensor([0, 3]))
    np.testing.assert_array_equal(torch.isnan(outside), [False, True])
