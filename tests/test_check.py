"""`rheobase.torch.check`: what is found in ill models, silence on healthy ones, and a model left as it was."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import rheobase as rb
from rheobase import HealthError, InputError, InputTypeError
from rheobase import torch as own
from rheobase.health import layer_statistics
from rheobase.torch import check, check_init

WIDTH = 16


@pytest.fixture(autouse=True)
def _alone():
    """The same numbers in every test, on one thread: small tensors wait for more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def stack(make=nn.ReLU, depth=3, width=WIDTH, normalised=False):
    layers = []
    for _ in range(depth):
        layers += [nn.Linear(width, width), *[nn.LayerNorm(width)] * normalised, make()]
    return nn.Sequential(*layers, nn.Linear(width, 3))


def batch(n=64, width=WIDTH):
    return torch.randn(n, width), torch.randint(3, (n,))


def alarms(report):
    return {(f.layer, f.kind) for f in report.findings if f.severity != "info"}


class Called(nn.Module):
    """Calls a function by itself."""

    def __init__(self, function):
        super().__init__()
        self.inner = nn.Linear(WIDTH, WIDTH)
        self.function = function

    def forward(self, x):
        return self.function(self.inner(x))


class Overwriting(nn.Module):
    """Returns a state beside the output which it has written over."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        z = self.inner(x)
        y = z.exp()
        return y, z, y.add_(1)


# ---- The figures ----


@pytest.mark.parametrize("name", ["relu", "hard_tanh", "tanh", "gelu", "hard_shrink"])
def test_the_figures_are_those_of_layer_statistics(name):
    f = rb.catalog[name]
    module = {"hard_tanh": nn.Hardtanh, "tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), module.get(name, nn.Hardshrink)()).double()
    with torch.no_grad():
        model[0].weight *= 6
        model[0].bias[:4] -= 1e3
    x, kept = torch.randn(600, WIDTH, dtype=torch.double), {}
    model[0].register_forward_hook(lambda m, i, z: (z.retain_grad(), kept.update(z=z))[1])
    found = check(model, (x, x), F.mse_loss).layers["1"]  # in several parts
    for part, target in zip(x.split(256), x.split(256), strict=True):
        F.mse_loss(model(part), target).backward()
        for key, value in (("z", kept["z"].detach()), ("g", kept["z"].grad)):
            kept[f"all {key}"] = [*kept.get(f"all {key}", ()), value]
    z, g = (torch.cat(kept[f"all {key}"]).numpy() for key in "zg")
    wanted = layer_statistics(f, z, f(z), g)
    for key in ("dead", "constant", "dormant"):
        np.testing.assert_array_equal(getattr(found, key), getattr(wanted, key), key)
    for key in (
        "flat_share",
        "saturated_low",
        "saturated_high",
        "mean_output",
        "std_output",
        "gradient_rms",
    ):
        np.testing.assert_allclose(getattr(found, key), getattr(wanted, key), 1e-6, err_msg=key)
    if name in ("relu", "hard_tanh"):  # PyTorch's slopes underflow elsewhere
        np.testing.assert_allclose(found.zero_gradients, wanted.zero_gradients)


@pytest.mark.parametrize(
    ("model", "shape", "units"),
    [
        (nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU()), (40, 3, 8, 8), 5),
        (nn.Sequential(nn.Conv1d(3, 5, 3), nn.BatchNorm1d(5), nn.ReLU()), (40, 3, 8), 5),
        (nn.Sequential(nn.Linear(8, 5), nn.ReLU()), (40, 7, 8), 5),
        (nn.Sequential(nn.Linear(8, 5), nn.ReLU()), (40, 3, 7, 8), 5),
        (nn.Sequential(nn.Flatten(0, 1), nn.Linear(8, 5), nn.ReLU()), (40, 7, 8), 5),
        (nn.Sequential(nn.Conv2d(3, 5, 3).to(memory_format=torch.channels_last), nn.ReLU()), (40, 3, 8, 8), 5),
    ],
)  # fmt: skip
def test_units_are_channels_or_the_last_axis_and_n_counts_samples(model, shape, units):
    (layer,) = check(model, torch.randn(shape)).layers.values()
    assert (layer.dead.shape[1], layer.samples) == (units, shape[0])


# ---- Which function, and where ----


@pytest.mark.parametrize(
    ("site", "wanted"),
    [
        (nn.LeakyReLU(0.3), "leaky_relu(negative_slope=0.3)"),
        (nn.GELU("tanh"), "gelu_tanh"),
        (nn.Hardtanh(-2, 3), "hard_tanh(min_val=-2, max_val=3)"),
        (nn.PReLU(), "leaky_relu(negative_slope=0.25)"),
        (nn.ReLU(inplace=True), "relu"),
        (lambda x: F.elu(x, 0.5), "elu(alpha=0.5)"),
        (lambda x: F.softplus(x, beta=2.0), "softplus(beta=2)"),
        (lambda x: F.softplus(x, 2.0), "softplus(beta=2)"),
        (lambda x: F.gelu(x, approximate="tanh"), "gelu_tanh"),
        (lambda x: F.relu(input=x), "relu"),
        (lambda x: x.relu_(), "relu"),
        (torch.tanh, "tanh"),
        (torch.Tensor.sigmoid, "sigmoid"),
        (own.functional.hard_mish, "hard_mish"),
        (lambda x: own.functional.elu(x, alpha=0.5), "elu(alpha=0.5)"),
        (own.nn.Hardtanh(-2, 3, memory="mask"), "hard_tanh(min_val=-2, max_val=3)"),
        (own.nn.LeakyReLU(0.25, trainable=True), "leaky_relu(negative_slope=0.25)"),
    ],
)
def test_the_function_of_a_site(site, wanted):
    model = Called(site) if not isinstance(site, nn.Module) else stack(lambda: site, 1)
    (layer,) = check(model, batch()[0]).layers.values()
    assert repr(layer.activation) == wanted


class Swish(nn.Module):
    """A user's own, of a known name."""

    def forward(self, x):
        return x * torch.sigmoid(x)


