"""The numerical contract, on every instruction set of this machine, against an oracle of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flint
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import rheobase as rb
from rheobase import _native
from rheobase.verify import DTYPES, PARTS, Key, Record, exact, ulp_errors
from rheobase.verify._calls import OWN, calls_of, dtype_of
from rheobase.verify._judge import scale
from rheobase.verify._run import judge_samples
from rheobase.verify._samples import SEGMENTS, around_zeros, neighbours, segment, zeros

RECORD = Record.read(Path(__file__).parent.parent / "accuracy.json")
SOURCES = [OWN + isa for isa in _native.isas]
# Beside the defaults: tiny, ordinary, large, negative, and some that no pair of floats can hold.
PARAMETERS = (0.3, -0.7, 1e-30, 3e5, 1e-70, 1e30)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Chunks are small, and threads that wait for a busy processor cost more than they bring."""
    with threadpool_limits(1):
        yield


def others() -> list[rb.Activation]:
    """Every function with other parameters, all alike and one by one, as far as they have a meaning."""
    made = {
        rb.activation(f, **given)
        for f in rb.catalog.values()
        for p in PARAMETERS
        for given in (dict.fromkeys(f.params, p), *({name: p} for name in f.params))
        if f.params and f.declaration.legal(*{**f.params, **given}.values())
    }
    return sorted(made, key=repr)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", rb.catalog)
def test_within_bound_and_no_worse_than_recorded(name: str, part: str, dtype: str) -> None:
    function = rb.catalog[name]
    calls = calls_of(function, part, dtype_of(dtype), SOURCES)
    for source, figure in judge_samples(function, part, dtype, calls).items():
        assert figure.above == 0, f"{source} is off by {figure.ulp:.4g} ULP at {figure.at!r}"
        known = RECORD.ulp(Key(name, part, dtype, source))
        assert known is None or figure.ulp <= known, (
            f"{source}: worse than recorded, at {figure.at!r}"
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", others(), ids=repr)
def test_within_bound_for_other_parameters(function: rb.Activation, dtype: str) -> None:
    for part in PARTS:
        calls = calls_of(function, part, dtype_of(dtype), SOURCES)
        for source, figure in judge_samples(function, part, dtype, calls, share=64).items():
            assert figure.above == 0, (
                f"{part}, {source}: off by {figure.ulp:.4g} ULP at {figure.at!r}"
            )


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("name", "params", "part", "x"),
    [
        ("swish", {"beta": 1.29}, "derivative", -0.9910577535629272),
        ("swish", {"beta": 1.6849590759022144}, "derivative", -0.7587510943412781),
        (
            "hard_sigmoid",
            {"slope": 2.3031351259810116, "offset": 2.521401490164752},
            "value",
            -1.0947692,
        ),
    ],
)
def test_a_float_very_near_to_a_zero(
    name: str, params: dict[str, float], part: str, x: float, source: str
) -> None:
    function, sample = rb.activation(name, **params), np.array([x], np.float32)
    computed = calls_of(function, part, sample.dtype, [source])[source](sample)
    wanted, rest = exact(function, part, sample)
    assert ulp_errors(computed, wanted, rest)[0] <= 1


@pytest.mark.parametrize("source", SOURCES)
def test_a_huge_number_with_a_tiny_beta(source: str) -> None:
    """What is spared for small results must not overflow in a large one."""
    function, sample = rb.activation("swish", beta=1e-300), np.array([-6e302, -1e200, 1e155, 3e300])
    computed = calls_of(function, "value", sample.dtype, [source])[source](sample)
    assert ulp_errors(computed, *exact(function, "value", sample)).max() <= 2


def test_errors_in_ulp() -> None:
    largest = float(np.finfo(np.float32).max)
    computed = np.array(
        [1, np.inf, np.inf, largest, -np.inf, 0, np.nan, np.nan, np.inf, -0.0], "float32"
    )
    wanted = np.array(
        [
            *(1 + 2.0**-24, 1e39, largest * (1 + 2.0**-26), largest * (1 + 2.0**-25)),
            *(1e39, 2.0**-150, np.nan, 1, np.inf, 0),
        ]
    )
    with np.errstate(invalid="ignore"):
        errors = ulp_errors(computed, wanted)
    expected = [0.5, 0, 0.75, 0.5, np.inf, 0.5, 0, np.inf, 0, 0]
    np.testing.assert_allclose(np.where(errors > 1e7, np.inf, errors), expected, atol=1e-6)


def test_the_exact_oracle_knows_more_than_a_double() -> None:
    third = rb.activation("leaky_relu", negative_slope=1 / 3)
    head, rest = exact(third, "value", [-1.1])
    with flint.ctx.workprec(200):
        true = flint.arb(-1.1) * flint.arb(1 / 3)
        unit = flint.arb(2) ** -54
        assert abs(flint.arb(head[0]) + flint.arb(rest[0]) * unit - true) < unit * 1e-15
    assert 0 < abs(rest[0]) <= 0.5


def test_the_segments_are_all_finite_numbers() -> None:
    """Each begins where the last of its sign ended; together 2^32 less the NaNs and infinities."""
    ends = {0: 0, 1: 1 << 31}
    for k in range(SEGMENTS):
        chunks = [(int(x.view(np.uint32)[0]), x.size) for x in segment(k, 1 << 22)]
        for start, size in chunks:
            assert start == ends[k % 2]
            ends[k % 2] += size
    assert ends == {0: 0x7F800000, 1: 0xFF800000}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_neighbours_leave_no_number_out(dtype: str) -> None:
    x = neighbours(0.0, dtype, 50)
    np.testing.assert_array_equal(np.nextafter(x[:-1], np.asarray(np.inf, dtype)), x[1:])
    assert x.size == 101


def test_units_next_to_a_zero_are_those_of_the_scale() -> None:
    zero = zeros(rb.silu, "derivative")[0]
    assert zero == pytest.approx(-1.2784645)
    assert 0.02 < scale(rb.silu, zero) < 0.1
    assert scale(rb.silu, zero / 2) == scale(rb.silu, -40.0) == 0
    assert len(around_zeros(rb.silu, "derivative", np.float32, 10)) == 21
