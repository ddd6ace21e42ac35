"""`rheobase.torch.watch`: what is seen of a training, under everything that trains, and nothing left behind."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import _get_current_function_mode_stack
from torch.utils.checkpoint import checkpoint

from rheobase import HealthError, InputError
from rheobase.torch import check, watch
from rheobase.torch._watch import WINDOW

WIDTH = 16


@pytest.fixture(autouse=True)
def _alone():
    """The same numbers in every test, on one thread: small tensors wait for more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def stack(make=nn.ReLU, depth=3):
    layers = [part for _ in range(depth) for part in (nn.Linear(WIDTH, WIDTH), make())]
    return nn.Sequential(*layers, nn.Linear(WIDTH, 1))


def step(model, x=None):
    x = torch.randn(40, WIDTH) if x is None else x
    loss = model(x).square().mean()
    loss.backward()
    return loss


def hooks(model):
    return sum(
        len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks)
        for m in model.modules()
    )


def figures(report):
    keys = ("dead", "flat_share", "mean_output", "std_output", "gradient_rms", "zero_gradients")
    return {
        name: (layer.samples, *[np.asarray(getattr(layer, key)) for key in keys])
        for name, layer in report.layers.items()
    }


def same(first, second):
    first, second = figures(first), figures(second)
    assert first.keys() == second.keys()
    for name, values in first.items():
        for a, b in zip(values, second[name], strict=True):
            np.testing.assert_allclose(a, b, 1e-5, err_msg=name)


# ---- What is seen ----


def test_one_step_is_what_check_sees():
    model, x = stack(), torch.randn(40, WIDTH)
    with watch(model) as w:
        step(model, x)
    same(w.report(), check(model, (x, x), lambda a, _: a.square().mean()))


def test_only_sampled_training_steps_are_seen():
    model = stack()
    with watch(model, every=3) as w:
        for _ in range(7):
            step(model)
            with torch.no_grad():
                model(torch.randn(40, WIDTH))
            model.eval()(torch.randn(40, WIDTH))
            model.train()
    assert w.steps == 7
    assert w.report().layers["1"].samples == 3 * 40


def test_dead_over_time():
    model = stack()
    with watch(model, every=1) as w:
        step(model)
        nn.init.constant_(model[2].bias, -1e3)
        step(model)
        assert not w.report().layers["3"].dead.all()  # it fired within the window
        for _ in range(WINDOW):
            step(model)
        assert w.report().findings[0].kind == "dead"
        with pytest.raises(HealthError):
            w.raise_if("error")
    assert w.scalars()["3/dead_share"] == 1


def test_a_layer_that_moves_from_step_to_step_may_be_constant():
    model = stack(nn.LeakyReLU)
    nn.init.zeros_(model[2].weight)
    with watch(model, every=1) as w:
        for k in range(3):
            nn.init.constant_(model[2].bias, k + 1.0)
            step(model)
    assert ("3", "constant") in {(f.layer, f.kind) for f in w.report().findings}