class Mish(nn.Module):
    """One whose name is not true."""

    def forward(self, x):
        return x + 1


class Unheard(nn.Module):
    """One that the catalogue does not have."""

    def forward(self, x):
        return x * x.atan()


def test_what_is_not_known_is_not_judged():
    model = nn.Sequential(Swish(), Mish(), Unheard(), nn.PReLU(WIDTH), nn.RReLU())
    report = check(model, batch()[0])
    assert list(report.layers) == ["0"]
    (note,) = [note for note in report.notes if note.startswith("Not judged")]
    assert all(f"{k} (" in note for k in range(1, 5))


class Nameless(nn.Module):
    """Of a name that tells nothing, as those of other libraries."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Aligning(nn.Module):
    """Takes two inputs."""

    def forward(self, x, boxes):
        return x * boxes


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda x: 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * x**3))), "gelu_tanh"),
        (lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5)), "gelu"),
        (lambda x: x * torch.sigmoid(1.702 * x), "quick_gelu"),
        (lambda x: F.relu(x).square(), "relu_squared"),
    ],
)
def test_a_module_is_known_by_its_values(function, wanted):
    """And what it is made of is no site of itself."""
    report = check(stack(lambda: Nameless(function), 2), batch(), F.cross_entropy)
    assert {k: layer.activation.name for k, layer in report.layers.items()} == {
        "1": wanted,
        "3": wanted,
    }
    assert not report.notes


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda x: x.clamp(max=10).sin() * x, True),
        (lambda x: F.gelu(x[..., :8]) * x[..., 8:].repeat(1, 2), True),
        (lambda x: x * torch.empty(len(x), *[1] * (x.ndim - 1)).bernoulli_(0.5), False),
        (lambda x: x / x.norm(), False),
        (lambda x: x.flatten(), False),
        (lambda x: x.permute(0, 2, 3, 1), False),
        (lambda x: x.mean((2, 3)), False),
        (None, False),
    ],
    ids=[
        "clipped",
        "gated",
        "stochastic depth",
        "norm",
        "flat",
        "permuted",
        "pooled",
        "two inputs",
    ],
)
def test_what_is_no_activation_is_not_named(function, named):
    module = Nameless(function) if function else Aligning()
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU())
    model[0].register_module("beside", module)
    notes = check(model, batch()[0]).notes
    assert any("0.beside (" in note for note in notes) == named


def test_what_is_applied_to_weights_is_no_site():
    model = stack(depth=2)
    nn.utils.parametrize.register_parametrization(model[2], "weight", nn.Softplus())
    nn.utils.parametrize.register_parametrization(model[2], "bias", Nameless(F.softplus))
    nn.utils.parametrizations.weight_norm(model[0])
    report = check(model, batch(), F.cross_entropy)
    assert (list(report.layers), report.notes) == (["1", "3"], ())
    scale = nn.Parameter(torch.ones(1))
    assert not check(Called(lambda x: x * F.softplus(scale)), batch()[0]).layers


def test_an_exported_program_is_said_to_be_blind():
    exported = torch.export.export(stack(), (batch()[0],)).module()
    assert any("No activation was seen" in note for note in check(exported, batch()[0]).notes)


@pytest.mark.parametrize("time_first", [False, True])
def test_a_first_axis_of_time_is_named(time_first):
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.TransformerEncoderLayer(WIDTH, 2, 24)

        def forward(self, x):
            return self.layer(x if time_first else x.transpose(0, 1))

    report = check(Recurrent(), [torch.randn(8, 5, WIDTH)])
    assert any("n counts steps of time" in note for note in report.notes) == time_first
    assert report.layers["layer: relu"].samples == 8


def test_integers_are_named():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.act = nn.ReLU()

        def forward(self, x):
            return self.act(x.long())

    (note,) = [n for n in check(Counting(), batch()[0]).notes if "act could not" in n]
    assert "not of floats" in note


def test_batch_norm_that_has_seen_nothing():
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.BatchNorm1d(WIDTH), nn.ReLU()).eval()
    noted = [any("Batch norm" in note for note in check(model, batch()[0]).notes)]
    model.train()(batch()[0])
    noted.append(any("Batch norm" in note for note in check(model.eval(), batch()[0]).notes))
    assert noted == [True, False]


def test_calls_of_one_module_are_apart():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(WIDTH, 8), nn.Linear(8, 4)
            self.act = nn.ReLU(inplace=True)

        def forward(self, x):
            return {"y": (F.relu(self.act(self.second(self.act(self.first(x))))), None)}

    layers = check(Twice(), batch()[0]).layers
    assert {name: layer.dead.shape[1] for name, layer in layers.items()} == {
        "act #1": 8,
        "act #2": 4,
        "relu": 4,
    }


# ---- Ill models ----


def test_dead():
    model = stack()
    nn.init.constant_(model[2].bias, -1e3)
    report = check(model, batch(), F.cross_entropy)
    first, *_ = report.findings
    assert (first.layer, first.kind, first.severity) == ("3", "dead", "error")
    assert first.evidence["dead"] == first.evidence["units"] == WIDTH
    assert any('model.set_submodule("3", torch.nn.LeakyReLU()' in fix for fix in first.fixes)
    after = [f for f in report.findings if f.layer == "5"]
    assert all(f.fixes == ("mend 3 first",) for f in after if f.severity != "info")


def test_saturated_and_its_fix_in_place():
    model = stack(nn.Tanh)
    with torch.no_grad():
        model[0].weight *= 1e3
    assert alarms(check(model, batch()[0])) >= {("1", "saturated")}


def test_vanishing_before_the_first_step():
    assert alarms(check_init(stack(nn.Sigmoid, 6), batch()[0])) == {("1", "vanishing")}
    assert alarms(check_init(stack(nn.Sigmoid, 6), batch(), F.cross_entropy)) == {("1", "vanishing")}  # fmt: skip


def test_exploding_before_the_first_step():
    model = stack(depth=6)
    with torch.no_grad():
        for layer in model[::2]:
            layer.weight *= 20
    assert ("1", "exploding") in alarms(check_init(model, batch()[0]))


@pytest.mark.parametrize("gate", [False, True])
def test_a_weight_that_is_not_finite(gate):
    model = Called(lambda z: z * torch.sigmoid(z)) if gate else stack(depth=1)
    nn.init.constant_(next(model.parameters()), torch.nan)
    (finding,) = check(model, batch()[0]).findings
    assert (finding.kind, finding.severity) == ("non-finite", "error")
    with pytest.raises(HealthError, match="non-finite"):
        check(model, batch()[0]).raise_if("warning")


def test_pairs_that_are_not_finite_are_counted_over_positions():
    (finding,) = check(Called(F.relu), torch.full((8, 5, WIDTH), torch.nan)).findings
    assert finding.evidence["non_finite"] == finding.evidence["pairs"] == 8 * 5 * WIDTH


# ---- Healthy models ----


class Gated(nn.Module):
    """Squeeze and excite, experts of which one is idle, an output that knows."""

    def __init__(self, gate, scale, shift):
        super().__init__()
        self.scale, self.shift = scale, shift
        self.squeeze = nn.Linear(WIDTH, WIDTH)
        self.gate = gate()
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(WIDTH, 8), nn.ReLU()) for _ in "ab")
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        x = x + x * self.gate(self.scale * self.squeeze(x) + self.shift)
        return torch.sigmoid(1e3 * self.head(self.experts[0](x))).squeeze(-1)


class Cell(nn.Module):
    """30 steps of tanh, with the same weights or with weights of their own."""

    def __init__(self, count):
        super().__init__()
        self.inner = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(count))
        for linear in self.inner:
            linear.weight.data *= 0.8  # about ten orders in all
        self.tanh = nn.Tanh()

    def forward(self, x):
        for step in range(30):
            x = self.tanh(self.inner[step % len(self.inner)](x))
        return x


@pytest.mark.parametrize(("count", "ill"), [(30, True), (1, False)])
def test_a_recurrence_may_forget(count, ill):
    found = alarms(check_init(Cell(count), batch()[0]))
    assert ("vanishing" in {kind for _, kind in found}) == ill


@pytest.mark.parametrize("gate", [nn.Sigmoid, nn.Hardsigmoid, nn.Tanh])
def test_gates_outputs_and_idle_experts_are_quiet(gate):
    report = check(Gated(gate, 1e3, 0), batch()[0])
    assert not alarms(report)
    assert [layer.role for layer in report.layers.values()] == ["gate", "hidden", "output", "hidden"]  # fmt: skip
    assert "No evidence, as no sample came by: experts.1.1." in report.notes


@pytest.mark.parametrize("gate", [nn.Sigmoid, nn.Hardsigmoid])
@pytest.mark.parametrize("shift", [-50, 50])
def test_a_gate_that_is_shut_or_never_moves_is_saturated(gate, shift):
    report = check(Gated(gate, 1, shift), batch()[0])
    assert alarms(report) == {("gate", "saturated")}
    assert "the gate stands still" in report.findings[0].cause


@pytest.mark.parametrize(
    ("content", "gate", "share"),
    [
        (nn.ReLU6(), nn.Hardsigmoid(), lambda g: g),
        (nn.Tanh(), nn.Sigmoid(), lambda g: g),
        (nn.Tanh(), nn.Sigmoid(), lambda g: 1 - g),
    ],
)
def test_what_a_gate_lets_through_is_no_gate(content, gate, share):
    class Cell(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.content = nn.Linear(WIDTH, WIDTH), content
            self.opens, self.gate = nn.Linear(WIDTH, WIDTH), gate

        def forward(self, x):
            return self.content(self.inner(x) - 50) * share(self.gate(self.opens(x)))

    report = check(Cell(), batch()[0])
    assert [layer.role for layer in report.layers.values()] == ["hidden", "gate"]
    assert {layer for layer, _ in alarms(report)} == {"content"}


@pytest.mark.parametrize("detached", [True, False])
def test_a_part_that_no_gradient_reaches_is_told(detached):
    class Cut(nn.Sequential):
        def forward(self, x):
            x = self[0](x)
            return self[1](x.detach() if detached else x)

    notes = check(Cut(stack(depth=1)[:2], stack(depth=1)), batch(), F.cross_entropy).notes
    assert any("No gradient came to: 0.1," in note for note in notes) == detached


def train(model, x, y, loss, steps=80, rate=1e-2):
    optimiser = torch.optim.Adam(model.parameters(), rate)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()


class Sequence(nn.Module):
    """A transformer's layer and a recurrent one over embedded tokens."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 32)
        self.layer = nn.TransformerEncoderLayer(32, 2, 64, batch_first=True, activation=F.gelu)
        self.recurrent = nn.LSTM(32, 16, batch_first=True)
        self.head = nn.Linear(16, 2)

    def forward(self, tokens):
        return self.head(self.recurrent(self.layer(self.embedding(tokens)))[0][:, -1])


