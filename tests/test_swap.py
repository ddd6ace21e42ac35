"""`rheobase.torch.swap`: other activations in a model, with nothing else changed, and back."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import rheobase as rb
from rheobase.torch import functional, swap
from rheobase.torch import nn as ours

RELU = {nn.ReLU: rb.silu}


@pytest.fixture(autouse=True)
def _the_same_weights_each_time() -> None:
    torch.manual_seed(0)


class Block(nn.Module):
    """Holds an activation as a module and as a function, and calls one that nobody holds."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Linear(4, 4)
        self.act: Callable[..., Any] = F.relu

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.act(self.second(self.relu(self.first(x)))) + 1) + x.tanh()


class Branching(Block):
    """Its forward depends on data, so it cannot be traced."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(self.relu(x))
        return torch.relu(y.tanh()) if x.sum() > 0 else x


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU()
        self.layers = nn.Sequential(nn.Linear(4, 4), self.act, nn.Linear(4, 4), self.act)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.act(self.layers(x) + 1)


def own(m: Any, x: Any) -> Any:
    return x * m.tanh(x)


def plain() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4), nn.Tanh())


def encoder(activation: Any = F.relu) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(8, 2, 16, activation=activation, batch_first=True)
    return nn.TransformerEncoder(layer, 2)


def transformer() -> nn.Transformer:
    return nn.Transformer(8, 2, 1, 1, 16, batch_first=True)


def everything(model: nn.Module) -> Any:
    """Every module, function, flag and parameter of a model, by identity, and the values."""
    held = [
        (
            name,
            {k: v for k, v in vars(m).items() if not k.startswith("_")},
            list(m._modules.items()),
        )
        for name, m in model.named_modules(remove_duplicate=False)
    ]
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return held, [(name, id(tensor), tensor.tolist()) for name, tensor in tensors]


# ---- What is swapped -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        (nn.ReLU, ["0"]),
        ("relu", ["0", "1"]),
        (rb.relu, ["0", "1"]),
        (ours.ReLU, ["1"]),
        (nn.Hardtanh, []),  # PyTorch's ReLU6 is a subclass
        ("relu6", ["2"]),
        ("leaky_relu", ["3", "4", "5", "6"]),
        (rb.activation("leaky_relu", negative_slope=0.2), ["4"]),
        (nn.PReLU, ["5", "6"]),
        ("gelu", ["7"]),
        ("gelu_tanh", ["8"]),
    ],
)
def test_a_key_means_modules(key: Any, paths: list[str]) -> None:
    relus = [nn.ReLU(), ours.ReLU(), nn.ReLU6(), nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.PReLU()]
    model = nn.Sequential(*relus, nn.PReLU(4), nn.GELU(), nn.GELU(approximate="tanh"))
    assert [change.path for change in swap(model, {key: "mish"}).changed] == paths
    assert [str(k) for k, m in enumerate(model) if isinstance(m, ours.Mish)] == paths


@pytest.mark.parametrize(
    ("value", "f"),
    [
        ("swish", rb.silu),
        (rb.activation("elu", alpha=0.5), partial(rb.elu, alpha=0.5)),
        (nn.SELU, rb.selu),
        (lambda: nn.Hardtanh(-2, 2), partial(rb.hard_tanh, min_val=-2, max_val=2)),
        (nn.ELU(0.3), partial(rb.elu, alpha=0.3)),
        (rb.custom(own), lambda x: x * np.tanh(x)),
    ],
)
def test_a_value_becomes_a_module(value: Any, f: Callable[[Any], Any]) -> None:
    model, x = plain(), torch.randn(3, 4)
    z = model[0](x)
    swap(model, {nn.ReLU: value})
    np.testing.assert_allclose(model[1](z).detach(), f(z.detach().numpy()), rtol=1e-5, atol=1e-6)
    assert torch.equal(pickle.loads(pickle.dumps(model[:2]))(x), model[1](z))


def test_functions_in_attributes_are_swapped_and_called_ones_are_named() -> None:
    """Of relu; nobody asks for tanh."""
    x = torch.ones(2, 4)
    for block, caller in ((Block(), "Block"), (Branching(), "Branching")):
        report = swap(nn.Sequential(block), RELU)
        assert [change.path for change in report.changed] == ["0.relu", "0.act"]
        inner = F.silu(block.second(F.silu(block.first(x))))
        out = Block.forward(block, x)
        torch.testing.assert_close(out, F.relu(inner + 1) + x.tanh())
        assert all(f"forward of {caller} calls " in line for line in report.unswappable)
    assert swap(nn.Sequential(Block(), Block()), RELU).unswappable == (
        "forward of Block calls F.relu: not a module (0, 1)",
    )
    assert report.unswappable == ("forward of Branching calls torch.relu: not a module (0)",)
    assert any("Could not be traced: Branching" in note for note in report.notes)
    assert swap(Branching(), {nn.Tanh: "relu"}).unswappable == (
        "forward of Branching calls Tensor.tanh: not a module",
    )
    assert swap(Block(), {nn.Tanh: "relu"}).unswappable == (
        "forward of Block calls Tensor.tanh: not a module",
    )


class Library(nn.Module):
    """An activation as libraries have them: a class of its own around a function."""

    def __init__(self) -> None:
        super().__init__()
        self.act = F.gelu

    def forward(self, x: Any) -> Any:
        return self.act(x)


class Written(nn.Module):
    def forward(self, x: Any) -> Any:
        return 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def test_modules_of_other_classes_are_known_by_their_values() -> None:
    model = nn.Sequential(Library(), Written(), nn.ReLU6())
    report = swap(model, {"gelu": "mish", "gelu_tanh": "silu", "tanh": "silu"})
    assert [change.path for change in report.changed] == ["0", "1"]  # and not 0.act, which has left
    assert not report.unswappable
    report.undo()
    report = swap(model, {nn.SiLU: "mish", nn.ReLU6: "silu"})
    assert [change.path for change in report.changed] == ["2"]
    report = swap(nn.Sequential(Written(), nn.Tanh()), {ours.GELUTanh: "mish"})
    assert not report.changed
    assert report.unswappable == (
        'Written applies gelu_tanh and is of another class: the key "gelu_tanh" means it (0)',
    )


def test_what_is_applied_to_weights_stays() -> None:
    layer = nn.Linear(4, 4)
    nn.utils.parametrize.register_parametrization(layer, "weight", nn.Softplus())
    assert not swap(nn.Sequential(layer), {"softplus": "relu"}).changed


def test_rheobases_own_functions_are_seen() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.act, self.other = functional.hard_mish, rb.hard_mish

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return functional.hard_mish(self.other(self.act(x)))

    report = swap(Own(), {"hard_mish": "relu"})
    assert [change.path for change in report.changed] == ["act", "other"]
    assert report.unswappable == ("forward of Own calls rheobase's hard_mish: not a module",)
    assert report.notes == ()  # it was traced


@pytest.mark.parametrize(
    ("where", "paths"),
    [
        ("0.*", ["0.relu", "0.act"]),
        ("*.relu", ["0.relu", "1.relu"]),
        (lambda path, module: path[0] == "1" and isinstance(module, Block), ["1.act"]),
        ("relu", []),
    ],
)
def test_where_chooses(where: Any, paths: list[str]) -> None:
    report = swap(nn.Sequential(Block(), Block()), RELU, where=where)
    assert [change.path for change in report.changed] == paths


def test_shared_modules_stay_shared() -> None:
    model = Shared()
    report = swap(model, {nn.ReLU: nn.PReLU})
    assert [change.path for change in report.changed] == ["act", "layers.1", "layers.3"]
    assert model.act is model.layers[1] is model.layers[3]
    assert isinstance(model.act, nn.PReLU)
    apart = plain()
    apart.append(nn.ReLU())
    swap(apart, {nn.ReLU: nn.PReLU()})
    assert apart[1] is not apart[4]


def test_a_block_in_two_places_is_swapped_once() -> None:
    block = Block()
    model = nn.Sequential(block, block)
    before = everything(model)
    report = swap(model, RELU)
    assert [c.path for c in report.changed] == ["0.relu", "1.relu", "0.act", "1.act"]
    report.undo()
    assert everything(model) == before


# ---- What stays ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [plain, Block, Branching, Shared, encoder, transformer])
@pytest.mark.parametrize("dry_run", [False, True])
def test_undo_restores_and_a_dry_run_changes_nothing(make: Any, dry_run: bool) -> None:
    model = make()
    optimizer = torch.optim.Adam(model.parameters())
    before, groups = everything(model), copy.copy(optimizer.param_groups[0]["params"])
    random = torch.get_rng_state()
    noisy = lambda: nn.Sequential(nn.Linear(3, 3))  # noqa: E731 - draws random numbers
    options: dict[str, Any] = {"optimizer": optimizer, "dry_run": dry_run}
    report = swap(model, {nn.ReLU: nn.PReLU}, **options, reinitialise=True)
    dry = swap(model, {nn.ReLU: noisy, nn.PReLU: noisy}, optimizer=optimizer, dry_run=True)
    assert report.changed
    assert dry.changed
    assert (everything(model) == before) == dry_run
    assert torch.equal(random, torch.get_rng_state()) == (dry_run or make is Branching)
    report.undo()
    report.undo()
    assert everything(model) == before
    assert all(a is b for a, b in zip(optimizer.param_groups[0]["params"], groups, strict=True))


def test_a_trace_leaves_a_model_as_it_is() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("steps", torch.zeros(()))
            self.last: Any = None
            self.relu = nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.steps += 1
            self.last = x
            return F.relu(self.relu(x) + torch.rand(4))

    model, seen = Counting(), []
    model.register_forward_hook(lambda *args: seen.append(args))
    random = torch.get_rng_state()
    report = swap(model, RELU)
    assert report.unswappable == ("forward of Counting calls F.relu: not a module",)
    assert (model.steps, model.last, seen) == (0, None, [])
    assert torch.equal(random, torch.get_rng_state())


def test_mode_device_dtype_and_other_keys_stay() -> None:
    model = plain().double().eval()
    model.append(nn.Linear(4, 4, device="meta", dtype=torch.bfloat16)).append(nn.ReLU())
    model[5].train()
    keys = list(model.state_dict())
    swap(model, {nn.ReLU: lambda: ours.LeakyReLU(0.25, trainable=True)})
    first, last = model[1], model[5]
    assert (first.training, last.training) == (False, True)
    assert (first.negative_slope.dtype, first.negative_slope.device.type) == (torch.float64, "cpu")
    assert (last.negative_slope.dtype, last.negative_slope.device.type) == (torch.bfloat16, "meta")
    assert [key for key in model.state_dict() if "slope" not in key] == keys


def test_hooks_move_and_their_handles_still_work() -> None:
    model, seen = plain(), []
    forward = model[1].register_forward_hook(
        lambda module, args, named, out: seen.append(type(module)), with_kwargs=True
    )
    backward = model[1].register_full_backward_hook(lambda *args: seen.append("backward"))
    report = swap(model, RELU)
    model(torch.randn(2, 4)).sum().backward()
    assert seen == [ours.SiLU, "backward"]
    forward.remove()
    model(torch.randn(2, 4)).sum().backward()
    report.undo()
    backward.remove()
    model(torch.randn(2, 4)).sum().backward()
    assert seen == [ours.SiLU, "backward", "backward"]


# ---- What PyTorch does on its own ----------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:enable_nested_tensor", "ignore:.*nested tensors")
@pytest.mark.parametrize("activation", [F.relu, nn.ReLU(), F.gelu, nn.GELU()])
@pytest.mark.parametrize("masked", [False, True])
def test_the_fused_path_of_an_encoder_does_not_keep_the_old_function(
    activation: Any, masked: bool
) -> None:
    model, x = encoder(activation).eval(), torch.randn(3, 5, 8)
    mask = torch.arange(5) > torch.tensor([[2], [4], [3]]) if masked else None
    wanted = encoder(F.silu).eval()
    wanted.load_state_dict(model.state_dict())
    with torch.no_grad():
        before = model(x, src_key_padding_mask=mask)
        report = swap(model, {"relu": rb.silu, "gelu": rb.silu})
        kept = slice(None) if mask is None else ~mask
        after, right = (m(x, src_key_padding_mask=mask)[kept] for m in (model, wanted))
        torch.testing.assert_close(after, right)
        assert not torch.allclose(after, before[kept], atol=1e-3)
        report.undo()
        assert torch.equal(model(x, src_key_padding_mask=mask), before)


def test_a_decoder_is_swapped() -> None:
    model = transformer()
    assert [change.path for change in swap(model, RELU).changed] == [
        "encoder.layers.0.activation",
        "decoder.layers.0.activation",
    ]
    layer, x = model.decoder.layers[0].eval(), torch.randn(2, 3, 8)
    torch.testing.assert_close(layer._ff_block(x), layer.linear2(F.silu(layer.linear1(x))))


@pytest.mark.parametrize("in_place", [False, True])
def test_a_compiled_model_compiles_again(in_place: bool) -> None:
    model, x = nn.Sequential(Block(), nn.Linear(4, 2)), torch.randn(3, 4)
    if in_place:
        model.compile(backend="eager")
        compiled: Any = model
    else:
        compiled = torch.compile(model, backend="eager")
    old = compiled(x)
    report = swap(compiled, RELU)
    assert [change.path for change in report.changed] == ["0.relu", "0.act"]
    assert any("compiles again" in note for note in report.notes)
    new = compiled(x)
    torch.testing.assert_close(new, nn.Sequential.forward(model, x))
    assert not torch.allclose(new, old)
    report.undo()
    torch.testing.assert_close(compiled(x), old)


@pytest.mark.parametrize(
    ("module", "key", "words"),
    [
        (nn.RNN(2, 3, nonlinearity="relu"), "relu", "RNN applies relu in its own kernel"),
        (nn.RNNCell(2, 3), nn.Tanh, "RNNCell applies tanh"),
        (nn.GRU(2, 3), "sigmoid", "GRU applies sigmoid"),
        (nn.LSTM(2, 3), "relu", ""),
        (nn.MultiheadAttention(4, 2), nn.Softmax, "MultiheadAttention applies softmax"),
        (
            torch.ao.nn.intrinsic.LinearReLU(nn.Linear(2, 2), nn.ReLU()),
            "relu",
            "LinearReLU is quantised or",
        ),
        (torch.ao.nn.quantized.ReLU6(), "relu6", "ReLU6 is quantised or"),
    ],
)
def test_what_is_inside_a_kernel_is_named(module: Any, key: Any, words: str) -> None:
    report = swap(nn.ModuleDict({"inner": module}), {key: rb.silu})
    assert not report.changed
    assert len(report.unswappable) == bool(words)
    assert all(line.startswith(f"inner: {words}") for line in report.unswappable)


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_torchscript_is_refused() -> None:
    scripted = torch.jit.script(plain())
    with pytest.raises(rb.InputError, match="compiled by TorchScript"):
        swap(scripted, RELU)
    report = swap(nn.Sequential(scripted), RELU)
    assert report.unswappable == ("0: compiled by TorchScript; swap before that",)


# ---- Parameters ----------------------------------------------------------------------------------


def test_an_optimiser_learns_of_new_parameters_and_undo_takes_them_back() -> None:
    model = plain().append(nn.PReLU())
    halves: Any = [
        {"params": list(model[:2].named_parameters()), "lr": 0.001},
        {"params": list(model[2:].named_parameters())},
    ]
    optimizer = torch.optim.SGD(halves, lr=0.002, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)

    def train() -> None:
        optimizer.zero_grad()
        model(torch.randn(5, 4)).square().sum().backward()
        optimizer.step()

    def names(groups: Any) -> Any:
        return [(g["param_names"], [*map(id, g["params"])]) for g in groups]

    train()
    before = [{k: [*v] for k, v in g.items() if "param" in k} for g in optimizer.param_groups]
    state = dict(optimizer.state)
    prelu = model[4].weight
    report = swap(model, {nn.ReLU: nn.PReLU, nn.PReLU: "relu"}, optimizer=optimizer)
    first, second = optimizer.param_groups
    assert first["params"][-1] is model[1].weight
    assert first["param_names"][-1] == "1.weight"
    assert first["lr"] == 0.001
    assert all(p is not prelu for p in second["params"])
    assert prelu not in optimizer.state
    assert len(second["params"]) == len(second["param_names"]) == 2
    old = model[1].weight.item()
    train()
    scheduler.step()
    assert model[1].weight.item() != old
    report.undo()
    after = [{k: v for k, v in g.items() if "param" in k} for g in optimizer.param_groups]
    assert names(before) == names(after)
    assert optimizer.state[prelu] is state[prelu]
    assert set(optimizer.state) == set(state)
    notes = swap(model, {nn.ReLU: nn.PReLU}).notes
    assert any("new parameters" in note for note in notes)


def test_weights_that_feed_a_replacement_are_drawn_by_gain() -> None:
    """Through a norm and a sum too; those that feed nobody who was swapped stay."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU())
            self.conv, self.side = nn.Conv2d(64, 64, 3, groups=2), nn.Conv2d(64, 64, 3)
            self.relu, self.head = nn.ReLU(), nn.Linear(64, 500)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.stem(x)
            return self.head(self.relu(self.conv(x) + self.side(x)).mean((2, 3)))

    model, other = Net(), Net()
    head = model.head.weight.clone()
    swap(model, {"relu": rb.sigmoid}, reinitialise=True, seed=3)
    swap(other, {"relu": rb.tanh}, reinitialise=True, seed=3)
    for layer, inputs in ((model.stem[0], 27), (model.conv, 288), (model.side, 576)):
        assert layer.weight.std().item() == pytest.approx(
            rb.gain("sigmoid") / sqrt(inputs), rel=0.05
        )
        assert not layer.bias.any()
    assert torch.equal(model.head.weight, head)
    ratio = rb.gain("sigmoid") / rb.gain("tanh")
    torch.testing.assert_close(model.side.weight, other.side.weight * ratio)


