"""The statements of ``docs/statements.md``, one test each (XOR, for N3, is in test_network.py)."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

import rheobase as rb

X = np.linspace(-20, 20, 4001)


def weight_gradients(hidden: str, seed: int = 0) -> np.ndarray:
    """Gradients of the weights of the neurons on top of a hidden layer: (sample, input, neuron)."""
    rng = np.random.default_rng(seed)
    inputs = rb.activation(hidden)(rng.normal(size=(64, 10)))
    upstream = rng.normal(size=(64, 5))
    return inputs[:, :, None] * upstream[:, None, :]


def share_one_sign(gradients: np.ndarray) -> bool:
    """Whether all weight gradients of a neuron have one sign, for every sample."""
    signs = np.sign(gradients)
    return bool((signs == signs[:, :1]).all())


# ---- The neuron ----


@pytest.mark.parametrize("name", rb.catalog)
def test_N1(name: str) -> None:
    weights, bias, x = np.array([0.5, -2.0, 1.0]), 0.25, np.array([1.0, 0.5, -0.5])
    neuron = rb.Neuron(weights, bias, name)
    np.testing.assert_allclose(neuron(x), rb.catalog[name](weights @ x + bias), rtol=1e-15)


def test_N2() -> None:
    neuron = rb.Neuron([1.0], 0.0, "relu", threshold=0.5)
    assert neuron.fires([[0.4], [0.5], [0.6]]).tolist() == [False, False, True]
    step = rb.Neuron([1.0], 0.0, rb.activation("step", threshold=0.5))
    assert step([[0.4], [0.5], [0.6]]).tolist() == [0.0, 0.0, 1.0]


def test_N3_only_identity_is_linear() -> None:
    """Two layers collapse into one exactly if the function between them is linear."""

    def additive(function: rb.Activation) -> bool:
        return bool(np.allclose(function(X) + function(1.5), function(X + 1.5)))

    assert [name for name, function in rb.catalog.items() if additive(function)] == ["identity"]


# ---- Sigmoid ----


def test_G1() -> None:
    facts = rb.sigmoid.facts
    assert (facts.infimum, facts.supremum) == (0.0, 1.0)
    assert not facts.infimum_reached
    assert not facts.supremum_reached


def test_G2() -> None:
    low, high = rb.sigmoid.facts.saturation
    assert low is not None
    assert high is not None
    assert rb.sigmoid.derivative([2 * low, 2 * high]).max() < 1e-4
    # Ten layers pass on at most 4^-10 of the gradient, but the slope itself never is 0 in float32
    # up to |x| = 103: a slope taken from the output, y(1 - y), is exactly 0 from x = 17.4 on.
    assert rb.sigmoid.facts.max_slope**10 < 1e-6
    x = np.float32([18, 50, 103])
    y = rb.sigmoid(x)
    assert (rb.sigmoid.derivative(x) > 0).all()
    assert (y * (1 - y) == 0).all()


def test_G3() -> None:
    assert rb.sigmoid(0.0) == 0.5
    assert not rb.sigmoid.facts.zero_centred
    assert share_one_sign(weight_gradients("sigmoid"))


@pytest.mark.parametrize("name", ["sigmoid", "elu", "softmax"])
def test_G4_E3_costs_are_measured_elsewhere(name: str) -> None:
    """Time is measured in benchmarks/; here: one pass gives the same value and slope as two."""
    if name == "softmax":
        assert rb.softmax(X).shape == X.shape
        return
    value, slope = rb.catalog[name].value_and_derivative(X)
    assert np.array_equal(value, rb.catalog[name](X))
    assert np.array_equal(slope, rb.catalog[name].derivative(X))


# ---- tanh ----


def test_T1() -> None:
    assert rb.tanh.facts.zero_centred
    assert rb.tanh.facts.odd
    assert not share_one_sign(weight_gradients("tanh"))


def test_T2() -> None:
    assert (rb.tanh.facts.infimum, rb.tanh.facts.supremum) == (-1.0, 1.0)


def test_T3() -> None:
    low, high = rb.tanh.facts.saturation
    assert low is not None
    assert high is not None
    assert rb.tanh.derivative([2 * low, 2 * high]).max() < 1e-4


# ---- ReLU ----


def test_R1() -> None:
    assert np.array_equal(rb.relu(X), np.maximum(0, X))


def test_R2() -> None:
    assert (rb.relu.derivative(X[X > 0]) == 1).all()
    assert rb.relu.facts.saturation[1] is None


def test_R3() -> None:
    """Speed of convergence is measured by `rheobase compare`; here: what makes it possible."""
    deep = {name: rb.catalog[name].facts.max_slope ** 10 for name in ("sigmoid", "relu")}
    assert deep["relu"] == 1
    assert deep["sigmoid"] < 1e-6


def test_R4() -> None:
    assert not rb.relu.facts.zero_centred
    assert rb.relu.facts.mean == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-4)


def test_R5() -> None:
    assert rb.relu.facts.dead_zones == ((-inf, 0.0),)
    z = np.array([-3.0, -0.1, 0.0])  # a unit that no sample activates
    assert (rb.relu(z) == 0).all()
    assert (rb.relu.backward(z, np.ones(3)) == 0).all()


def test_R6() -> None:
    assert rb.relu.kinks == (0.0,)
    assert rb.relu.derivative(0.0) == 0
    assert "0" in rb.relu.declaration.at_kink


# ---- Leaky ReLU ----


def test_L1() -> None:
    assert np.array_equal(rb.leaky_relu(X), np.maximum(0.01 * X, X))


def test_L2() -> None:
    assert rb.leaky_relu.facts.dead_zones == ()
    assert (rb.leaky_relu.derivative(X) != 0).all()


def test_L3() -> None:
    assert dict(rb.leaky_relu.params) == {"negative_slope": 0.01}
    assert rb.leaky_relu(-1.0, negative_slope=0.2) == -0.2


# ---- ELU ----


def test_E1() -> None:
    expected = np.where(X >= 0, X, 0.5 * np.expm1(np.minimum(X, 0)))
    np.testing.assert_allclose(rb.elu(X, alpha=0.5), expected, rtol=1e-15)


def test_E2() -> None:
    """Slope 1 on the positive side, as ReLU; unlike ReLU no dead zone, and a mean nearer 0."""
    assert (rb.elu.derivative(X[X > 0]) == 1).all()
    assert rb.elu.facts.dead_zones == ()
    assert abs(rb.elu.facts.mean) < abs(rb.relu.facts.mean)


# ---- Softmax ----


def test_S1() -> None:
    """The last layer of a classifier: under cross-entropy its gradient is p minus the target."""
    logits, target = np.array([2.0, 1.0, 0.1]), 0
    step = 1e-6

    def loss(d: np.ndarray) -> float:
        return rb.cross_entropy(logits + d, target)

    slopes = [(loss(d) - loss(-d)) / (2 * step) for d in step * np.eye(3)]
    np.testing.assert_allclose(slopes, rb.softmax(logits) - np.eye(3)[target], atol=1e-9)


def test_S2() -> None:
    logits = np.random.default_rng(0).normal(0, 100, (50, 10))
    probabilities = rb.softmax(logits)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-14)
    assert np.array_equal(probabilities.argmax(axis=-1), logits.argmax(axis=-1))


def test_S3() -> None:
    logits = np.array([2.0, 1.0, 0.1])
    assert np.exp(logits).round(3).tolist() == [7.389, 2.718, 1.105]
    assert rb.softmax(logits).round(3).tolist() == [0.659, 0.242, 0.099]
