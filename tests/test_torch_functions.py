"""`rheobase.torch`: every function of the catalogue in PyTorch, bit for bit and with its derivatives."""

from __future__ import annotations

import copy
import inspect
import pickle
import shutil
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

import rheobase as rb
from rheobase import InputError, InputTypeError, rows
from rheobase.torch import functional as F
from rheobase.torch import nn
from rheobase.torch._families import ELEMENTWISE, GATES, ROWS, SPLIT, TRAINED, Row, SplitGate
from rheobase.torch._memory import FROM_OUTPUT, MASKED
from rheobase.torch._operators import Operator
from rheobase.torch._tensors import as_array

ELEMENTS = list(rb.catalog)
PARAMETRISED = [name for name in ELEMENTS if rb.catalog[name].params]
ROW_NAMES = [f.name for f in vars(rows).values() if type(f) is rb.rows.RowFunction]
EVERY = [*ELEMENTS, *rb.gated, *ROW_NAMES]
OPERATORS = [
    *(family[name] for family in (ELEMENTWISE, TRAINED, GATES, SPLIT, ROWS) for name in family),
    *FROM_OUTPUT.values(),
    *MASKED.values(),
]
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
RNG = np.random.default_rng(0)
X = np.concatenate(
    [RNG.normal(0, 4, 90), [0.0, -0.0, 16.7, -6.0, 40, -90, np.nan, np.inf, -np.inf, 1]]
)


def tensor(x: np.ndarray, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.from_numpy(np.array(x, float)).to(dtype)


def inside(name: str, shape: tuple[int, ...] = (7,)) -> torch.Tensor:
    """Points of the domain that are not beside a kink."""
    low, high = (
        rb.catalog[name].claims.get("domain", (-3.0, 3.0)) if name in rb.catalog else (-2, 2)
    )
    x, step = np.linspace(low, high, 2 + int(np.prod(shape)), retstep=True)
    x = x[1:-1] + 0.137 * step
    return tensor(x.reshape(shape)).requires_grad_()


def same_bits(a: Any, b: Any) -> bool:
    a, b = (as_array(x.contiguous()) if isinstance(x, torch.Tensor) else x for x in (a, b))
    return a.shape == b.shape and np.array_equal(a.astype(float), b.astype(float), equal_nan=True)


def gradients(y: torch.Tensor, inputs: list[torch.Tensor], grad: torch.Tensor) -> Any:
    return torch.autograd.grad(y, inputs, grad)


# ---- Bits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTS)
def test_elements_are_rheobases_bit_for_bit(name: str) -> None:
    function, of = rb.catalog[name], getattr(F, name)
    params = {p: value * 1.25 + 0.125 for p, value in function.params.items()}
    for dtype in DTYPES:
        x = tensor(X, dtype).requires_grad_()
        grad = tensor(np.linspace(-2, 3, X.size), dtype)
        for named in ({}, params):
            y = of(x, **named)
            assert (y.dtype, y.shape) == (x.dtype, x.shape)
            assert same_bits(y, function(as_array(x), **named))
            (slope,) = gradients(y, [x], grad)
            assert same_bits(slope, function.backward(as_array(x), as_array(grad), **named))
            with torch.no_grad():
                assert same_bits(of(x, *named.values()), y.detach())


@pytest.mark.parametrize("name", rb.gated)
def test_gates_are_rheobases_bit_for_bit(name: str) -> None:
    for dtype in DTYPES:
        gate, up = (tensor(x, dtype).requires_grad_() for x in (X, X[::-1]))
        y = getattr(F, name)(gate, up)
        arrays = as_array(gate), as_array(up)
        assert same_bits(y, rb.gated[name](*arrays))
        found = gradients(y, [gate, up], torch.ones_like(y))
        for a, b in zip(
            found, rb.gated[name].backward(*arrays, np.ones_like(arrays[0])), strict=True
        ):
            assert same_bits(a, b)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", ROW_NAMES)
def test_rows_are_rheobases_bit_for_bit(name: str, masked: bool) -> None:
    function = getattr(rb, name)
    where = RNG.random((4, 9)) < 0.7 if masked else None
    for dtype in DTYPES:
        z = tensor(RNG.normal(0, 3, (4, 9)), dtype).requires_grad_()
        for dim, temperature in ((-1, 1.0), (0, 0.5)):
            mask = None if where is None else torch.from_numpy(where)
            y = getattr(F, name)(z, dim, where=mask, temperature=temperature)
            options = {"axis": dim, "where": where, "temperature": temperature}
            assert same_bits(y, function(as_array(z), **options))
            saved = y if function.saved == "y" else z
            wanted = function.backward(as_array(saved), np.ones_like(as_array(y)), **options)
            assert same_bits(gradients(y, [z], torch.ones_like(y))[0], wanted)


LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "strided": lambda x: x.repeat_interleave(3)[::3],
    "transposed": lambda x: x.reshape(5, 20).T,
    "expanded": lambda x: x.reshape(20, 1, 5).expand(20, 3, 5),
    "channels last": lambda x: x.reshape(5, 5, 2, 2).contiguous(memory_format=torch.channels_last),
    "empty": lambda x: x[:0],
    "0-d": lambda x: x[0],
    "parameter": torch.nn.Parameter,
    "negated view": lambda x: torch.complex(x, x).conj().imag,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["relu", "elu", "silu", "swiglu"])