def test_weights_are_drawn_where_a_trace_does_not_reach() -> None:
    model = nn.Sequential(nn.Linear(4, 300), nn.ReLU(), nn.Linear(300, 4), Branching(), encoder())
    swap(model, RELU, reinitialise=True)
    feed = model[4].layers[0].linear1
    assert not model[0].bias.any()
    assert not feed.bias.any()
    assert model[2].bias.any()
    bare = nn.Sequential(nn.ReLU(), nn.LazyLinear(3), nn.ReLU())
    notes = swap(bare, RELU, reinitialise=True).notes
    assert [note.split(":")[0] for note in notes] == [f"No weights drawn for {k}" for k in "02"]


# ---- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "mapping", "options", "words"),
    [
        ("net", RELU, {}, "model is str 'net'; expected a torch.nn.Module"),
        (plain(), "relu", {}, "mapping is str 'relu'; expected a mapping"),
        (plain(), {"rleu": "silu"}, {}, 'unknown activation .rleu.. Did you mean "relu"'),
        (plain(), {F.relu: "silu"}, {}, "a key of the mapping is function .*; expected a class"),
        (plain(), {"relu": "swiglu"}, {}, "unknown activation 'swiglu'"),
        (plain(), {"relu": 3}, {}, "a value of the mapping is int 3; expected an activation"),
        (plain(), {"relu": lambda: 3}, {}, r"is int 3; expected a module"),
        (plain(), {"relu": F.silu}, {}, "expected a factory without arguments"),
        (plain(), {"relu": rb.custom(np.arctan, lambda x: 1 / (1 + x * x))}, {}, "NumPy callables"),
        (nn.ReLU(), RELU, {}, "the model itself is ReLU"),
        (plain(), RELU, {"where": 1}, "where is int 1; expected a pattern"),
        (plain(), RELU, {"optimizer": "adam"}, "optimizer is str 'adam'"),
        (plain(), RELU, {"seed": 1}, "nothing is drawn without reinitialise=True"),
        (plain(), {"relu": nn.Flatten}, {"reinitialise": True}, "needs the gain of Flatten"),
    ],
)
def test_refusals(model: Any, mapping: Any, options: dict[str, Any], words: str) -> None:
    before = everything(model) if isinstance(model, nn.Module) else None
    with pytest.raises(rb.RheobaseError, match=words):
        swap(model, mapping, **options)
    assert before is None or everything(model) == before


