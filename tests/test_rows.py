"""The softmax family against mpmath, and where others fall."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import rheobase as rb
from rheobase.verify import ulp_errors

DTYPES = ("float16", "float32", "float64")


def exact_rows(z: np.ndarray, target: int = 0) -> dict[str, list[mpmath.mpf]]:
    with mpmath.workdps(60):
        values = [mpmath.mpf(float(v)) for v in z]
        total = mpmath.fsum(mpmath.exp(v) for v in values)
        log = mpmath.log(total)
        return {
            "softmax": [mpmath.exp(v) / total for v in values],
            "log_softmax": [v - log for v in values],
            "logsumexp": [log],
            "cross_entropy": [log - values[target]],
        }


def long_double(values: list[mpmath.mpf]) -> np.ndarray:
    with mpmath.workdps(60):
        heads = [float(v) for v in values]
        tails = [float(v - h) for v, h in zip(values, heads, strict=True)]
    return np.array(heads, np.longdouble) + np.array(tails, np.longdouble)


def rows(dtype: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    made = {
        "small": rng.normal(0, 3, 10),
        "long": rng.normal(0, 2, 3001),
        "wide": rng.uniform(-60, 60, 200),
        "peak": np.array([30.0, 0.0, -3.0]),
        "equal and large": np.full(7, 1e4 if dtype == "float16" else 1e8),
        "one": np.array([3.25]),
        "source": np.array([2.0, 1.0, 0.1]),
    }
    return {name: z.astype(dtype) for name, z in made.items()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", rows("float64"))
def test_within_two_ulp(name: str, dtype: str) -> None:
    z = rows(dtype)[name]
    want = exact_rows(z)
    got = {
        "softmax": rb.softmax(z),
        "log_softmax": rb.log_softmax(z),
        "logsumexp": np.atleast_1d(rb.logsumexp(z)),
        "cross_entropy": np.atleast_1d(rb.cross_entropy(z, 0)),
    }
    for function, result in got.items():
        assert result.dtype == dtype
        errors = ulp_errors(result, long_double(want[function]))
        assert errors.max() <= 2, function


def test_logsumexp_near_its_zero_in_float32() -> None:
    z = np.full(3, -np.log(3), np.float32)
    want = long_double(exact_rows(z)["logsumexp"])
    assert ulp_errors(np.atleast_1d(rb.logsumexp(z)), want)[0] <= 2


def test_a_hundred_thousand_entries() -> None:
    z = np.random.default_rng(0).normal(0, 1, 100_000)
    total = np.exp(z.astype(np.longdouble)).sum()
    want = np.exp(z.astype(np.longdouble)) / total
    for dtype in ("float32", "float64"):
        same = z.astype(dtype).astype(np.longdouble)
        want = np.exp(same) / np.exp(same).sum()
        assert ulp_errors(rb.softmax(z.astype(dtype)), want).max() <= 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_backward_agrees_with_torch(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z, g = rng.normal(0, 2, (2, 5, 7)).astype(dtype)
    target = rng.integers(0, 7, 5)
    rtol = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-13}[dtype]

    def theirs(function, grad):
        x = torch.tensor(z.astype(np.float64), requires_grad=True)
        function(x).backward(torch.tensor(np.asarray(grad, np.float64)))
        return x.grad.numpy()

    ours = {
        "softmax": (rb.softmax.backward(rb.softmax(z), g), theirs(lambda x: x.softmax(-1), g)),
        "log_softmax": (
            rb.log_softmax.backward(rb.log_softmax(z), g),
            theirs(lambda x: x.log_softmax(-1), g),
        ),
        "logsumexp": (
            rb.logsumexp.backward(z, g[:, 0]),
            theirs(lambda x: x.logsumexp(-1), g[:, 0]),
        ),
        "cross_entropy": (
            rb.cross_entropy.backward(z, target, g[:, 0]),
            theirs(
                lambda x: torch.nn.functional.cross_entropy(
                    x, torch.tensor(target), reduction="none"
                ),
                g[:, 0],
            ),
        ),
    }
    for got, want in ours.values():
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("dtype", DTYPES)
def test_axis_and_strides_do_not_matter(dtype: str) -> None:
    z = np.random.default_rng(0).normal(0, 2, (6, 5, 4)).astype(dtype)
    for axis in (0, 1, -1):
        moved = np.ascontiguousarray(np.moveaxis(z, axis, -1))
        for function in (rb.softmax, rb.log_softmax):
            want = np.moveaxis(function(moved), -1, axis)
            assert function(z, axis=axis).tobytes() == want.tobytes()
        assert rb.logsumexp(z, axis=axis).tobytes() == rb.logsumexp(moved).tobytes()
    place = z.copy()
    assert rb.softmax(place, out=place).tobytes() == rb.softmax(z).tobytes()


def test_masked_and_infinite_entries() -> None:
    inf = np.inf
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(rb.softmax([-inf, 0.0, -inf]), [0, 1, 0])
        np.testing.assert_array_equal(rb.log_softmax([-inf, 0.0]), [-inf, 0])
        assert np.isnan(rb.softmax([-inf, -inf])).all()
        assert np.isnan(rb.softmax([1.0, np.nan])).all()
        assert rb.logsumexp([-inf, -inf]) == -inf
        assert rb.logsumexp([0.0, inf]) == inf


def test_the_gradient_at_a_confident_target_is_not_lost() -> None:
    grad = rb.cross_entropy.backward(np.array([40.0, 0.0]), 0)
    np.testing.assert_allclose(grad, [-np.exp(-40.0), np.exp(-40.0)], rtol=1e-15)
