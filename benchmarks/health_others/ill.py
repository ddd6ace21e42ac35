"""The ill networks: a mechanism, the network, what is done to it, what a right finding may be called, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from ..health.ill import rescale, shift, shift_gate
from . import data, dense, images, other, sequences
from .changes import (
    Proof,
    all_of,
    column,
    far_below,
    fill,
    nan_in_some,
    no_gradient,
    norm_at,
    normal,
    still_or_flat,
    times,
    zero,
)  # fmt: skip
from .dense import mlp
from .healthy import NETWORKS
from .train import Change, Network, adam, adamw, rmsprop, sgd

digits = data.digits


@dataclass(frozen=True)
class Illness:
    """What is done to a network.

    ``born`` is done before training, ``struck`` when a third of it is left; ``spike`` multiplies the rate of
    one epoch there; ``inputs`` changes all rows; ``instead`` has fields of the network. ``layers`` are where
    the mechanism sits, if it has a place: a right finding names one of them.
    """

    mechanism: str
    network: str
    what: str
    kinds: str = "any"  # any of these words
    layers: tuple[str, ...] = ()
    born: Change | None = None
    struck: Change | None = None
    spike: float = 1.0
    inputs: Callable[[Tensor], Tensor] | None = None
    proof: Proof | None = (
        None  # by default that its layers are still or flat; without any, its score
    )
    instead: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trained(self) -> Network:
        return replace(NETWORKS.get(self.network) or BASES[self.network], **self.instead)

    def proved(self, model: nn.Module, score: float, X: Tensor, y: Tensor) -> bool:
        if self.layers or self.proof:
            proof = self.proof or still_or_flat(*self.layers)
            return proof(model, self.trained, X, y)
        return not score >= self.trained.bar  # not a number, too


BASES = {  # not among the healthy: they cannot be trained like this, or are made to be ill
    "tanh, 3 layers of 256": Network(lambda: mlp(nn.Tanh, 3, 256), digits, 0.93, sgd(0.001)),
    "sigmoid, 5 layers": Network(lambda: mlp(nn.Sigmoid, 5), digits, 0.9),
    "sigmoid, 10 layers": Network(lambda: mlp(nn.Sigmoid, 10), digits, 0.9),
    "sigmoid, 20 layers": Network(lambda: mlp(nn.Sigmoid, 20), digits, 0.9),
    "sigmoid, 4 layers, Xavier, SGD": Network(
        lambda: mlp(nn.Sigmoid, 4, initial=dense.xavier), digits, 0.9, sgd()
    ),
    "CNN, sigmoid, 5 layers": Network(
        lambda: images.cnn(nn.Sigmoid, widths=(16, 16, 16, 32, 32)), data.images, 0.9
    ),
    "tanh, 20 layers": Network(lambda: mlp(nn.Tanh, 20), digits, 0.9, adam(1e-3)),
    "tanh, 40 layers": Network(lambda: mlp(nn.Tanh, 40), digits, 0.9, adam(1e-3)),
    "hardsigmoid, 2 layers": Network(lambda: mlp(nn.Hardsigmoid, 2), digits, 0.9, adam(5e-3)),
    "hardsigmoid, 6 layers": Network(lambda: mlp(nn.Hardsigmoid, 6), digits, 0.9),
    "ReLU, 30 layers": Network(lambda: mlp(nn.ReLU, 30), digits, 0.9, adam(1e-3)),
    "GELU, 20 layers": Network(lambda: mlp(nn.GELU, 20), digits, 0.9, adam(1e-3)),
    "SiLU, 12 layers": Network(lambda: mlp(nn.SiLU, 12), digits, 0.9, adam(1e-3)),
    "softmax before tanh": Network(
        lambda: mlp(lambda: nn.Sequential(nn.Softmax(1), nn.Tanh()), 3), digits, 0.93, sgd(0.02)
    ),
    "sigmoid after ReLU": Network(
        lambda: mlp(lambda: nn.Sequential(nn.ReLU(), nn.Sigmoid()), 5), digits, 0.93
    ),
    "RNN, 60 steps back": Network(
        lambda: sequences.Rnn(nn.Tanh, 0.5), data.first_symbol, 0.93
    ),
    "LSTM by hand, 60 steps back": Network(sequences.Lstm, data.first_symbol, 0.93, adam(5e-3)),
    "logarithm of 0": Network(lambda: other.LogOfZero(nn.Tanh), digits, epochs=4),
    "division by 0": Network(other.DivisionByZero, digits, epochs=4),
    "detached": Network(other.Detached, digits),
}  # fmt: skip

# ---- mechanisms with a place

BIAS, CHANNELS, BRANCH, STUCK = (
    "bias far off",
    "dead channels",
    "a branch of several",
    "stuck at an end",
)
SMOOTH = "dead constant dormant saturated"  # of a function that is nowhere exactly flat

PLACED = [
    Illness(BIAS, "GELU, 5 layers", "biases − 50", SMOOTH, ("3",), struck=shift("2")),
    Illness(BIAS, "SiLU, 6 layers, He", "biases − 100", SMOOTH, ("5",), struck=shift("4", by=-100)),
    Illness(BIAS, "ReLU, 8 layers of 128, He", "of 90 %", "dead", ("9",), struck=shift("8", 0.9)),
    Illness(BIAS, "ELU, 6 layers, SGD", "biases − 50", "saturated constant", ("3",), struck=shift("2")),
    Illness(BIAS, "softplus, 3 layers", "biases − 60", SMOOTH, ("3",), struck=shift("2", by=-60)),
    Illness(BIAS, "ReLU, 3 layers", "at birth", "dead", ("3",), born=shift("2", by=-5)),
    Illness(BIAS, "Friedman, ReLU", "of 95 % at birth", "dead", ("1",), born=shift("0", 0.95, -20)),
    Illness(BIAS, "few active units", "of 95 %", "dead", ("relus.1",), struck=shift("second", 0.95, -30)),
    Illness(BIAS, "graph convolutions", "biases − 60", "dead", ("relus.0",), struck=shift("first", by=-60)),
    Illness(BIAS, "deep sets", "biases − 60", "dead", ("each.3",), struck=shift("each.2", by=-60)),
    Illness(BIAS, "ReLU, 8 layers, batch norm", "norm: 0 x − 1 at birth", "dead constant", ("8",), born=norm_at("7", 0, -1)),
    Illness(BIAS, "ReLU, 8 layers, batch norm", "norm: 0 x, frozen", "dead constant", ("8",), born=norm_at("7", 0, 0, learns=False)),
    Illness(BIAS, "autoencoder, convolutions", "decoder − 60", "dead", ("5",), struck=shift("4", by=-60)),
    Illness(BIAS, "autoencoder, variational", "decoder − 60", "dead", ("decoder.1",), struck=shift("decoder.0", by=-60)),
    Illness(CHANNELS, "CNN, ReLU, He", "90 % − 60", "dead", ("3",), struck=shift("2", 0.9, -60)),
    Illness(CHANNELS, "CNN, SiLU, group norm", "90 % − 60", SMOOTH, ("5",), struck=shift("4", 0.9, -60)),
    Illness(CHANNELS, "DenseNet", "norm − 60", "dead", ("relu #3",), struck=shift("norms.2", by=-60), proof=far_below("norms.2")),
    Illness(CHANNELS, "MobileNet, ReLU6", "norm − 30", "dead", ("blocks.1.widen.2",), struck=shift("blocks.1.widen.1", by=-30)),
    Illness(BRANCH, "ResNet", "all − 40", "dead", ("blocks.1.2",), struck=shift("blocks.1.1", by=-40)),
    Illness(BRANCH, "ResNet", "85 % − 40", "dead", ("blocks.2.2",), struck=shift("blocks.2.1", 0.85, -40)),
    Illness(BRANCH, "U-Net", "bottom − 60", "dead", ("bottom.4",), struck=shift("bottom.3", by=-60)),
    Illness(BRANCH, "branches of ReLU and tanh", "ReLU − 50", "dead", ("relus.1",), struck=shift("relus.0")),
    Illness(BRANCH, "ConvNeXt", "biases − 60", SMOOTH, ("acts.1",), struck=shift("ups.1", by=-60)),
    Illness(BRANCH, "residual, pre-norm", "biases − 60", SMOOTH, ("gelu #4",), struck=shift("ups.3", by=-60), proof=far_below("ups.3")),
    Illness(BRANCH, "transformer, ReLU", "biases − 60", "dead", ("relu #2",), struck=shift("ups.1", by=-60), proof=far_below("ups.1")),
    Illness(BRANCH, "experts, two of six", "all experts − 60", "dead", tuple(f"experts.{k}.1" for k in range(6)),
            struck=all_of(*[shift(f"experts.{k}.0", by=-60) for k in range(6)])),
    Illness(BRANCH, "two towers", "biases − 60", "dead", ("left.3",), struck=shift("left.2", by=-60)),
    Illness(STUCK, "MobileNet, ReLU6", "norm + 60", "saturated constant dead", ("blocks.1.widen.2",), struck=shift("blocks.1.widen.1", by=60)),
    Illness(STUCK, "hardtanh, 4 layers", "biases + 40", "saturated constant dead", ("5",), struck=shift("4", by=40)),
    Illness(STUCK, "hardsigmoid, 2 layers", "biases − 40", "saturated constant dead", ("3",), struck=shift("2", by=-40)),
]  # fmt: skip

# ---- scale

SMALL, LARGE, DEEP = "initial scale too small", "initial scale too large", "deep stack"
BURST = "exploding non-finite dead"

SCALED = [
    Illness(SMALL, "ReLU, 8 layers of 128, He", "× 0.1", "vanishing", born=rescale(0.1)),
    Illness(SMALL, "ReLU, 10 layers, He, SGD", "× 0.1", "vanishing", born=rescale(0.1)),
    Illness(SMALL, "ReLU, 10 layers", "× 0.3, SGD", "vanishing", born=rescale(0.3), instead={"optimiser": sgd(0.01)}),
    Illness(SMALL, "ReLU, 10 layers", "SGD", "vanishing", instead={"optimiser": sgd(0.01)}),
    Illness(SMALL, "tanh, 5 layers", "× 0.01, SGD", "vanishing", born=rescale(0.01), instead={"optimiser": sgd(0.02)}),
    Illness(SMALL, "CNN, ReLU, SGD", "× 0.03", "vanishing", born=rescale(0.03)),
    Illness(LARGE, "ReLU, 6 layers, He, SGD", "× 8", BURST, born=rescale(8)),
    Illness(LARGE, "GELU, 5 layers", "× 20", "exploding non-finite", born=rescale(20)),
    Illness(LARGE, "ReLU, 10 layers, He, SGD", "× 5, Adam", BURST, born=rescale(5), instead={"optimiser": adam()}),
    Illness(LARGE, "tanh, 10 layers, Xavier, SGD", "× 30", "saturated exploding", born=rescale(30)),
    Illness(LARGE, "sigmoid, 2 layers, Xavier", "× 100", "saturated", born=rescale(100), instead={"optimiser": adam(1e-3)}),
    Illness(LARGE, "hardtanh, 4 layers", "× 60", "saturated", born=rescale(60)),
    Illness(LARGE, "softsign, 5 layers", "× 300", "saturated exploding vanishing", born=rescale(300)),
    Illness(LARGE, "tanh, 3 layers of 256", "N(0, 1)", "saturated exploding", born=normal),
    Illness(LARGE, "ReLU, 4 layers of 256, weights of 0.02", "N(0, 1)", BURST, born=normal),
    Illness(LARGE, "residual, no norm", "× 6", "exploding non-finite", born=rescale(6),
            instead={"make": lambda: dense.PreNorm(8, F.relu, nn.Identity, zero=False)}),
    Illness(DEEP, "sigmoid, 5 layers", "", "vanishing"),
    Illness(DEEP, "sigmoid, 10 layers", "", "vanishing"),
    Illness(DEEP, "sigmoid, 20 layers", "", "vanishing"),
    Illness(DEEP, "sigmoid, 4 layers, Xavier, SGD", "", "vanishing"),
    Illness(DEEP, "CNN, sigmoid, 5 layers", "", "vanishing"),
    Illness(DEEP, "tanh, 20 layers", "", "vanishing"),
    Illness(DEEP, "tanh, 40 layers", "", "vanishing"),
    Illness(DEEP, "hardsigmoid, 6 layers", "", "vanishing"),
    Illness(DEEP, "ReLU, 30 layers", "", "vanishing"),
    Illness(DEEP, "GELU, 20 layers", "", "vanishing"),
    Illness(DEEP, "SiLU, 12 layers", "", "vanishing"),
    Illness(DEEP, "softmax before tanh", "", "vanishing constant dormant"),
    Illness(DEEP, "sigmoid after ReLU", "", "vanishing"),
]  # fmt: skip

# ---- training

SPIKE, RATE, DECAY = "learning-rate spike", "learning rate too large", "weights decay to 0"

TRAINED = [
    Illness(SPIKE, "ReLU, 3 layers", "× 1500", spike=1500),
    Illness(SPIKE, "ReLU, 6 layers, He, SGD", "× 300", spike=300),
    Illness(SPIKE, "CNN, ReLU, He", "× 1500", spike=1500),
    Illness(SPIKE, "letters, MLP", "× 1000", spike=1000),
    Illness(SPIKE, "Friedman, ReLU", "× 2000", spike=2000),
    Illness(SPIKE, "GELU, 5 layers", "× 3000", spike=3000),
    Illness(SPIKE, "LSTM by hand", "× 1000", spike=1000),
    Illness(RATE, "ReLU, 3 layers", "Adam, 0.3", instead={"optimiser": adam(0.3)}),
    Illness(RATE, "ReLU, 8 layers of 128, He", "Adam, 0.1", instead={"optimiser": adam(0.1)}),
    Illness(RATE, "ReLU, 6 layers, He, SGD", "SGD, 3", instead={"optimiser": sgd(3.0)}),
    Illness(RATE, "Friedman, ReLU", "SGD, 1", instead={"optimiser": sgd(1.0)}),
    Illness(RATE, "tanh, 5 layers", "Adam, 1", instead={"optimiser": adam(1.0)}),
    Illness(RATE, "CNN, ReLU, He", "Adam, 0.5", instead={"optimiser": adam(0.5)}),
    Illness(RATE, "SiLU, 4 layers, RMSprop", "RMSprop, 1", instead={"optimiser": rmsprop(1.0)}),
    Illness(RATE, "MobileNet, hardswish, squeeze", "Adam, 10", instead={"optimiser": adam(10.0)}),
    Illness(RATE, "highway", "Adam, 1", instead={"optimiser": adam(1.0)}),
    Illness(RATE, "transformer, ReLU", "Adam, 1", instead={"optimiser": adam(1.0)}),
    Illness(RATE, "GRU by hand", "Adam, 5", instead={"optimiser": adam(5.0)}),
    Illness(DECAY, "ReLU, 3 layers", "AdamW, 400", instead={"optimiser": adamw(2e-3, 400.0)}),
    Illness(DECAY, "tanh, 5 layers", "SGD, 0.5", instead={"optimiser": sgd(0.02, 0.5)}),
    Illness(DECAY, "GELU, 5 layers", "AdamW, 400", instead={"optimiser": adamw(2e-3, 400.0)}),
]  # fmt: skip

# ---- inside: recurrences, gates, symmetry, and what the formula does

LOOP, GATES, EQUAL, NAN = (
    "recurrence out of scale",
    "gates shut or still",
    "equal weights",
    "not finite",
)
FORMULA, OUTPUT = "the gradient is cut", "output out of reach"

INSIDE = [
    Illness(LOOP, "RNN, ReLU, identity", "orthogonal × 3, SGD", BURST,
            instead={"make": lambda: sequences.Rnn(nn.ReLU, 3.0), "clip": 0.0, "optimiser": sgd(0.01)}),
    Illness(LOOP, "RNN, tanh", "orthogonal × 20", "exploding saturated",
            instead={"make": lambda: sequences.Rnn(nn.Tanh, 20.0), "clip": 0.0}),
    Illness(LOOP, "RNN, 60 steps back", "tanh, × 0.5", "vanishing"),
    Illness(LOOP, "RNN, 60 steps back", "ReLU, × 0.5", "vanishing", instead={"make": lambda: sequences.Rnn(nn.ReLU, 0.5)}),
    Illness(LOOP, "equilibrium, ReLU", "× 8, SGD", BURST, born=rescale(8, "again"), instead={"optimiser": sgd(0.01)}),
    Illness(GATES, "LSTM by hand", "input gate − 60", struck=shift_gate("inner", slice(0, 32), -60)),
    Illness(GATES, "LSTM by hand, 60 steps back", "forget gate − 60", struck=shift_gate("inner", slice(32, 64), -60)),
    Illness(GATES, "GRU by hand", "update gate + 60", struck=shift_gate("inner", slice(32, 64), 60)),
    Illness(GATES, "MobileNet, hardswish, squeeze", "both − 60", struck=all_of(*[shift(f"blocks.{k}.excite", by=-60) for k in (0, 1)])),
    Illness(GATES, "highway", "gates + 60, layers − 30, at birth",
            born=all_of(*[shift(f"gates.{k}", by=60) for k in range(10)], *[shift(f"inner.{k}", by=-30) for k in range(10)])),
    Illness(GATES, "WaveNet", "all − 60", struck=all_of(*[shift_gate(f"convs.{k}", slice(24, 48), -60) for k in range(4)])),
    Illness(GATES, "gates of sigmoid", "one layer − 60", struck=shift_gate("inner.1", slice(0, 48), -60)),
    Illness(EQUAL, "ReLU, 3 layers", "all 0", born=zero),
    Illness(EQUAL, "tanh, 5 layers", "all 0", born=zero),
    Illness(EQUAL, "ReLU, 3 layers", "all 0.05", born=fill(0.05)),
    Illness(EQUAL, "tanh, 5 layers", "all 0.02", born=fill(0.02)),
    Illness(EQUAL, "CNN, ReLU, He", "all 0.05", born=fill(0.05)),
    Illness(NAN, "logarithm of 0", "", "non-finite"),
    Illness(NAN, "division by 0", "", "non-finite"),
    Illness(NAN, "ReLU, 3 layers", "NaN in some rows", "non-finite", inputs=nan_in_some, instead={"epochs": 3}),
    Illness(FORMULA, "detached", "", proof=no_gradient("first")),
    Illness(FORMULA, "ReLU, dropout of 0.5", "dropout of 0.99",
            instead={"make": lambda: mlp(nn.ReLU, 3, 256, drop=lambda: nn.Dropout(0.99))}),
    Illness(OUTPUT, "policy", "targets × 50", instead={"data": partial(data.control, scale=50.0), "bar": 0.5}),
    Illness(OUTPUT, "Friedman, tanh", "targets × 1000, SGD",
            instead={"data": partial(data.friedman, scale=1000.0, shift=5000.0), "optimiser": sgd(0.01), "bar": 0.5}),
    Illness(OUTPUT, "a probability", "last bias − 200", struck=shift("4", by=-200)),
    Illness(OUTPUT, "Siamese", "last hidden biases − 80", struck=shift("net.2", by=-80)),
]  # fmt: skip

# ---- inputs

UNSCALED = "inputs not scaled"

GIVEN = [
    Illness(UNSCALED, "tanh, 5 layers", "× 1000", "saturated", ("1",), inputs=times(1000), instead={"optimiser": sgd(0.001)}),
    Illness(UNSCALED, "sigmoid, 2 layers, Xavier", "× 1000", "saturated", ("1",), inputs=times(1000), instead={"optimiser": adam(1e-3)}),
    Illness(UNSCALED, "hardtanh, 4 layers", "× 2000", "saturated", ("1",), inputs=times(2000), instead={"optimiser": adam(1e-3)}),
    Illness(UNSCALED, "LeNet, tanh, SGD", "× 10 000", "saturated", ("1",), inputs=times(1e4), instead={"optimiser": sgd(0.001)}),
    Illness(UNSCALED, "ReLU, 3 layers of 8, wine", "raw, tanh", "saturated constant", ("1",),
            instead={"data": partial(data.wine, scaled=False), "make": lambda: mlp(nn.Tanh, 3, 32, 13, 3)}),
    Illness(UNSCALED, "ReLU, 6 layers of 16, cancer", "raw, sigmoid", "saturated constant", ("1",),
            instead={"data": partial(data.cancer, scaled=False), "make": lambda: mlp(nn.Sigmoid, 2, 16, 30, 2)}),
    Illness(UNSCALED, "Friedman, tanh", "a column × 10 000", "saturated", ("1",), inputs=column(7, 1e4)),
    Illness(UNSCALED, "Friedman, ReLU", "a column + 100 000", inputs=column(7, shift=1e5)),
    Illness(UNSCALED, "RNN, tanh", "× 1000", "saturated", inputs=times(1000)),
]  # fmt: skip

ILL = [*PLACED, *SCALED, *TRAINED, *INSIDE, *GIVEN]
