"""Neuron, network, heads, optimisers and training; N1 to N3 of the source."""

from __future__ import annotations

import pickle
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rheobase import (
    SGD,
    Adam,
    InputError,
    Network,
    Neuron,
    _native,
    activation,
    catalog,
    gain,
    train,
)
from rheobase.gain import gains

RNG = np.random.default_rng(5)
TRAINABLE = [
    name
    for name, function in catalog.items()
    if function.facts.max_slope > 0  # step's slope is 0
    and function.facts.domain == (-np.inf, np.inf)  # logit's is [0, 1]
]
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
TARGETS = {
    "softmax": RNG.integers(0, 3, 7),
    "sigmoid": RNG.integers(0, 2, (7, 3)),
    "identity": RNG.normal(size=(7, 3)),
}
X = RNG.normal(size=(7, 4))


def make(name="tanh", head="softmax", **options):
    options = {"replicas": 2, "seed": [0, 1], "dtype": np.float64} | options
    return Network([4, 5, 6, 3], name, head=head, **options)


# ---- Neuron ----


@pytest.mark.parametrize("name", catalog)
def test_n1_a_neuron_is_f_of_the_weighted_sum_plus_bias(name):
    neuron = Neuron([2.0, -1.0], 0.5, name)
    np.testing.assert_equal(neuron([1.0, 3.0]), activation(name)(2.0 * 1.0 - 1.0 * 3.0 + 0.5))
    assert neuron(np.ones((3, 5, 2))).shape == (3, 5)


def test_n2_a_neuron_fires_above_its_threshold_only():
    neuron = Neuron([1.0], 0.0, "relu", threshold=2.0)
    assert neuron.fires([[1.9], [2.0], [2.1]]).tolist() == [False, False, True]
    assert Neuron([1.0], -2.0, "step")([[1.9], [2.0], [2.1]]).tolist() == [0, 0, 1]


# ---- Learning: N3 ----


def learn_xor(name):
    network = Network([2, 64, 2], name, replicas=5, seed=range(5))
    train(network, Adam(0.03), *XOR, epochs=300, batch_size=4)
    return network.score(*XOR)


def test_n3_without_a_non_linear_function_xor_cannot_be_learned():
    assert (learn_xor("identity") <= 0.75).all()


@pytest.mark.parametrize("name", [name for name in TRAINABLE if name != "identity"])
def test_n3_with_any_other_function_xor_is_learned(name):
    assert (learn_xor(name) == 1).all()


def test_n3_step_represents_xor_but_cannot_be_trained():
    """Its slope is 0 everywhere, so the weights are set by hand: one of them, but not both."""
    network = Network([2, 2, 1], "step", head="sigmoid")
    hidden, last = network.layers
    hidden.weights[:], hidden.bias[:] = 1, [-0.5, -1.5]
    last.weights[:], last.bias[:] = [[1], [-1]], -0.5
    assert network.score(*XOR) == 1
    network.loss(*XOR)
    assert not hidden.weights_gradient.any()


# ---- Gradients ----


def assert_gradients_agree_with_central_differences(network, y, step=1e-6):
    network.loss(X, y)
    gradients = network.gradients.copy()
    for k in range(gradients.shape[1]):
        start = network.parameters[:, k].copy()
        network.parameters[:, k] = start + step
        above = network.loss(X, y)
        network.parameters[:, k] = start - step
        below = network.loss(X, y)
        network.parameters[:, k] = start
        np.testing.assert_allclose(gradients[:, k], (above - below) / (2 * step), atol=1e-7)


@pytest.mark.parametrize("head", TARGETS)
@pytest.mark.parametrize("name", TRAINABLE)
def test_backward_agrees_with_central_differences(name, head):
    assert_gradients_agree_with_central_differences(make(name, head), TARGETS[head])