def test_layouts(name: str, layout: str) -> None:
    x = LAYOUTS[layout](tensor(X, torch.float32)).requires_grad_()
    plain = x.detach().clone().contiguous().requires_grad_()
    of = getattr(F, name)
    y, wanted = (of(a, a) if name in rb.gated else of(a) for a in (x, plain))
    assert same_bits(y, wanted)
    assert same_bits(
        *(gradients(a, [b], torch.ones_like(a))[0] for a, b in ((y, x), (wanted, plain)))
    )


def test_large_results_take_huge_pages_and_are_ordinary_tensors() -> None:
    x = torch.linspace(-5, 5, 1 << 20).reshape(1024, 1024).requires_grad_()
    y = F.silu(x)
    assert same_bits(y, rb.silu(as_array(x)))
    y.mul_(2).sum().backward()
    assert same_bits(x.grad, 2 * rb.silu.derivative(as_array(x)))
    wide = torch.cat([x.detach(), x.detach().flip(0)], 1)
    gate, up = wide.chunk(2, 1)
    assert same_bits(nn.SwiGLU(gate="first")(wide), F.swiglu(gate.contiguous(), up.contiguous()))


# ---- Derivatives ---------------------------------------------------------------------------------


def checked(run: Callable[..., torch.Tensor], *inputs: torch.Tensor) -> None:
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)


@pytest.mark.parametrize("name", ELEMENTS)
def test_first_and_second_derivatives_of_elements(name: str) -> None:
    checked(getattr(F, name), inside(name))


@pytest.mark.parametrize("name", PARAMETRISED)
def test_derivatives_in_the_parameters(name: str) -> None:
    params = {p: value * 1.125 for p, value in rb.catalog[name].params.items()}
    values = [tensor(np.array(value)).requires_grad_() for value in params.values()]
    values[0] = values[0].detach().expand(3, 1).clone().requires_grad_()  # one for each row
    if name == "step":
        values[0] = values[0].detach()
    checked(getattr(F, name), inside(name, (2, 3, 5)), *values)


@pytest.mark.parametrize("name", rb.gated)
def test_first_and_second_derivatives_of_gates(name: str) -> None:
    gate = inside("silu")
    checked(getattr(F, name), gate, gate.detach().flip(0).requires_grad_())
    checked(nn.MODULES[name](gate="second", dim=0), inside("silu", (4, 3)))


@pytest.mark.parametrize("name", ROW_NAMES)
def test_first_and_second_derivatives_of_rows(name: str) -> None:
    z = tensor(RNG.normal(0, 1, (3, 4))).requires_grad_()
    where = torch.tensor([[True], [True], [False]]).expand(3, 4).clone()
    for options in ({"dim": 0}, {"dim": 1, "temperature": 0.7}, {"dim": 0, "where": where}):
        checked(lambda z: getattr(F, name)(z, **options).clamp(min=-99), z)  # noqa: B023


@pytest.mark.parametrize("operator", [*FROM_OUTPUT.values(), *MASKED.values()], ids=str)
def test_derivatives_from_what_is_saved(operator: Any) -> None:
    name = operator.activation.name
    memory = "mask" if operator in MASKED.values() else "output"
    checked(lambda x: getattr(F, name)(x, memory=memory), inside(name))


@pytest.mark.parametrize("name", ["silu", "elu", "softmax", "leaky_relu"])
def test_transforms(name: str) -> None:
    of, x = getattr(F, name), inside("silu", (3, 4)).detach()

    def loss(x: torch.Tensor) -> torch.Tensor:
        return (of(x) ** 2).sum()

    each = torch.stack([torch.func.grad(loss)(row) for row in x])
    torch.testing.assert_close(torch.func.vmap(torch.func.grad(loss))(x), each)
    moved = torch.func.vmap(torch.func.grad(loss), in_dims=1)(x.T)
    torch.testing.assert_close(moved, each)
    jacobian = torch.func.jacrev(of)(x[0])
    torch.testing.assert_close(torch.func.jacfwd(of)(x[0]), jacobian)
    wanted = torch.func.jacrev(torch.func.jacrev(loss))(x[0])
    torch.testing.assert_close(torch.func.hessian(loss)(x[0]), wanted)