def test_hooks_on_both_sides_are_refused() -> None:
    model, new = plain(), nn.SiLU()
    for module in (model[1], new):
        module.register_forward_hook(lambda *args: None)
    with pytest.raises(rb.InputError, match="1 has hooks, and so has its replacement"):
        swap(model, {nn.ReLU: new})


def test_a_model_that_is_wrapped_for_data_parallelism_is_refused(tmp_path: Path) -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1
    )
    try:
        wrapped = nn.parallel.DistributedDataParallel(plain())
        with pytest.raises(rb.InputError, match="swap, then wrap it"):
            swap(nn.Sequential(wrapped), RELU)
    finally:
        torch.distributed.destroy_process_group()


def test_what_fails_on_the_way_is_undone() -> None:
    model = plain()
    before = everything(model)
    optimizer = torch.optim.SGD(model.parameters())
    optimizer.param_groups[0]["params"] = ()  # nothing can be added to it
    with pytest.raises(AttributeError):
        swap(model, {nn.ReLU: nn.PReLU}, optimizer=optimizer, reinitialise=True)
    assert everything(model) == before


# ---- In a comparison -----------------------------------------------------------------------------


def test_a_model_can_be_compared_by_swapping() -> None:
    """The example of the page, as it stands there."""
    page = (Path(__file__).parent.parent / "docs" / "torch.md").read_text(encoding="utf-8")
    code = page.split("<!-- compare example -->\n```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    scores = {a["label"]: a["mean"] for a in names["result"].to_dict()["activations"]}
    assert scores.keys() == {"relu", "leaky_relu(negative_slope=0.2)"}
    assert min(scores.values()) > 0.9