@pytest.mark.parametrize("options", [{"layer_norm": True}, {"trainable_activations": True}])
@pytest.mark.parametrize("name", [name for name in TRAINABLE if catalog[name].params] + ["tanh"])
def test_norm_and_trained_parameters_have_their_gradients(name, options):
    network = make(name, **options)
    network.parameters += 0.05 * RNG.normal(
        size=network.parameters.shape
    )  # no slope is 1, no shift 0
    assert_gradients_agree_with_central_differences(network, TARGETS["softmax"])


@pytest.mark.parametrize("head", TARGETS)
@pytest.mark.parametrize("name", TRAINABLE)
def test_backward_agrees_with_torch(name, head):
    torch = pytest.importorskip("torch")
    network, y = make(name, head), TARGETS[head]
    loss = network.loss(X, y)
    f, declared = activation(name), activation(name).declaration
    parameters = [torch.tensor(p) for layer in network.layers for p in (layer.weights, layer.bias)]
    a = torch.tensor(X)
    for k, p in enumerate(parameters):
        p.requires_grad_()
        a = a + p if k % 2 else a @ p
        if k in (1, 3):
            a = declared.formula(torch, a, *f.params.values())
    target = torch.tensor(y).expand(2, *y.shape)
    losses = {
        "softmax": lambda: torch.nn.functional.cross_entropy(
            a.swapaxes(1, 2), target, reduction="none"
        ),
        "sigmoid": lambda: torch.nn.functional.binary_cross_entropy_with_logits(
            a, target.double(), reduction="none"
        ).sum(2),
        "identity": lambda: (a - target).square().sum(2) / 2,
    }
    expected = losses[head]().mean(1)
    expected.sum().backward()
    np.testing.assert_allclose(loss, expected.detach(), rtol=1e-12)
    gradients = np.concatenate([p.grad.reshape(2, -1) for p in parameters], axis=1)
    np.testing.assert_allclose(network.gradients, gradients, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("head", "y"), [("softmax", 1), ("sigmoid", [1, 0, 1])])
def test_heads_are_exact_for_large_logits(head, y):
    network = Network([1, 3], [], head=head)
    network.layers[0].weights[:] = [200, -200, 50]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = network.loss([[1.0]], [y])
    assert loss == pytest.approx([400 if head == "softmax" else 0], abs=1e-20)
    assert np.isfinite(network.gradients).all()


