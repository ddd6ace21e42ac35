"""Each declaration keeps its promises; each function behaves like a NumPy ufunc."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rheobase as rb
from rheobase import _native
from rheobase.verify._oracle import fast

NAMES = list(rb.catalog)
DTYPES = ("float16", "float32", "float64")
CALLS = ("__call__", "derivative")


def call(function: rb.Activation, kind: str) -> Callable[..., np.ndarray]:
    return getattr(function, kind)


@pytest.mark.parametrize("name", NAMES)
def test_claims_hold(name: str) -> None:
    function, facts = rb.catalog[name], rb.catalog[name].facts
    claims = dict(function.claims)
    assert (facts.infimum, facts.supremum) == pytest.approx(claims.pop("range"), rel=1e-14, abs=0)
    assert facts.kinks == function.kinks
    for claim, promised in claims.items():
        assert getattr(facts, claim) == promised, claim


@pytest.mark.parametrize(
    "function",
    [
        rb.step.bind(threshold=100),
        rb.leaky_relu.bind(negative_slope=0.99),
        rb.elu.bind(alpha=0.999),
        rb.hard_shrink.bind(lambd=50),
        rb.hard_tanh.bind(min_val=-200, max_val=3),
        rb.threshold.bind(value=1e-6),
        rb.swish.bind(beta=100),
        rb.hard_sigmoid.bind(slope=0.3),
        rb.swish.bind(beta=1e4),
        rb.softplus.bind(beta=1e5),
        rb.snake.bind(alpha=1e6),
    ],
    ids=repr,
)
def test_far_and_small_kinks_are_found(function: rb.Activation) -> None:
    assert function.facts.kinks == function.kinks
    assert (function.facts.smoothness in ("kink", "jump")) == bool(function.kinks)


@pytest.mark.parametrize(
    ("threshold", "value", "infimum", "reached"),
    [(1, 20, 1, False), (0.3, 20, 0.3, False), (0, 20, 0, False), (1, 1, 1, True), (1, 0, 0, True)],
)
def test_infimum_beside_a_jump(
    threshold: float, value: float, infimum: float, reached: bool
) -> None:
    facts = rb.threshold.bind(threshold=threshold, value=value).facts
    assert (facts.infimum, facts.infimum_reached) == (infimum, reached)


@pytest.mark.parametrize("given", [0.0, -0.7, 1e-30, 1e30])
@pytest.mark.parametrize("name", [name for name in NAMES if rb.catalog[name].params])
def test_every_meaning_of_parameters_has_facts(name: str, given: float) -> None:
    function = rb.catalog[name]
    for params in (dict.fromkeys(function.params, given), *({p: given} for p in function.params)):
        values = {**function.params, **params}.values()
        if function.declaration.legal(*values):
            low, high = function.bind(**params).facts.domain
            assert low < high
        else:
            assert function.declaration.legal_text


@pytest.mark.parametrize("name", NAMES)
def test_found_by_name_and_alias(name: str) -> None:
    function = rb.catalog[name]
    assert getattr(rb, name) is function
    for alias in (name, *function.declaration.aliases):
        assert rb.activation(alias) is rb.catalog.get(alias) is function
    assert rb.catalog.get("nope") is None
    assert pickle.loads(pickle.dumps(function)) == function == copy.deepcopy(function)


def test_native_table_and_catalogue_list_the_same_functions() -> None:
    ufuncs = {name for name in dir(_native) if isinstance(getattr(_native, name), np.ufunc)}
    assert {
        name.removesuffix("_value_and_derivative")
        for name in ufuncs
        if name.endswith("_value_and_derivative")
    } == set(NAMES)
    for function in rb.catalog.values():
        assert function.ufunc.nin == 1 + len(function.params)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_special_values(name: str, dtype: str) -> None:
    function, facts = rb.catalog[name], rb.catalog[name].facts
    with np.errstate(all="raise"):
        assert np.isnan(function(np.array([np.nan], dtype)))[0]
        slope_of_nan = function.derivative(np.array([np.nan], dtype))[0]
        low, high = function(np.array([-np.inf, np.inf], dtype))
        slopes = function.derivative(np.array([-np.inf, np.inf], dtype))
    constant = np.ptp(function.derivative(np.linspace(-9, 9, 37))) == 0
    assert np.isnan(slope_of_nan) or constant
    ends = np.array([-np.inf, np.inf])
    np.testing.assert_array_equal([low, high], fast(function, "value", ends).astype(dtype))
    limits = fast(function, "derivative", ends).astype(dtype)
    np.testing.assert_allclose(slopes, limits, rtol=2 * np.finfo(dtype).eps)
    if facts.odd:
        assert np.signbit(function(np.array([-0.0], dtype)))[0]


@pytest.mark.parametrize("name", NAMES)
def test_zero_slope_at_minus_infinity_is_no_nan(name: str) -> None:
    function = rb.catalog[name]
    if function.params:
        zeros = [0.0] * len(function.params)
        if function.declaration.legal(*zeros):
            assert not np.isnan(function(np.array([-np.inf, np.inf]), *zeros)).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_pass_is_two_passes_and_backward_is_the_product(
    name: str, dtype: str, data: st.DataObject
) -> None:
    function = rb.catalog[name]
    x = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_side=0, max_side=70)))
    value, slope = function.value_and_derivative(x)
    np.testing.assert_array_equal(value, function(x))
    np.testing.assert_array_equal(slope, function.derivative(x))
    if dtype != "float16":  # there one rounding serves both, which is better
        grad = np.full_like(x, 1.25)
        np.testing.assert_array_equal(function.backward(x, grad), grad * slope)


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_position_stride_and_tail_do_not_matter(name: str, dtype: str, kind: str) -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 5, 1400), [np.nan, -np.inf, np.inf, -0.0]]).astype(dtype)
    run = call(rb.catalog[name], kind)
    alone = np.array([run(x[i : i + 1])[0] for i in range(len(x))])
    for offset in (0, 1, 7, 63):
        for count in (*range(0, 140, 3), 511, 512, 513, 1024):
            part = x[offset : offset + count]
            assert run(part).tobytes() == alone[offset : offset + count].tobytes()
    assert run(x[::-3]).tobytes() == alone[::-3].tobytes()
    spread = np.zeros(2 * len(x), dtype)
    run(x, out=spread[::2])
    assert spread[::2].tobytes() == alone.tobytes()
    place = x.copy()
    run(place, out=place)
    assert place.tobytes() == alone.tobytes()
    swapped = x.astype(x.dtype.newbyteorder())
    np.testing.assert_array_equal(run(swapped), alone)


@pytest.mark.parametrize(
    ("name", "parameter"), [(f.name, p) for f in rb.catalog.values() for p in f.params]
)
def test_a_parameter_may_be_an_array(name: str, parameter: str) -> None:
    function = rb.catalog[name]
    x = np.linspace(-4, 4, 1000, dtype=np.float32)
    given = np.array([0.01, 0.3, 1e-70, -2.0])
    together = function(x[:, None], **{parameter: given})
    for k, value in enumerate(given):
        assert together[:, k].tobytes() == function(x, **{parameter: value}).tobytes()
    assert function(np.float16([-1.0]), **{parameter: 0.3}).dtype == np.float16


def test_thread_count_does_not_matter(run_python: Callable[..., str]) -> None:
    code = """
