"""Other libraries compute the functions that we declare, apart from the faults written here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import rheobase as rb
from rheobase import peers
from rheobase.verify import fast

X = np.concatenate([np.linspace(-4.03, 4.03, 300), np.linspace(0.01, 0.99, 99)])
TOLERANCE = {"float32": 2e-6, "float64": 2e-15}

# (library, function): what is known of its float64; the tolerance is then that of float32.
SINGLE_INSIDE = {
    ("torch", "hard_sigmoid"): "1/6 is a float in backward",
    ("onnxruntime", "gelu_tanh"): "constants are floats",
    ("onnxruntime", "quick_gelu"): "attributes are floats",
    ("onnxruntime", "hard_shrink"): "attributes are floats",
    ("onnxruntime", "soft_shrink"): "attributes are floats",
}


def named(library: str) -> str:
    try:
        peers.library(library)
    except rb.MissingExtraError as error:
        pytest.skip(str(error))
    return library


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("part", ["value", "derivative"])
@pytest.mark.parametrize("function", rb.catalog)
@pytest.mark.parametrize("library", peers.LIBRARIES)
def test_peers_compute_what_is_declared(library: str, function: str, part: str, dtype: str) -> None:
    peer = getattr(peers, part)(named(library), function, dtype)
    if peer is None:
        pytest.skip("the library does not have it")
    x = X.astype(dtype)
    wanted = fast(rb.catalog[function], part, x.astype(np.float64))
    known = (library, function) in SINGLE_INSIDE and dtype == "float64"
    close = TOLERANCE["float32" if known else dtype]
    inside = np.isfinite(wanted)
    np.testing.assert_allclose(peer(x)[inside], wanted[inside], rtol=close, atol=4 * close)


@pytest.mark.parametrize("function", peers.TABLE)
def test_the_table_is_of_our_functions(function: str) -> None:
    assert hasattr(rb, function)


BY_KIND = {
    kind: [name for name in peers.TABLE if peers.TABLE[name].inputs[0] == kind]
    for kind in ("x", "gate", "z")
}


def inputs_of(function: str) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shape = (6, 5) if function in BY_KIND["z"] else (600,)
    given = {"target": rng.integers(0, 5, 6), "x": rng.uniform(0.01, 0.99, shape)}
    return [given.get(name, rng.normal(0, 2, shape)) for name in peers.TABLE[function].inputs]


@pytest.mark.parametrize("function", [*BY_KIND["gate"], *BY_KIND["z"]])
@pytest.mark.parametrize("library", [name for name in peers.LIBRARIES if name != "jax"])
def test_peers_agree_on_gated_and_row_functions(library: str, function: str) -> None:
    inputs = inputs_of(function)
    ours, jax = (peers.value(named(name), function, "float64") for name in (library, "jax"))
    if ours is not None and jax is not None:
        np.testing.assert_allclose(ours(*inputs), jax(*inputs), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("function", peers.TABLE)
def test_gradients_of_torch_and_jax_agree(function: str) -> None:
    torch, jax = (peers.derivative(named(name), function, "float64") for name in ("torch", "jax"))
    if torch is not None and jax is not None:
        inputs = inputs_of(function)
        for a, b in zip(parts(torch(*inputs)), parts(jax(*inputs)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("function", peers.TABLE)
@pytest.mark.parametrize("library", peers.LIBRARIES)
def test_a_prepared_value_is_the_value(library: str, function: str) -> None:
    inputs = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in inputs_of(function)]
    value = peers.value(named(library), function)
    if value is None:
        pytest.skip("the library does not have it")
    wanted = value(*inputs)
    out = np.full_like(wanted, np.nan)
    run = peers.value_run(library, function, inputs, out, threads=1)
    assert run is not None
    result = out if np.isfinite(out).all() else run()  # some allocate
    np.testing.assert_allclose(np.asarray(result), wanted, rtol=1e-6)


@pytest.mark.parametrize("function", peers.TABLE)
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_a_prepared_backward_is_the_gradient(library: str, function: str) -> None:
    inputs = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in inputs_of(function)]
    gradient, value = peers.derivative(named(library), function), peers.value(library, function)
    if gradient is None or value is None:
        pytest.skip("the library does not have it")
    wanted = parts(gradient(*inputs))
    outs = [np.full_like(part, np.nan) for part in wanted]
    ones = np.ones_like(value(*inputs))
    run = peers.backward_run(library, function, inputs, ones, outs, threads=1)
    assert run is not None
    results = outs if np.isfinite(outs[0]).all() else parts(run())
    for result, part in zip(results, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(result), part, rtol=1e-5, atol=1e-6)


def parts(result: object) -> list[object]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def test_importing_the_room_imports_no_library(run_python: Callable[..., str]) -> None:
    code = "import sys, rheobase.peers; print({'torch', 'jax', 'onnxruntime'} & set(sys.modules))"
    assert run_python(code).strip() == "set()"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_half_precision_stays(library: str, dtype: str) -> None:
    pytest.importorskip("ml_dtypes")
    x = X.astype(dtype)
    for part in (peers.value, peers.derivative):
        peer = part(named(library), "silu", dtype)
        assert peer is not None
        assert peer(x).dtype == dtype


def test_what_a_library_refuses_is_none() -> None:
    assert peers.derivative(named("scipy"), "relu") is None
    assert peers.value(named("scipy"), "sigmoid", "float16") is None  # gives float64
    assert peers.value(named("onnxruntime"), "elu", "float64") is None