def test_what_was_not_called_for_long_is_no_evidence():
    class Either(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList([stack(depth=1), stack(depth=1)])

        def forward(self, x, which):
            return self.parts[which](x)

    model = Either()
    with watch(model, every=1) as w:
        model(torch.randn(40, WIDTH), which=0)
        for _ in range(WINDOW + 1):
            model(torch.randn(40, WIDTH), which=1)
    assert {name: layer.samples for name, layer in w.report().layers.items()} == {
        "parts.0.1": 0,
        "parts.1.1": WINDOW * 40,
    }


# ---- Everything that trains ----


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_is_computed_again_is_counted_once(reentrant):
    class Saving(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.body = nn.Linear(WIDTH, WIDTH), stack()

        def forward(self, x):
            return checkpoint(self.body, self.first(x), use_reentrant=reentrant)

    model, x = Saving(), torch.randn(40, WIDTH)
    with watch(model, every=1) as w:
        step(model, x)
    found = w.report()
    assert found.layers["body.1"].samples == 40
    if reentrant:  # its forward has no graph
        assert any(note.startswith("Gradients were not looked at") for note in found.notes)
    else:
        model.forward = lambda x: model.body(model.first(x))
        with watch(model, every=1) as plain:
            step(model, x)
        same(found, plain.report())


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # the compiler's own
@pytest.mark.parametrize("where", ["root", "part", "function", "in place"])
def test_compiled_models_run_uncompiled_in_sampled_steps(where):
    body = stack()
    if where == "in place":
        body.compile(backend="eager")
    compiled = torch.compile(body, backend="eager")
    function = torch.compile(torch.relu, backend="eager")
    model = {
        "root": lambda: compiled,
        "part": lambda: nn.Sequential(compiled),
        "in place": lambda: nn.Sequential(body),
        "function": lambda: nn.Sequential(OrderedDict(a=nn.Linear(WIDTH, WIDTH), b=Calling(function))),
    }[where]()  # fmt: skip
    step(model)
    with watch(model, every=2) as w:
        for _ in range(4):
            step(model)
    report = w.report()
    wanted = {"root": "1", "part": "0.1", "in place": "0.1", "function": "b"}[where]
    assert report.layers[wanted].samples == 2 * 40
    assert report.layers[wanted].gradient_rms > 0


class Calling(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_a_compiled_model_that_cannot_be_seen_is_refused_in_words():
    model = stack()
    compiled = torch.compile(model, backend="eager")
    with watch(model) as w:
        step(compiled)
    assert any("torch.compile returned" in note for note in w.report().notes)
    model.compile(backend="eager")
    with pytest.raises(InputError, match="in place"):
        watch(model)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision(dtype):
    model, x = stack(), torch.randn(40, WIDTH)
    with watch(model) as plain:
        step(model, x)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with watch(model, scaler=scaler) as w:
        with torch.autocast("cpu", dtype):
            loss = model(x).float().square().mean()
        scaler.scale(loss).backward()
    for name, layer in w.report().layers.items():
        wanted = plain.report().layers[name].gradient_rms
        np.testing.assert_allclose(layer.gradient_rms, wanted, 0.05, err_msg=name)


def test_steps_that_a_scaler_skips_are_no_alarm():
    model = stack()
    for scaler in (torch.amp.GradScaler("cpu", init_scale=2.0**126), None):
        with watch(model, scaler=scaler) as w:
            loss = 1e30 * model(torch.randn(40, WIDTH)).square().mean()
            (loss * 2.0**126).backward() if scaler is None else scaler.scale(loss).backward()
        kinds = {finding.kind for finding in w.report().findings}
        assert ("non-finite" in kinds) == (scaler is None)


def test_frozen_layers():
    model = stack()
    model[:4].requires_grad_(False)
    with watch(model) as w:
        step(model)
    layers = w.report().layers
    assert np.isnan([layers["1"].gradient_rms, layers["3"].gradient_rms]).all()
    assert layers["5"].gradient_rms > 0


@pytest.mark.parametrize("wrapper", ["module", "compiled"])
def test_two_processes(run_python, wrapper):
    run_python(
        f"""
import os, torch
from torch import nn, distributed, multiprocessing
from rheobase.torch import check, watch
def run(rank):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method="file://" + os.path.abspath("meet"), rank=rank, world_size=2)
    torch.manual_seed(rank)
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(inplace=True), nn.Linear(8, 1))
    wrapped = nn.parallel.DistributedDataParallel(model)
    if {wrapper!r} == "compiled":
        wrapped = torch.compile(wrapped, backend="eager")
    with watch(wrapped, every=2) as w:
        for _ in range(4):
            wrapped(torch.randn(20 + rank, 8)).sum().backward()
    layer = w.report().layers["1"]
    assert layer.samples == 2 * (20 + rank) and layer.gradient_rms > 0, layer
    assert any(note.startswith(f"Process {{rank}} of 2") for note in w.report().notes)
    check(wrapped, (torch.randn(40, 8), torch.randn(40, 1)), nn.functional.mse_loss)
    wrapped(torch.randn(20, 8)).sum().backward()
    distributed.destroy_process_group()
if __name__ == "__main__":
    multiprocessing.start_processes(run, nprocs=2, start_method="fork")
"""
    )


# ---- Nothing is left behind ----


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_no_hook(error):
    class Failing(nn.Module):
        def forward(self, x):
            raise error

    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), Failing())
    before = hooks(model), _get_current_function_mode_stack()
    with pytest.raises(error), watch(model):
        step(model)
    assert (hooks(model), _get_current_function_mode_stack()) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_without_a_with_statement_the_next_step_cleans_up_what_a_broken_one_left(error):
    model = stack()
    w = watch(model, every=1)

    def fail(*_):
        raise error

    broken = model[2].register_forward_hook(fail)
    with pytest.raises(error):
        step(model)
    broken.remove()
    step(model)
    assert not _get_current_function_mode_stack()
    w.stop()
    assert hooks(model) == 0


def test_twice_is_harmless():
    model, x = stack(), torch.randn(40, WIDTH)
    with watch(model) as first, watch(model) as second:
        step(model, x)
    same(first.report(), second.report())
    assert hooks(model) == 0


def test_the_training_is_the_same():
    results = []
    for watched in (False, True):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(inplace=True), nn.Dropout(), stack())
        optimiser = torch.optim.SGD(model.parameters(), 0.1)
        w = watch(model, every=1) if watched else None
        for _ in range(5):
            optimiser.zero_grad()
            step(model)
            optimiser.step()
        if w:
            w.stop()
        results.append(model.state_dict())
    torch.testing.assert_close(*results, rtol=0, atol=0)


def test_copies_are_not_watched():
    model = stack()
    with watch(model, every=1) as w:
        for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            step(copied)
            assert all(hook._watch is None for hook in copied._forward_pre_hooks.values())
        assert w.steps == 0
        step(model)
    assert w.steps == 1


def test_what_goes_wrong_in_looking_does_not_stop_a_training(monkeypatch):
    model = stack()
    monkeypatch.setattr("rheobase.torch._moments.Moment.before", lambda *_: 1 / 0)
    with watch(model) as w:
        step(model)
    assert any("1 could not be measured: ZeroDivisionError" in note for note in w.report().notes)


