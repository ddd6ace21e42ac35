"""The row functions against extended precision, and where others fall."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest

import rheobase as rb
from rheobase import _native, rows

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
DTYPES = [np.dtype("float16"), BFLOAT16, np.dtype("float32"), np.dtype("float64")]
BOUND = {2: 0.51, 4: 2, 8: 2}  # ULP, by item size
MAPS = ["softmax", "softmin", "log_softmax", "sparsemax", "hardmax"]  # a result for each entry
REDUCTIONS = ["logsumexp", "logmeanexp", "cross_entropy"]
INF, NAN = np.inf, np.nan
EVERY = pytest.mark.parametrize("dtype", DTYPES, ids=str)


def call(name: str, z: Any, **options: Any) -> Any:
    """Any row function with what it needs besides z; targets are the first entries."""
    function = getattr(rb, name)
    if name == "cross_entropy":
        shape = np.delete(np.shape(z), options.get("axis", -1))
        return function(z, np.zeros(shape, int), **options)
    return function(z, **options)


def exact(z: np.ndarray, temperature: float = 1.0) -> dict[str, list[Any]]:
    """Every function of one row in 60 digits, by sorting and summing."""
    with mpmath.workdps(60):
        values = [mpmath.mpf(float(v)) / mpmath.mpf(temperature) for v in z]
        largest = max(values)
        total = mpmath.fsum(mpmath.exp(v - largest) for v in values)
        below = mpmath.fsum(mpmath.exp(-v + min(values)) for v in values)
        log = largest + mpmath.log(total)
        ordered = sorted(values, reverse=True)
        size = max(
            k for k in range(1, len(z) + 1) if 1 + k * ordered[k - 1] > mpmath.fsum(ordered[:k])
        )
        tau = (mpmath.fsum(ordered[:size]) - 1) / size
        return {
            "softmax": [mpmath.exp(v - largest) / total for v in values],
            "softmin": [mpmath.exp(min(values) - v) / below for v in values],
            "log_softmax": [v - log for v in values],
            "logsumexp": [log],
            "logmeanexp": [log - mpmath.log(len(z))],
            "cross_entropy": [log - values[0]],
            "sparsemax": [max(v - tau, mpmath.mpf(0)) for v in values],
            "hardmax": [mpmath.mpf(int(i == np.argmax(z))) for i in range(len(z))],
        }


def worst_ulp(got: Any, want: list[Any], scale: float = 0.0) -> float:
    """The largest error in ULP of the wanted number, or of ``scale`` where that is larger."""
    got = np.atleast_1d(got)
    info = ml_dtypes.finfo(got.dtype)
    with mpmath.workdps(60):
        errors = []
        for g, w in zip(got, want, strict=True):
            size = max(abs(w), mpmath.mpf(scale), mpmath.mpf(float(info.smallest_normal)))
            _, exponent = mpmath.frexp(size)
            ulp = mpmath.mpf(2) ** (exponent - 1 - info.nmant)
            errors.append(abs(mpmath.mpf(float(g)) - w) / ulp)
        return float(max(errors))


def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "small": rng.normal(0, 3, 10),
        "long": rng.normal(0, 2, 1501),
        "wide": rng.uniform(-60, 60, 200),
        "far": rng.normal(90, 3, 300),
        "below": rng.normal(-130, 9, 65),
        "peak": np.array([30.0, 0.0, -3.0]),
        "two": np.array([0.25, 1.0]),
        "levels": np.repeat([5.0, 0.0], [1, 200]),
        "equal and large": np.full(7, 1e4),
        "near its zero": np.full(3, -np.log(3)),
        "one": np.array([3.25]),
        "source": np.array([2.0, 1.0, 0.1]),
    }


@EVERY
@pytest.mark.parametrize("temperature", [1.0, 0.3, 7.0])
@pytest.mark.parametrize("name", samples())
def test_within_the_bound(name: str, temperature: float, dtype: np.dtype) -> None:
    z = samples()[name].astype(dtype)
    want = exact(z, temperature)
    for function in MAPS + REDUCTIONS:
        result = call(function, z, temperature=temperature)
        assert result.dtype == dtype
        of_largest = dtype == np.float64 and function.startswith("log") and function in REDUCTIONS
        scale = max(float(abs(z).max()) / temperature, np.log(len(z))) if of_largest else 0.0
        assert worst_ulp(result, want[function], scale) <= BOUND[dtype.itemsize], function


@pytest.mark.parametrize("isa", _native.isas)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_random_rows_on_every_instruction_set(isa: str, dtype: str) -> None:
    ufuncs = _native.ufuncs_of(isa)
    rng = np.random.default_rng(0)
    for n, shift in ((2, 0), (3, 90), (10, -200), (300, 0), (1000, 90)):
        z = (rng.normal(0, 4, (20_000 // n, n)) + shift).astype(dtype)
        wide = z.astype(np.longdouble)
        e = np.exp(wide - wide.max(-1, keepdims=True))
        want = e / e.sum(-1, keepdims=True)
        others = np.where(np.arange(n) == z.argmax(-1)[:, None], 0, e).sum(-1, keepdims=True)
        logarithm = wide - wide.max(-1, keepdims=True) - np.log1p(others)
        ulp = np.spacing(abs(logarithm).astype(dtype)).astype(np.longdouble)
        assert (abs(ufuncs["log_softmax"](z) - logarithm) / ulp).max() <= 2
        for got in (ufuncs["softmax"](z), ufuncs["softmax_where"](z, np.ones(z.shape, bool), 1.0)):
            ulp = np.spacing(want.astype(dtype)).astype(np.longdouble)
            assert (abs(got - want) / ulp).max() <= 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_hundred_thousand_entries(dtype: str) -> None:
    z = np.random.default_rng(0).normal(0, 1, 100_000).astype(dtype)
    e = np.exp(z.astype(np.longdouble))
    got, want = rb.softmax(z), e / e.sum()
    assert (abs(got - want) / np.spacing(want.astype(dtype))).max() <= 2
    beside_a_peak = np.r_[np.array([0.0]), np.full(99_999, np.log(1e-17))].astype(dtype)
    assert rb.logsumexp(beside_a_peak) == pytest.approx(99_999e-17, rel=1e-6)


@pytest.mark.parametrize("isa", _native.isas)
@pytest.mark.parametrize("n", [40, 3000, 100_000])
@pytest.mark.parametrize("low", [-0.7, -3.3, -15.2, -17.1])
def test_equal_entries_do_not_add_up_their_roundings(isa: str, n: int, low: float) -> None:
    ufuncs = _native.ufuncs_of(isa)
    for shift in (0.0, 60.0, -300.0):
        z = np.full(n, low + shift, np.float32)
        z[n // 3] = shift
        below = z.astype(np.longdouble) - np.longdouble(z[n // 3])
        e = np.exp(below)
        others = e.sum() - 1
        results = {
            "softmax": e / e.sum(),
            "log_softmax": below - np.log1p(others),
            "logsumexp": np.longdouble(z[n // 3]) + np.log1p(others),
        }
        for name, want in results.items():
            ulp = np.spacing(abs(want).astype(np.float32)).astype(np.longdouble)
            assert np.max(abs(ufuncs[name](z) - want) / ulp) <= 2, name


# ---- Gradients ----


def numeric(function: Callable[[np.ndarray], Any], z: np.ndarray, g: Any) -> np.ndarray:
    """Central differences of Σ g·function."""
    steps = np.eye(z.size).reshape(-1, *z.shape) * 1e-6
    return np.array(
        [np.sum((function(z + d) - function(z - d)) * g) / 2e-6 for d in steps]
    ).reshape(z.shape)


@pytest.mark.parametrize("name", [*MAPS, *REDUCTIONS])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("temperature", [1.0, 0.6])
@pytest.mark.parametrize("masked", [False, True])
def test_backward(name: str, axis: int, temperature: float, masked: bool) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(0, 1, (4, 3, 5))
    where = rng.random(z.shape) < 0.7 if masked else None
    if masked:
        np.moveaxis(where, axis, 0)[0] = True  # the targets
        np.moveaxis(where, axis, 0)[:, 1, 1] = False
    options: dict[str, Any] = {"axis": axis, "temperature": temperature, "where": where}
    y = call(name, z, **options)
    g = rng.normal(0, 1, y.shape)
    function = getattr(rb, name)
    if name == "cross_entropy":
        got = function.backward(z, np.zeros(y.shape, int), g, **options)
    else:
        got = function.backward(z if name in REDUCTIONS else y, g, **options)

    def value(x: np.ndarray) -> Any:
        return np.nan_to_num(call(name, x, **options), neginf=0.0)

    np.testing.assert_allclose(got, numeric(value, z, g), atol=2e-8)
    if masked:
        assert not got[~where].any()


@EVERY
def test_backward_keeps_the_dtype(dtype: np.dtype) -> None:
    z = np.random.default_rng(0).normal(0, 2, (5, 7)).astype(dtype)
    tolerance = 4 * float(ml_dtypes.finfo(dtype).eps)
    wide = z.astype(np.float64)
    for name in (*MAPS, "logsumexp", "logmeanexp"):
        function = getattr(rb, name)
        saved, grad = (z, z[:, 0]) if name in REDUCTIONS else (function(z), z)
        got = function.backward(saved, grad)
        want = function.backward(saved.astype(float), grad.astype(float))
        assert got.dtype == dtype
        np.testing.assert_allclose(got.astype(float), want, rtol=tolerance, atol=tolerance)
    got = rb.cross_entropy.backward(z, np.zeros(5, int))
    assert got.dtype == dtype
    want = rb.cross_entropy.backward(wide, np.zeros(5, int))
    np.testing.assert_allclose(got.astype(float), want, rtol=tolerance, atol=tolerance)


def test_the_gradient_at_a_confident_target_is_not_lost() -> None:
    grad = rb.cross_entropy.backward(np.array([40.0, 0.0]), 0)
    np.testing.assert_allclose(grad, [-np.exp(-40.0), np.exp(-40.0)], rtol=1e-15)


# ---- Shapes ----


@EVERY
@pytest.mark.parametrize("name", [*MAPS, *REDUCTIONS])
def test_axis_strides_and_place_do_not_matter(name: str, dtype: np.dtype) -> None:
    z = np.random.default_rng(0).normal(0, 2, (37, 5, 70)).astype(dtype)
    where = np.random.default_rng(1).random(z.shape) < 0.8
    for axis in (0, 1, -1):
        for options in ({}, {"where": where}):
            moved = {k: np.ascontiguousarray(np.moveaxis(v, axis, -1)) for k, v in options.items()}
            want = call(name, np.ascontiguousarray(np.moveaxis(z, axis, -1)), **moved)
            if name in MAPS:
                want = np.moveaxis(want, -1, axis)
            assert call(name, z, axis=axis, **options).tobytes() == want.tobytes()
            if name in MAPS:
                flipped = {k: v[:, ::-1] for k, v in options.items()}
                got = call(name, z[:, ::-1], axis=axis, **flipped)
                if axis != 1:
                    assert got.tobytes() == want[:, ::-1].tobytes()
    if name in MAPS:
        place = z.copy()
        assert call(name, place, out=place) is place
        assert place.tobytes() == call(name, z).tobytes()


@pytest.mark.parametrize("name", [*MAPS, "logsumexp", "logmeanexp"])
def test_no_rows_and_rows_of_nothing(name: str) -> None:
    assert call(name, np.ones((0, 3))).shape == ((0, 3) if name in MAPS else (0,))
    result = call(name, np.ones((3, 0)))
    assert result.shape == ((3, 0) if name in MAPS else (3,))
    assert (result == -INF).all()
    assert rb.cross_entropy(np.ones((0, 3)), np.ones(0, int)).shape == (0,)


# ---- Masks ----

NOTHING = {"log_softmax": -INF, "logsumexp": -INF, "logmeanexp": -INF}


@EVERY
@pytest.mark.parametrize("name", [*MAPS, *REDUCTIONS])
def test_a_masked_entry_is_not_there(name: str, dtype: np.dtype) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, (3, 40)).astype(dtype)
    keep = np.r_[True, rng.random(39) < 0.5]
    z[:, ~keep] = NAN
    with np.errstate(all="raise"):
        got = call(name, z, where=keep)
        want = call(name, np.ascontiguousarray(z[:, keep]))
    if name in MAPS:
        assert (got[:, ~keep] == NOTHING.get(name, 0)).all()
        got = got[:, keep]
    np.testing.assert_allclose(
        got.astype(float), want.astype(float), rtol=2 * float(ml_dtypes.finfo(dtype).eps)
    )


@EVERY
@pytest.mark.parametrize("name", [*MAPS, *REDUCTIONS])
def test_a_fully_masked_row(name: str, dtype: np.dtype) -> None:
    z = np.full((2, 3), NAN, dtype)
    with np.errstate(all="raise"):
        assert (call(name, z, where=False) == NOTHING.get(name, 0)).all()
        function = getattr(rb, name)
        one = np.ones(2, dtype)
        grad = {
            "cross_entropy": lambda: function.backward(z, [0, 0], one, where=False),
            "logsumexp": lambda: function.backward(z, one, where=False),
            "logmeanexp": lambda: function.backward(z, one, where=False),
        }.get(name, lambda: function.backward(z, z, where=False))()
    assert not grad.any()


def test_masked_arrays() -> None:
    z = np.ma.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], mask=[[0, 0, 1], [1, 1, 1]])
    for name in MAPS:
        got = call(name, z)
        assert isinstance(got, np.ma.MaskedArray)
        np.testing.assert_array_equal(got.mask, z.mask)
        np.testing.assert_array_equal(got.data, call(name, z.data, where=~z.mask))
    np.testing.assert_array_equal(rb.logsumexp(z), rb.logsumexp(z.data, where=~z.mask))
    half = rb.softmax(z, where=[False, True, True])
    np.testing.assert_array_equal(half.data, [[0, 1, 0], [0, 0, 0]])


def test_infinite_entries() -> None:
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(rb.hardmax.backward([1.0, NAN], [1.0, INF]), [0, 0])
        np.testing.assert_array_equal(rb.softmax([-INF, 0.0, -INF]), [0, 1, 0])
        np.testing.assert_array_equal(rb.log_softmax([-INF, 0.0]), [-INF, 0])
        np.testing.assert_array_equal(rb.sparsemax([-INF, 0.0]), [0, 1])
        np.testing.assert_array_equal(rb.hardmax([-INF, -INF]), [1, 0])
        np.testing.assert_array_equal(rb.hardmax([-INF, -INF], where=[False, True]), [0, 1])
        for name in ("softmax", "softmin", "log_softmax", "sparsemax", "cross_entropy"):
            for row in ([-INF, -INF], [1.0, NAN], [NAN, NAN], [INF, INF]):
                assert np.isnan(call(name, np.array(row))).all(), (name, row)
        assert rb.logsumexp([-INF, -INF]) == -INF
        assert rb.logsumexp([0.0, INF]) == INF
        assert np.isnan(rb.logsumexp([NAN, INF]))
        assert np.isnan(rb.hardmax([1.0, NAN])).all()


@pytest.mark.parametrize("name", ["logsumexp", "logmeanexp"])
def test_quotients_by_the_temperature_overflow(name: str) -> None:
    function = getattr(rb, name)
    assert function([1e300, 1.0], temperature=1e-10) == INF
    assert function([1e308, 1e308], temperature=0.1) == INF
    assert function([-1e308, -1e308], temperature=0.1) == -INF


# ---- Gumbel ----


@EVERY
def test_gumbel_samples_the_softmax(dtype: np.dtype) -> None:
    p = np.array([0.5, 0.3, 0.2])
    z = np.broadcast_to(np.log(p).astype(dtype), (40_000, 3))
    hard = rb.gumbel_softmax(z, rng=0, hard=True)
    assert hard.dtype == dtype
    np.testing.assert_allclose(hard.astype(float).mean(0), p, atol=0.01)
    smooth = rb.gumbel_softmax(z, rng=np.random.default_rng(0), temperature=0.5)
    assert smooth.dtype == dtype
    assert (smooth.argmax(-1) == hard.argmax(-1)).mean() > 0.99
    assert not rb.gumbel_softmax(z, rng=0, where=[True, True, False])[:, 2].any()


# ---- Memory, names ----


def test_out_of_memory_is_an_error(run_python: Callable[..., str]) -> None:
    code = """
import resource, numpy as np, rheobase as rb
z = np.ones((1, 60_000_000), np.float16)
out = np.empty_like(z)
with open("/proc/self/statm") as statm:
    now = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 50_000_000, -1))
try:
    rb.softmax(z, out=out)
except MemoryError:
    print("refused")
"""
    assert run_python(code) == "refused\n"


def test_every_row_function_is_public_and_pickles() -> None:
    made = [value for value in vars(rows).values() if isinstance(value, rows.RowFunction)]
    assert all(getattr(rb, function.name) is function for function in made)
    assert {f.name for f in made} == {*MAPS, *REDUCTIONS, "gumbel_softmax"}
    assert all(pickle.loads(pickle.dumps(function)) is function for function in made)