def make_sequences():
    tokens = torch.randint(20, (128, 5))
    return Sequence(), tokens, (tokens[:, 0] < 10).long(), F.cross_entropy


def make_images():
    x = torch.randn(128, 1, 12, 12)
    make = lambda i, o: (nn.Conv2d(i, o, 3, 2, 1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))  # noqa: E731
    model = nn.Sequential(*make(1, 8), *make(8, 16), nn.Flatten(), nn.Linear(144, 2))
    return model, x, (x.mean((1, 2, 3)) > 0).long(), F.cross_entropy


def make_autoencoder():
    x = torch.rand(128, 20).round()
    coder = nn.Sequential(nn.Linear(20, 40), nn.Tanh(), nn.Linear(40, 20), nn.Sigmoid())
    return coder, x, x, F.binary_cross_entropy


@pytest.mark.parametrize("make", [make_sequences, make_images, make_autoencoder])
def test_trained_models_get_no_warning(make):
    model, x, y, loss = make()
    train(model, x, y, loss)
    assert loss(model(x), y).item() < 0.2
    assert not alarms(check(model, (x, y), loss))


def test_recurrent_insides_are_named():
    (note,) = [note for note in check(Sequence(), torch.randint(20, (32, 10))).notes if "Gates" in note]  # fmt: skip
    assert "recurrent" in note