# ---- Optimisers ----


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"betas": (0.8, 0.99)},
        {"eps": 0.1},
    ],
    ids=str,
)
def test_optimisers_are_those_of_torch(settings):
    torch = pytest.importorskip("torch")
    adam = "betas" in settings or "eps" in settings
    parameters = RNG.normal(size=(2, 9))
    gradients = np.empty_like(parameters)
    rates = np.array([0.1, 0.01])
    theirs = [torch.tensor(row, requires_grad=True) for row in parameters]
    make_theirs = torch.optim.Adam if adam else torch.optim.SGD
    optimizers = [
        make_theirs([p], lr=float(r), **settings) for p, r in zip(theirs, rates, strict=True)
    ]
    step = (Adam if adam else SGD)(rates, **settings).bind(parameters, gradients)
    for _ in range(5):
        gradients[:] = RNG.normal(size=gradients.shape)
        step()
        for p, row, optimizer in zip(theirs, gradients, optimizers, strict=True):
            p.grad = torch.tensor(row)
            optimizer.step()
    np.testing.assert_allclose(parameters, torch.stack(theirs).detach(), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("isa", _native.isas)
def test_adam_gives_the_same_bits_whatever_the_layout(isa, dtype):
    adam = _native.ufuncs_of(isa)["adam"]
    p, g, m, v = (RNG.random((3, 37)).astype(dtype) for _ in range(4))
    rates, (beta1, beta2, eps) = np.array([[0.1], [0.01], [0.001]]), (0.9, 0.99, 1e-8)
    first = dtype(beta1) * m + g
    second = dtype(beta2) * v + g * g
    expected = p - rates.astype(dtype) * (first / (np.sqrt(second) + dtype(eps)))
    turned = [np.asfortranarray(array) for array in (p, g, m, v)]  # the inner loop has many rates
    spaced = [np.repeat(array, 2, axis=1)[:, ::2] for array in (p, g, m, v)]
    for q, h, n, w in ([p, g, m, v], turned, spaced):
        results = adam(q, h, n, w, rates, beta1, beta2, eps, out=(q, n, w))
        for result, wanted in zip(results, (expected, first, second), strict=True):
            np.testing.assert_array_equal(result, wanted)


# ---- Replicas and training ----

DATA = RNG.normal(size=(90, 4)), RNG.integers(0, 3, 90)


def fit(seeds, rates, rows=None, name="elu", **options):
    network = Network([4, 8, 8, 3], name, replicas=len(seeds), seed=seeds)
    return network, train(network, Adam(rates), *DATA, epochs=4, rows=rows, **options)


def test_a_replica_equals_the_network_trained_alone():
    seeds, rates = [3, 1, 3], np.array([0.01, 0.02, 0.03])
    rows = np.stack([RNG.permutation(90)[:70] for _ in seeds])
    together, history = fit(seeds, rates, rows, validation=rows[:, :9])
    for r, seed in enumerate(seeds):
        alone, lone = fit([seed], rates[r], rows[[r]], validation=rows[r, :9])
        np.testing.assert_allclose(
            together.parameters[r], alone.parameters[0], rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(history.loss[r], lone.loss[0], rtol=1e-5)
        np.testing.assert_allclose(history.saturated[r], lone.saturated[0], rtol=1e-5)


def test_a_diverging_replica_is_marked_and_disturbs_no_other():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network, history = fit([0, 1], np.array([0.01, 1e30]), validation=np.arange(30))
    calm, _ = fit([0], 0.01)
    assert history.diverged[0] == -1 < history.diverged[1]
    assert np.isnan(history.validation[1, -1])
    assert np.isfinite(history.validation[0]).all()
    np.testing.assert_allclose(network.parameters[0], calm.parameters[0], rtol=1e-4, atol=1e-5)


def test_a_pickled_network_keeps_its_layers_in_the_buffers():
    network = pickle.loads(pickle.dumps(make()))
    np.testing.assert_array_equal(network(X), make()(X))
    network.parameters[:] = 0
    assert not network.layers[0].weights.any()


def test_several_threads_may_predict_at_a_time():
    network = Network([4, 64, 64, 3], "tanh", layer_norm=True)
    inputs = [RNG.normal(size=(200, 4)) for _ in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for x, z in zip(inputs, pool.map(network.logits, inputs), strict=True):
            np.testing.assert_array_equal(z, network.logits(x))


def test_equal_seeds_draw_alike_whatever_the_activation():
    relu, tanh = make("relu").layers[0].weights, make("tanh").layers[0].weights
    ratio = relu / tanh
    np.testing.assert_allclose(ratio, ratio[0, 0, 0])


@pytest.mark.parametrize("layer_norm", [False, True])
def test_weights_start_at_the_gain_at_their_layers_variance(layer_norm):
    network = Network([400] * 4 + [3], "sigmoid", layer_norm=layer_norm)
    expected = [gain("sigmoid")] * 3 if layer_norm else gains(["sigmoid"] * 3)
    for layer, factor in zip(network.layers, [*expected, 1.0], strict=True):
        assert layer.weights.std() * 20 == pytest.approx(factor, rel=0.05)


def test_the_history_has_a_figure_for_every_layer_and_epoch():
    epochs = []
    network, history = fit([0, 1], 0.01, name="relu", on_epoch=epochs.append)
    assert epochs == [0, 1, 2, 3]
    assert history.loss.shape == history.validation.shape == (2, 4)
    for figure in ("gradient_rms", "dead", "dormant", "saturated", "mean_output"):
        assert getattr(history, figure).shape == (2, 2, 4)
        assert np.isfinite(getattr(history, figure)).all()
    assert (history.gradient_rms > 0).all()
    assert network.predict(DATA[0]).shape == (2, 90)
    np.testing.assert_allclose(network(DATA[0]).sum(axis=-1), 1, rtol=1e-6)


def test_dead_units_show_in_the_history():
    network = Network([4, 8, 3], "relu")
    network.layers[0].bias[..., :3] = -1e3
    history = train(network, SGD(1e-3), *DATA, epochs=1)
    assert history.dead[0, 0, 0] == pytest.approx(3 / 8)


def test_regression_scores_r2():
    network = Network([4, 16, 1], "tanh", head="identity", replicas=2, seed=[0, 1])
    y = DATA[0][:, 0] * 2 + 1
    train(network, Adam(0.02), DATA[0], y, epochs=100)
    assert (network.score(DATA[0], y) > 0.98).all()
    assert network.predict(DATA[0]).shape == (2, 90)


def test_a_training_step_allocates_no_large_array():
    network = Network([64, 64, 10], "tanh", replicas=50)
    x, y = np.ones((50, 32, 64), np.float32), np.zeros((50, 32), np.int64)
    step = Adam(0.01).bind(network.parameters, network.gradients)
    network.backward(x, y)
    tracemalloc.start()
    network.backward(x, y)
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < network.parameters.nbytes / 10


# ---- Bad input ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Neuron([], 0, "relu"), "one number per input"),
        (lambda: Neuron([1, 2], 0, "relu")([1, 2, 3]), "must hold 2 inputs"),
        (lambda: Network([4], "relu"), "two or more positive integers"),
        (lambda: Network([4, 0, 2], "relu"), "two or more positive integers"),
        (lambda: Network([4, 5, 2], ["relu", "tanh"]), "2 activations for 1 hidden"),
        (lambda: Network([4, 5, 2], "logit"), r"logit is defined on \[0, 1\] only"),
        (lambda: Network([4, 5, 2], "rellu"), 'Did you mean "relu"'),
        (lambda: Network([4, 5, 2], "relu", head="softmacs"), 'Did you mean "softmax"'),
        (lambda: Network([4, 5, 2], "relu", dtype=np.int32), "float32 or float64"),
        (lambda: Network([4, 5, 2], "relu", replicas=0), "1 or more"),
        (lambda: Network([4, 1, 2], "relu", layer_norm=True), "two units at least"),
        (lambda: make(seed=[1, 2, 3]), "each of the 2 replicas"),
        (lambda: make().predict(X[:, :3]), "expected"),
        (lambda: make().predict(X[:0]), "no samples"),
        (lambda: make().predict(X * np.nan), "NaN or infinity"),
        (lambda: make().predict([["a"] * 4]), "expected numbers"),
        (lambda: make().loss(X, np.full(7, 3)), "takes 0 to 2"),
        (lambda: make().loss(X, np.full(7, 0.5)), "class number"),
        (lambda: make().loss(X, np.zeros(6, int)), "X has 7 samples and y has 6"),
        (lambda: make(head="sigmoid").loss(X, np.full((7, 3), 2)), "other values than 0 and 1"),
        (lambda: make(head="identity").loss(X, np.full((7, 3), np.inf)), "NaN or infinity"),
        (lambda: make(head="identity").loss(X, np.zeros((7, 2))), "expected 3 numbers"),
        (lambda: fit([0], -1.0), "positive number"),
        (lambda: fit([0], [0.1, 0.2]), "each of the 1 replicas"),
        (lambda: fit([0], 0.1, rows=[90]), "rows 0 to 89"),
        (lambda: fit([0], 0.1, rows=[0.5]), "expected integers"),
        (lambda: train(make(), SGD(0.1), X, TARGETS["softmax"], epochs=0), "epochs is 0"),
        (lambda: SGD(0.1, nesterov=True), "needs a momentum"),
        (lambda: Adam(betas=(0.9, 1.0)), "less than 1"),
    ],
)
def test_bad_input_is_said_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
