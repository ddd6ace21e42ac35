"""The numerical contract, on every instruction set of this machine, against an oracle of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb
from rheobase import _native
from rheobase._oracle import around_kinks, bit_spaced, exact, extended, ulp_errors

SAMPLES = {"float16": 1 << 16, "float32": 1 << 22, "float64": 1 << 19}
PARTS = ("value", "derivative")
# Parameters beyond the defaults: tiny, large, negative, and one that no pair of floats can hold.
PARAMETERS = {1: (0.3, -0.7, 1e-30, 3e5, 1e-70, 1e30)}

WORKER = """
import sys, numpy as np
import rheobase as rb
directory, name, dtype = sys.argv[1:4]
function = rb.activation(name, **dict(zip(rb.catalog[name].params, map(float, sys.argv[4:]))))
x = np.load(f"{directory}/x.npy")
np.save(f"{directory}/value.npy", function(x))
np.save(f"{directory}/derivative.npy", function.derivative(x))
"""


@cache
def samples(name: str, dtype: str, count: int) -> np.ndarray:
    return np.concatenate([bit_spaced(dtype, count), around_kinks(rb.catalog[name], dtype)])


@cache
def wanted(function: rb.Activation, part: str, dtype: str, count: int) -> np.ndarray:
    return extended(function, part, samples(function.name, dtype, count))


def computed_with(
    isa: str, function: rb.Activation, dtype: str, count: int, directory: Path
) -> dict[str, np.ndarray]:
    np.save(directory / "x.npy", samples(function.name, dtype, count))
    arguments = [str(directory), function.name, dtype, *map(str, function.params.values())]
    environment = {**os.environ, "RHEOBASE_ISA": isa}
    subprocess.run([sys.executable, "-c", WORKER, *arguments], env=environment, check=True)
    return {part: np.load(directory / f"{part}.npy") for part in PARTS}


def check(isa: str, function: rb.Activation, dtype: str, count: int, directory: Path) -> None:
    bound = function.declaration.bounds[dtype]
    for part, result in computed_with(isa, function, dtype, count, directory).items():
        assert result.dtype == dtype
        errors = ulp_errors(result, wanted(function, part, dtype, count))
        worst = int(np.argmax(errors))
        x = samples(function.name, dtype, count)[worst]
        assert errors[worst] <= bound, f"{part} is off by {errors[worst]:.3f} ULP at {x!r}"


@pytest.mark.parametrize("isa", _native.isas)
@pytest.mark.parametrize("dtype", SAMPLES)
@pytest.mark.parametrize("name", rb.catalog)
def test_within_bound(name: str, dtype: str, isa: str, tmp_path: Path) -> None:
    check(isa, rb.catalog[name], dtype, SAMPLES[dtype], tmp_path)


@pytest.mark.parametrize("isa", _native.isas)
@pytest.mark.parametrize("dtype", SAMPLES)
@pytest.mark.parametrize(
    "function",
    [
        rb.activation(f, **dict.fromkeys(f.params, p))
        for f in rb.catalog.values()
        for p in PARAMETERS.get(len(f.params), ())
    ],
    ids=repr,
)
def test_within_bound_for_other_parameters(
    function: rb.Activation, dtype: str, isa: str, tmp_path: Path
) -> None:
    check(isa, function, dtype, 1 << 16, tmp_path)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", rb.catalog)
def test_oracle_agrees_with_mpmath(name: str, part: str) -> None:
    function = rb.catalog[name]
    x = np.concatenate([bit_spaced("float64", 400), np.linspace(-30, 30, 101)])
    fast = extended(function, part, x)
    import mpmath

    with mpmath.workdps(60):
        for xi, yi in zip(x, fast, strict=True):
            slow = exact(function, part, float(xi))
            # A long double is handed over exactly as a sum of two doubles.
            head = float(yi)
            if not np.isfinite(head) or abs(slow) < 1e-300:
                continue
            error = abs(mpmath.mpf(head) + mpmath.mpf(float(yi - np.longdouble(head))) - slow)
            assert error <= abs(slow) * mpmath.mpf(2) ** -60


@pytest.mark.parametrize("name", rb.catalog)
def test_derivative_formula_is_the_derivative(name: str) -> None:
    import mpmath

    function = rb.catalog[name]
    for x in (-7.25, -1.5, -0.3, 0.2, 0.9, 4.0):
        if x not in function.kinks:
            with mpmath.workdps(40):
                slope = mpmath.diff(lambda t: exact(function, "value", t, 120), x)
                assert mpmath.almosteq(slope, exact(function, "derivative", x), abs_eps=1e-18)


@pytest.mark.parametrize("name", rb.catalog)
def test_pytorch_agrees(name: str) -> None:
    """A second opinion; torch takes sigmoid' and tanh' from the output, which loses them in the tails."""
    torch = pytest.importorskip("torch")
    theirs = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "elu": torch.nn.functional.elu,
    }.get(name)
    if theirs is None:
        pytest.skip("torch has no such function")
    x = torch.linspace(-8, 8, 1025, dtype=torch.float64, requires_grad=True)  # 0 is among them
    y = theirs(x)
    y.sum().backward()
    function = rb.catalog[name]
    points = x.detach().numpy()
    np.testing.assert_allclose(function(points), y.detach().numpy(), rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(function.derivative(points), x.grad.numpy(), rtol=1e-9)