# ---- As it was ----


def test_the_model_and_the_random_numbers_stay_as_they_were():
    model = nn.Sequential(
        nn.Linear(WIDTH, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(8, 3)
    )
    x, y = batch()
    F.cross_entropy(model(x), y).backward()
    dataset = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(dataset, 32, shuffle=True)
    state = copy.deepcopy(model.state_dict())
    gradients = [p.grad.clone() for p in model.parameters()]
    torch.manual_seed(1)
    wanted, drawn = torch.randn(3), np.random.get_state()[1].copy()  # noqa: NPY002
    torch.manual_seed(1)
    hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
    check(model, loader, F.cross_entropy)
    check_init(model, x)
    torch.testing.assert_close(model.state_dict(), state, rtol=0, atol=0)
    for p, before in zip(model.parameters(), gradients, strict=True):
        assert torch.equal(p.grad, before)
    assert torch.equal(torch.randn(3), wanted)
    assert model.training
    assert hooks == sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
    assert (np.random.get_state()[1] == drawn).all()  # noqa: NPY002


def test_no_loss_no_gradients():
    assert "Gradients were not looked at." in check(stack(), batch()[0]).notes


@pytest.mark.parametrize(
    "data",
    [
        batch()[0].numpy().astype(float),
        (batch()[0].numpy().astype(float), batch()[1].numpy()),
        [batch(), batch()],
        [{"input": batch()[0]}],
        [list(batch())],
        iter([batch()[:1]]),
    ],
    ids=["array", "arrays", "batches", "mappings", "lists", "iterator"],
)
def test_forms_of_data(data):
    assert check(stack(), data).layers["1"].samples >= 64


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: check("model", batch()), "expected a torch.nn.Module"),
        (lambda: check(stack(), 3), "expected a tensor"),
        (lambda: check(stack(), ["text"]), "expected a tensor, a tuple"),
        (lambda: check(stack(), (torch.ones(3, WIDTH), torch.ones(2))), "as many rows"),
        (lambda: check(stack(), batch(), lambda o, y: o), "expected a tensor of one number"),
        (lambda: check(nn.Sequential(nn.LazyLinear(3)), batch()[0]), "not initialised"),
        (lambda: check(stack().to("meta"), batch()[0]), "hold no numbers"),
        (lambda: check_init(Overwriting(), batch()[0]), "give loss="),
        (lambda: check(stack(), batch()[0]).raise_if("bad"), "expected one of"),
    ],
)
def test_refusals(make, words):
    with pytest.raises((InputError, InputTypeError), match=words):
        make()


def test_a_report_as_json_and_as_a_page(tmp_path):
    model = stack()
    nn.init.constant_(model[2].bias, -1e3)
    report = check(model, batch(), F.cross_entropy)
    written = json.loads(report.to_json(tmp_path / "health.json"))
    assert written == json.loads((tmp_path / "health.json").read_text(encoding="utf-8"))
    assert written["findings"][0]["kind"] == "dead"
    assert written["layers"][1]["dead_share"] == 1
    report.to_html(tmp_path / "health.html")
    page = (tmp_path / "health.html").read_text(encoding="utf-8")
    assert "3 (dead)" in page
    assert "LeakyReLU" in page