@pytest.mark.parametrize(
    ("transform", "seen"),
    [
        (lambda f, p: torch.func.grad(f)(p), 0),
        (lambda f, p: torch.func.vmap(f, randomness="same")({k: v[None] for k, v in p.items()}), 0),
        (lambda f, p: f(p).backward(), 40),
    ],
    ids=["grad", "vmap", "functional_call"],
)
def test_transforms_are_left_alone(transform, seen):
    model, x = stack(), torch.randn(40, WIDTH)
    weights = {k: v.detach().requires_grad_() for k, v in model.named_parameters()}
    with watch(model) as w:
        transform(lambda p: torch.func.functional_call(model, p, (x,)).square().mean(), weights)
    assert {layer.samples for layer in w.report().layers.values()} == {seen}
    assert any("torch.func" in note for note in w.report().notes) == (not seen)


def test_two_backwards_of_one_forward():
    """Add up as if independent; that of a penalty, which is to be differentiated, does not count."""
    model, x = stack(), torch.randn(40, WIDTH)

    def gradient(penalty, *scales):
        with watch(model) as w:
            y = model(x).mean()
            if penalty:
                torch.autograd.grad(1e3 * y, model[0].weight, create_graph=True)
            for scale in scales:
                (y * scale).backward(retain_graph=True)
        return w.report().layers["1"].gradient_rms[0]

    once = gradient(False, 1.0)
    np.testing.assert_allclose(gradient(False, 3.0, 4.0), 5 * once, rtol=1e-4)
    np.testing.assert_allclose(gradient(True, 1.0), once, rtol=1e-4)


def test_copies_on_several_devices_are_refused():
    model = nn.DataParallel(stack())
    watch(model).stop()
    model.device_ids = [0, 1]
    with pytest.raises(InputError, match="DistributedDataParallel"):
        watch(model)


@pytest.mark.parametrize("every", [0, 1.5, None])
def test_refusals(every):
    with pytest.raises(InputError, match="every"):
        watch(stack(), every=every)


# ---- Callbacks ----


def test_skorch():
    skorch = pytest.importorskip("skorch")
    from rheobase.torch.callbacks import SkorchWatch

    logged = []
    callback = SkorchWatch(every=2, on_scalars=lambda scalars, step: logged.append((step, scalars)))
    net = skorch.NeuralNetRegressor(stack(), max_epochs=2, batch_size=20, train_split=None, verbose=0, callbacks=[("watch", callback)])  # fmt: skip
    net.fit(np.ones((60, WIDTH), np.float32), np.zeros((60, 1), np.float32))
    assert [step for step, _ in logged] == [3, 6]
    assert "1/dead_share" in logged[0][1]
    assert dict(net.callbacks_)["watch"].watch.report().layers["1"].samples == 60
    assert hooks(net.module_) == 0


def test_lightning(tmp_path):
    lightning = pytest.importorskip("lightning")
    from rheobase.torch.callbacks import LightningWatch

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.body = stack(nn.Sigmoid)

        def training_step(self, batch, index):
            return F.mse_loss(torch.sigmoid(self.body(batch[0])), batch[1])

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    data = torch.utils.data.TensorDataset(torch.randn(60, WIDTH), torch.rand(60, 1))
    callback, logged = LightningWatch(every=2, on_scalars=lambda *given: logged.append(given)), []
    trainer = lightning.Trainer(max_epochs=2, logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, callbacks=[callback], default_root_dir=tmp_path, accelerator="cpu")  # fmt: skip
    module = Module()
    trainer.fit(module, torch.utils.data.DataLoader(data, 20))
    layers = callback.watch.report().layers
    assert {name: layer.role for name, layer in layers.items()} == {
        "body.1": "hidden", "body.3": "hidden", "body.5": "hidden", "sigmoid": "output",
    }  # fmt: skip
    assert layers["body.1"].samples == 60
    assert layers["body.1"].gradient_rms > 0
    assert len(logged) == 2


def test_transformers(tmp_path):
    transformers = pytest.importorskip("transformers")
    from rheobase.torch.callbacks import TransformersWatch

    config = transformers.BertConfig(vocab_size=20, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, initializer_range=0.25)  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    data = [
        {"input_ids": torch.randint(20, (6,)), "labels": torch.tensor(k % 2)} for k in range(40)
    ]
    callback, logged = (
        TransformersWatch(every=2, on_scalars=lambda *given: logged.append(given)),
        [],
    )
    arguments = transformers.TrainingArguments(str(tmp_path), max_steps=4, per_device_train_batch_size=10, logging_steps=2, report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True)  # fmt: skip
    transformers.Trainer(model, arguments, train_dataset=data, callbacks=[callback]).train()
    report = callback.watch.report()
    assert len(logged) >= 2
    assert sum(layer.samples == 20 for layer in report.layers.values()) == 3, str(report)
    assert not [finding for finding in report.findings if finding.severity != "info"]
    arguments.torch_compile = True
    with pytest.raises(InputError, match="compile it yourself"):
        callback.on_train_begin(arguments, None, None, model=model)