def test_a_batch_of_parameters_gates_and_masks() -> None:
    x, slopes = inside("elu", (2, 3, 4)).detach(), torch.tensor([[0.1], [0.5]]).double()
    each = torch.stack([F.leaky_relu(a, negative_slope=b) for a, b in zip(x, slopes, strict=True)])
    assert same_bits(torch.func.vmap(F.leaky_relu)(x, slopes), each)
    shared = torch.func.vmap(F.swiglu, in_dims=(0, None))(x, x[0])
    assert same_bits(shared, torch.stack([F.swiglu(a, x[0]) for a in x]))
    where = x > 0
    batched = torch.func.vmap(lambda z, w: F.softmax(z, 0, where=w))(x, where)
    assert same_bits(batched, F.softmax(x, 1, where=where))
    unbatched = torch.func.vmap(lambda z: F.logsumexp(z, 0, where=where[0, :, :1]))(x)
    assert same_bits(unbatched, F.logsumexp(x, 1, where=where[0, :, :1]))


# ---- Operators -----------------------------------------------------------------------------------


def arguments(operator: Operator) -> tuple[Any, ...]:
    x = [(inside("logit", (2, 3)).detach() * 0.5).requires_grad_() for _ in operator.inputs]
    if isinstance(operator, Row):
        return (*x, None, 1, 1.0)
    if isinstance(operator, SplitGate):
        return (inside("silu", (2, 6)), 1, False)
    params = list(getattr(operator, "activation", rb.relu).params.values())
    if operator.beside:
        return (*x, *(tensor(np.array(value)).requires_grad_() for value in params))
    return (*x, *params)


def backward_arguments(operator: Operator) -> tuple[Any, ...]:
    count, given = operator.value.tensors, arguments(operator)
    found = operator.value.op(*given)
    saved = operator.save(given[:count], found)
    y = found[0] if isinstance(found, tuple) else found
    tensors = (
        x.detach().clone().requires_grad_(x.is_floating_point()) if x is not None else None
        for x in (*saved, torch.ones_like(y))
    )
    return (*tensors, *given[count:])


CHEAP = ("test_schema", "test_autograd_registration", "test_faketensor")
THOROUGH = (
    "relu",
    "elu_trained",
    "silu",
    "tanh_from_output",
    "leaky_relu_with_mask",
    "swiglu",
    "softmax",
)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_operators_are_registered_right(operator: Operator) -> None:
    thorough = str(operator) in THOROUGH
    checks = (*CHEAP, "test_aot_dispatch_dynamic") if thorough else CHEAP
    for op, given in (
        (operator.value.op, arguments(operator)),
        (operator.gradient.op, backward_arguments(operator)),
    ):
        torch.library.opcheck(op, given, test_utils=checks)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_other_devices_compute_the_formula(operator: Operator) -> None:
    for step, given in (
        (operator.value, arguments(operator)),
        (operator.gradient, backward_arguments(operator)),
    ):
        with torch.no_grad():
            wanted, found = step.native(*given), step.formula(*given)
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-14)
        elsewhere = [x.detach().to("meta") if isinstance(x, torch.Tensor) else x for x in given]
        there = step.op(*elsewhere)
        pairs = zip(there, wanted, strict=True) if isinstance(wanted, tuple) else [(there, wanted)]
        for a, b in pairs:
            assert (a.shape, a.dtype, a.stride()) == (b.shape, b.dtype, b.stride())