import hashlib, numpy as np, rheobase as rb
rng = np.random.default_rng(0)
digest = hashlib.sha256()
for dtype in ("float16", "float32", "float64"):
    for n in (40_001, 5_000_003):
        x = rng.normal(0, 5, n).astype(dtype)
        for f in rb.catalog.values():
            for result in (f(x), f.derivative(x), f.backward(x, x), *f.value_and_derivative(x)):
                digest.update(result.tobytes())
    z = rng.normal(0, 5, (3000, 37)).astype(dtype)
    for result in (rb.softmax(z), rb.log_softmax(z, axis=0), rb.logsumexp(z)):
        digest.update(result.tobytes())
print(digest.hexdigest())
"""
    assert len({run_python(code, {"OMP_NUM_THREADS": n}) for n in ("1", "2", "3")}) == 1


def test_a_forked_child_computes(run_python: Callable[..., str]) -> None:
    code = """
import os, numpy as np, rheobase as rb
x = np.linspace(-4, 4, 1_000_000, dtype=np.float32)
before = rb.tanh(x)
child = os.fork()
if child == 0:
    os._exit(0 if rb.tanh(x).tobytes() == before.tobytes() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run_python(code).strip() == "0"


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("name", NAMES)
def test_ufunc_semantics(name: str, kind: str) -> None:
    run = call(rb.catalog[name], kind)
    assert np.ndim(run(0.5)) == 0
    assert run([1, 2]).dtype == np.float64
    assert run(np.int8([1])).dtype == np.tanh(np.int8([1])).dtype
    assert run(np.empty((0, 3), np.float32)).shape == (0, 3)
    out = np.full(3, 7.0)
    run(np.ones(3), out=out, where=np.array([True, False, True]))
    assert out[1] == 7.0
    masked = np.ma.masked_array([0.5, 1.0], [True, False])
    assert isinstance(run(masked), np.ma.MaskedArray)


@pytest.mark.parametrize("name", NAMES)
def test_no_warning_reaches_the_user(name: str) -> None:
    function = rb.catalog[name]
    x = np.array([-np.inf, -1e300, -800, -1e-320, 0, 1e-320, 800, 1e300, np.inf, np.nan])
    with np.errstate(all="raise"):
        function(x), function.derivative(x), function.backward(x, np.full_like(x, 1e-300))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: rb.elu(np.ones(3, complex)), "complex128"),
        (lambda: rb.elu("text"), "expected float16"),
        (lambda: rb.relu(np.ones(3), out=np.ones(4)), r"out has shape \(4,\); expected \(3,\)"),
        (lambda: rb.relu(np.ones(3), out=np.ones(3, int)), "out has dtype int64"),
        (lambda: rb.relu(np.ones(3), out=[1, 2, 3]), "expected a NumPy array"),
        (lambda: rb.elu(np.ones(3), alpha=np.ones(2)), "do not broadcast"),
        (lambda: rb.elu(1.0, alpa=2.0), 'Did you mean "alpha"'),
        (lambda: rb.elu(1.0, 1.0, 2.0), "it takes alpha"),
        (lambda: rb.elu(1.0, alpha=None), "expected a real number"),
        (lambda: rb.elu.bind(alpha=np.nan), "finite"),
        (lambda: rb.softplus.bind(beta=0), r"softplus\(beta=0\) has no meaning; expected beta ≠ 0"),
        (lambda: rb.activation("celu", alpha=0), "expected alpha ≠ 0"),
        (lambda: rb.snake.bind(alpha=0), "expected alpha ≠ 0"),
        (lambda: rb.hard_tanh.bind(min_val=2), "expected min_val ≤ max_val"),
        (lambda: rb.soft_shrink.bind(lambd=-1), "expected lambd ≥ 0"),
        (lambda: rb.squareplus.bind(b=0), "expected b > 0"),
        (lambda: rb.activation("rleu"), 'Did you mean "relu"'),
        (lambda: rb.activation(3), "expected a name"),
        (lambda: rb.table("fr"), "expected en or ko"),
        (lambda: rb.softmax(np.ones((2, 3)), axis=2), "expected -2 to 1"),
        (lambda: rb.softmax(1.0), "at least one axis"),
        (lambda: rb.softmax(np.ones((2, 3)), out=np.ones((3, 2))), r"expected \(2, 3\)"),
        (lambda: rb.cross_entropy(np.ones((2, 3)), [0, 3]), "expected 0 to 2"),
        (lambda: rb.cross_entropy(np.ones((2, 3)), [0.0, 1.0]), "integer dtype"),
        (lambda: rb.cross_entropy(np.ones((2, 3)), [0, 1, 2]), r"expected \(2,\)"),
    ],
)
def test_errors_restate_the_request(bad: Callable[[], object], words: str) -> None:
    with pytest.raises(rb.RheobaseError, match=words) as caught:
        bad()
    assert "\n" not in str(caught.value)


def test_a_malformed_instruction_set_is_named(run_python: Callable[..., str]) -> None:
    code = "try:\n import rheobase\nexcept ImportError as e: print(e)"
    assert "RHEOBASE_ISA=v9 names no instruction set" in run_python(code, {"RHEOBASE_ISA": "v9"})


def test_import_brings_numpy_alone(run_python: Callable[..., str]) -> None:
    code = "import sys, rheobase; print(*sorted({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    assert set(run_python(code).split()) <= {
        "numpy",
        "rheobase",
        "__main__",
        "sitecustomize",
        "distutils-precedence",
        "_distutils_hack",
    }


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_table_has_a_row_for_each_function(lang: str) -> None:
    rows = rb.table(lang)  # type: ignore[arg-type]
    names = [next(iter(row.values())).split("(")[0] for row in rows]
    assert names == [*NAMES, "softmax"]
    assert all(cell for row in rows for cell in row.values())