class Recorded(TorchDispatchMode):
    """What the dispatcher sees."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def test_who_looks_on_sees_the_operators() -> None:
    x = torch.ones(3, requires_grad=True)
    with Recorded() as seen:
        F.elu(x, 0.5).sum().backward()
    assert {"rheobase.elu.default", "rheobase.elu_backward.default"} <= set(seen.names)
    traced = torch.jit.trace(F.tanh, torch.zeros(3), check_trace=False)
    assert same_bits(traced(x), F.tanh(x))
    exported = torch.export.export(nn.ELU(0.5), (torch.zeros(3),)).module()
    assert same_bits(exported(x), F.elu(x, 0.5))


def compiled(run: Callable[..., Any], backend: str = "aot_eager") -> Callable[..., Any]:
    torch._dynamo.reset()
    return torch.compile(run, fullgraph=True, backend=backend)


MODULES: dict[str, Callable[[], torch.nn.Module]] = {
    "relu": lambda: nn.ReLU(),
    "leaky": lambda: nn.LeakyReLU(0.2, trainable=True),
    "tanh": lambda: nn.Tanh(memory="output"),
    "mask": lambda: nn.LeakyReLU(0.2, memory="mask"),
    "swiglu": lambda: nn.SwiGLU(gate="first"),
    "softmax": lambda: nn.Softmax(0, temperature=0.5),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", MODULES)
def test_compiled_in_one_graph(module: str) -> None:
    run = MODULES[module]()
    x = inside("silu", (4, 6))
    y = compiled(run)(x)
    assert same_bits(y, run(x))
    leaves = [x, *run.parameters()]
    found, wanted = (gradients(a, leaves, torch.ones_like(a)) for a in (y, run(x)))
    assert all(map(same_bits, found, wanted))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not shutil.which("g++"), reason="inductor needs a C++ compiler")
def test_compiled_by_inductor() -> None:
    x = inside("silu", (4, 6))
    run = compiled(lambda x: F.silu(x * 2) + 1, "inductor")
    torch.testing.assert_close(run(x), F.silu(x * 2) + 1)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_leaves_the_dtype_alone(dtype: torch.dtype) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert F.softmax(torch.ones(3)).dtype is torch.float32
        assert F.gelu(torch.ones(3, dtype=dtype)).dtype is dtype


# ---- Memory --------------------------------------------------------------------------------------


def saved_bytes(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> int:
    kept: list[torch.Tensor] = []
    with saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):  # type: ignore[func-returns-value]
        run(x)
    return sum(t.nbytes for t in kept)


@pytest.mark.parametrize("shape", [(1001,), (), (3, 64), (5, 7), (0,)])
@pytest.mark.parametrize("name", MASKED)
def test_a_mask_is_a_bit_and_loses_nothing(name: str, shape: tuple[int, ...]) -> None:
    of = getattr(F, name)
    for dtype in DTYPES:
        x = tensor(RNG.normal(0, 4, shape), dtype).requires_grad_()
        grad = tensor(RNG.normal(0, 1, shape), dtype)
        (found,), (wanted,) = (gradients(of(x, memory=m), [x], grad) for m in ("mask", "input"))
        assert same_bits(found, wanted)
        assert saved_bytes(lambda x: of(x, memory="mask"), x) == (x.numel() + 7) // 8
        if x.ndim == 2:
            turned = x.detach().T.requires_grad_()
            (found,) = gradients(of(turned, memory="mask"), [turned], grad.T)
            assert same_bits(found, wanted.T)


@pytest.mark.parametrize("name", FROM_OUTPUT)
def test_the_output_tells_the_derivative(name: str) -> None:
    of, x = getattr(F, name), inside(name, (40_000,))
    params = [value * 1.125 for value in rb.catalog[name].params.values()]
    y = of(x, *params, memory="output")
    assert same_bits(y, of(x, *params))
    grad = torch.ones_like(y)
    torch.testing.assert_close(gradients(y, [x], grad), gradients(of(x, *params), [x], grad))
    kept: list[int] = []
    with saved_tensors_hooks(lambda t: kept.append(t.data_ptr()) or t, lambda t: t):  # type: ignore[func-returns-value]
        assert kept == [of(x, *params, memory="output").data_ptr()]


def test_the_output_of_relu_loses_nothing() -> None:
    x = tensor(X[np.isfinite(X)], torch.float16).requires_grad_()
    for name in ("relu", "leaky_relu", "hard_tanh"):
        found = (getattr(F, name)(x, memory=m) for m in ("output", "input"))
        assert same_bits(*(gradients(y, [x], torch.ones_like(y))[0] for y in found))


# ---- Modules -------------------------------------------------------------------------------------


def test_there_is_a_function_and_a_module_of_each() -> None:
    assert list(F.FUNCTIONS) == list(nn.MODULES) == EVERY
    assert len(set(nn.__all__)) == len(EVERY)
    for names in (F.__all__, nn.__all__):
        module = F if names is F.__all__ else nn
        assert all(getattr(module, name).__doc__ for name in names)
    assert F.hardtanh is F.hard_tanh
    assert pickle.loads(pickle.dumps(F.hard_tanh)) is F.hard_tanh


@pytest.mark.parametrize("name", EVERY)
def test_modules_are_the_functions(name: str) -> None:
    kind = nn.MODULES[name]
    module = kind(gate="second") if name in rb.gated else kind()
    x = inside(name if name in rb.catalog else "silu", (3, 4))
    of = getattr(F, name)
    y = of(*rb.split_gate(x, gate="second")) if name in rb.gated else of(x)
    for each in (module, copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert same_bits(each(x), y)
        assert repr(each).startswith(f"{kind.__name__}(")
    assert set(inspect.signature(of).parameters)
    theirs = getattr(torch.nn, kind.__name__, None)
    if theirs in (
        None,
        torch.nn.Threshold,
        torch.nn.Bilinear,
    ):  # ours has defaults; another function
        return
    takes_dim = "dim" in inspect.signature(theirs).parameters
    torch.testing.assert_close(
        module(x), (theirs(dim=-1) if takes_dim else theirs())(x), rtol=1e-7, atol=1e-8
    )


@pytest.mark.parametrize("name", PARAMETRISED)
def test_trainable_parameters(name: str) -> None:
    module = nn.MODULES[name](trainable=True)
    assert [p for p, _ in module.named_parameters()] == list(rb.catalog[name].params)
    x = inside(name).float().detach()
    assert module(x).dtype is torch.float32
    torch.testing.assert_close(module(x), getattr(F, name)(x), rtol=1e-5, atol=1e-6)
    module(x).sum().backward()
    again = nn.MODULES[name](trainable=True)
    again.load_state_dict(module.state_dict())
    assert "trainable=True" in repr(again)


def test_prelu_with_a_slope_for_each_channel_is_pytorchs() -> None:
    x = torch.randn(2, 3, 5)
    theirs = torch.nn.PReLU(3)
    ours = nn.LeakyReLU(torch.full((3, 1), 0.25), trainable=True)
    for module in (theirs, ours):
        module(x).square().sum().backward()
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.negative_slope.grad.flatten(), theirs.weight.grad)


# ---- Words ---------------------------------------------------------------------------------------

ONE = torch.ones(2, 3)
REFUSED: dict[str, Callable[[], Any]] = {
    "expected a torch.Tensor": lambda: F.elu(np.ones(3)),
    "expected float16, bfloat16": lambda: F.softmax(ONE + 0j),
    "which it does not know; it takes alpha": lambda: F.elu(ONE, beta=1),
    "twice": lambda: F.elu(ONE, 1.0, alpha=1),
    "got 1 parameters after x": lambda: F.relu(ONE, 1.0),
    "alpha is str": lambda: F.elu(ONE, "x"),
    "alpha has dtype torch.int64": lambda: F.elu(ONE, torch.tensor(1)),
    "broadcasts to": lambda: F.elu(ONE, torch.ones(4)),
    "expected 'input', 'output' or 'mask'": lambda: F.elu(ONE, memory="x"),
    "does not tell the derivative": lambda: F.silu(ONE, memory="output"),
    "with negative_slope=-1.0": lambda: F.leaky_relu(ONE, -1, memory="output"),
    "more than two slopes": lambda: nn.Tanh(memory="mask"),
    "got a tensor as parameter": lambda: nn.ELU(trainable=True, memory="output"),
    "no parameters to train": lambda: nn.Tanh(trainable=True),
    "expected b > 0": lambda: nn.Squareplus(-1),
    "expected 'first' or 'second'": lambda: nn.GLU(gate="left"),
    "even length": lambda: nn.GLU(gate="first")(ONE),
    "axis is 2": lambda: F.softmax(ONE, 2),
    "temperature is -1": lambda: F.softmax(ONE, temperature=-1),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refusals(words: str) -> None:
    with pytest.raises((InputError, InputTypeError), match=words.replace("(", "\\(")):
        REFUSED[words]()


def test_unknown_names_suggest_known_ones() -> None:
    with pytest.raises(AttributeError, match="silu"):
        _ = F.silux
    with pytest.raises(AttributeError, match="SiLU"):
        _ = nn.Silu


def test_integers_become_floats() -> None:
    assert F.sigmoid(torch.arange(3)).dtype is torch.get_default_dtype()
    assert F.swiglu(torch.arange(3), ONE).shape == (2, 3)


def test_pytorch_is_asked_for_alone_by_this(run_python: Callable[..., str]) -> None:
    run_python("import sys, rheobase; assert 'torch' not in sys.modules")
    code = """
        import sys; sys.modules['torch'] = None
        import rheobase
        try: import rheobase.torch
        except rheobase.MissingExtraError as error: print(error)
    """
    assert 'pip install "rheobase[torch]"' in run_python(inspect.cleandoc(code))


def test_bfloat16_arrays_share_memory() -> None:
    x = torch.ones(3, dtype=torch.bfloat16)
    as_array(x)[0] = 2
    assert as_array(x).dtype == ml_dtypes.bfloat16
    assert x[0] == 2
