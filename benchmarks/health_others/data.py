"""Data that every machine has: scikit-learn's, drawn ones, and the source of two modules of Python.

Each function takes the seed of the split alone, and returns training and test rows.
"""

from __future__ import annotations

import argparse
import inspect
import textwrap
from functools import cache
from typing import Any

import numpy as np
import torch
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor

Data = tuple[Tensor, Tensor, Tensor, Tensor]


def _split(X: Any, y: Any, seed: int, scaled: bool = False) -> Data:
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    if scaled:
        scaler = StandardScaler().fit(X)
        X, X_test = scaler.transform(X), scaler.transform(X_test)
    return _tensor(X), _tensor(y), _tensor(X_test), _tensor(y_test)


def _tensor(values: Any) -> Tensor:
    whole = np.issubdtype(values.dtype, np.integer)
    return torch.as_tensor(np.ascontiguousarray(values, np.int64 if whole else np.float32))


def _random() -> np.random.Generator:
    return np.random.default_rng(0)


# ---- digits, as rows of pixels, as images, as sequences of rows, as their own targets, in pairs


@cache
def digits(seed: int, scaled: bool = False) -> Data:
    X, y = datasets.load_digits(return_X_y=True)
    return _split(X / 16, y, seed, scaled)


def images(seed: int) -> Data:
    X, y, X_test, y_test = digits(seed)
    return 2 * X.view(-1, 1, 8, 8) - 1, y, 2 * X_test.view(-1, 1, 8, 8) - 1, y_test


def rows(seed: int) -> Data:
    X, y, X_test, y_test = digits(seed)
    return X.view(-1, 8, 8), y, X_test.view(-1, 8, 8), y_test


def copies(seed: int) -> Data:
    X, _, X_test, _ = digits(seed)
    return X, X, X_test, X_test


def image_copies(seed: int) -> Data:
    X, _, X_test, _ = images(seed)
    return X, X, X_test, X_test


@cache
def pairs(seed: int) -> Data:
    """Two digits, and whether they show the same number: half of the pairs do."""
    X, y, X_test, y_test = digits(seed)
    random = _random()
    return *_pairs(X, y, 2000, random), *_pairs(X_test, y_test, 600, random)


def _pairs(X: Tensor, y: Tensor, n: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    numbers = y.numpy()
    first, second = random.integers(len(X), size=n), random.integers(len(X), size=n)
    for k in np.flatnonzero(random.random(n) < 0.5):
        second[k] = random.choice(np.flatnonzero(numbers == numbers[first[k]]))
    same = numbers[first] == numbers[second]
    return torch.stack([X[first], X[second]], 1), _tensor(same.astype(float))


# ---- tables


@cache
def wine(seed: int, scaled: bool = True) -> Data:
    return _split(*datasets.load_wine(return_X_y=True), seed, scaled)


@cache
def cancer(seed: int, scaled: bool = True) -> Data:
    return _split(*datasets.load_breast_cancer(return_X_y=True), seed, scaled)


@cache
def diabetes(seed: int) -> Data:
    X, y = datasets.load_diabetes(return_X_y=True)
    return _split(X, y[:, None], seed, scaled=True)


@cache
def friedman(seed: int, scale: float = 1.0, shift: float = 0.0) -> Data:
    X, y = datasets.make_friedman1(1600, 10, noise=0.5, random_state=0)
    return _split(X, (y[:, None] - 14) * scale + shift, seed, scaled=True)


@cache
def imbalance(seed: int) -> Data:
    """Two classes, one of them with 4 % of the rows."""
    X, y = datasets.make_classification(
        3000, 20, n_informative=10, weights=[0.96], class_sep=1.5, flip_y=0, random_state=0
    )
    return _split(X, y, seed, scaled=True)


@cache
def multilabel(seed: int) -> Data:
    X, y = datasets.make_multilabel_classification(2000, 20, n_classes=6, random_state=0)
    return _split(X, y.astype(float), seed, scaled=True)


@cache
def codes(seed: int) -> Data:
    """Six columns of 25 categories each, with an effect for each category."""
    chosen, effects = _categories()
    total = sum(effects[k, chosen[:, k]] for k in range(6))
    return _split(chosen, (total > 0).astype(int), seed)


@cache
def one_hot(seed: int) -> Data:
    """The same as 150 columns, and two of the categories act together."""
    chosen, effects = _categories()
    total = sum(effects[k, chosen[:, k]] for k in range(6))
    total = total + effects[0, chosen[:, 0]] * effects[1, chosen[:, 1]]
    return _split(np.eye(25)[chosen].reshape(-1, 150), (total > 0).astype(int), seed)


def _categories() -> tuple[Any, Any]:
    random = _random()
    return random.integers(0, 25, (4000, 6)), random.normal(size=(6, 25))


# ---- the plane and the line


@cache
def moons(seed: int) -> Data:
    return _split(*datasets.make_moons(800, noise=0.15, random_state=0), seed)


@cache
def circles(seed: int) -> Data:
    return _split(*datasets.make_circles(800, noise=0.08, factor=0.5, random_state=0), seed)


@cache
def spirals(seed: int) -> Data:
    random = _random()
    along, y = np.sqrt(random.random(1200)) * 3 * np.pi, random.integers(0, 2, 1200)
    angle = along + y * np.pi
    X = np.c_[along * np.cos(angle), along * np.sin(angle)] * 0.3
    return _split(X + random.normal(0, 0.03, X.shape), y, seed)


@cache
def two_waves(seed: int) -> Data:
    x = _random().uniform(-3, 3, (800, 1))
    return _split(x, np.sin(2 * x) + 0.5 * np.cos(5 * x), seed)


@cache
def pattern(seed: int) -> Data:
    """The grey of a pattern at each point of a square."""
    X = np.stack(np.meshgrid(*[np.linspace(-1, 1, 32)] * 2), -1).reshape(-1, 2)
    return _split(X, np.sin(8 * X[:, :1] + 3 * X[:, 1:]) * np.cos(6 * X[:, 1:]), seed)


@cache
def oscillator(seed: int) -> Data:
    """Times to solve u″ = −u at: the targets are the times, as the loss asks for the equation alone."""
    X = _tensor(np.random.default_rng(seed).uniform(0, 6, (512, 1)))
    X_test = torch.linspace(0, 6, 100)[:, None]
    return X, X, X_test, X_test


@cache
def point_sets(seed: int) -> Data:
    """Twelve points each, and their spread."""
    random = _random()
    X = random.normal(size=(1200, 12, 2)) * random.uniform(0.3, 2, (1200, 1, 1))
    return _split(X, X.std((1, 2))[:, None], seed)


@cache
def action_values(seed: int) -> Data:
    """The values of three actions in a corridor, at a place and a speed."""
    states = _random().uniform(-1, 1, (2000, 2))
    values = [-((states[:, 0] + 0.3 * states[:, 1] + 0.2 * a) ** 2) for a in (-1, 0, 1)]
    return _split(states, np.stack(values, 1), seed)


@cache
def control(seed: int, scale: float = 1.0) -> Data:
    """One continuous action, often near the ends of its range."""
    states = _random().normal(size=(2000, 4))
    action = np.tanh(2 * states[:, :1] - 1.5 * states[:, 1:2] * states[:, 2:3])
    return _split(states, scale * action, seed)


# ---- images drawn here, and a graph


@cache
def textures(seed: int) -> Data:
    """Stripes in four directions."""
    random, grid = _random(), np.arange(16)
    y = random.integers(0, 4, 800)
    angle = (y * np.pi / 4 + random.normal(0, 0.1, 800))[:, None, None]
    phase = random.uniform(0, 6, 800)[:, None, None]
    across = np.cos(angle) * grid + np.sin(angle) * grid[:, None]
    X = np.sin(1.2 * across + phase) + random.normal(0, 0.5, (800, 16, 16))
    return _split(X[:, None], y, seed)


@cache
def discs(seed: int) -> Data:
    """A disc in noise, and which pixels are its own."""
    random, grid = _random(), np.arange(16)
    centre, radius = random.uniform(3, 13, (2, 400, 1, 1)), random.uniform(2, 5, (400, 1, 1))
    inside = (grid - centre[0]) ** 2 + (grid[:, None] - centre[1]) ** 2 < radius**2
    X = inside + random.normal(0, 0.4, inside.shape)
    return _split(X[:, None], inside[:, None].astype(float), seed)


@cache
def adjacency() -> Tensor:
    """240 nodes of three kinds, linked mostly to their own: the normalised matrix of the graph."""
    kind = np.arange(240) % 3
    links = _random().random((240, 240)) < np.where(kind[:, None] == kind, 0.12, 0.01)
    links = np.triu(links, 1)
    links = links + links.T + np.eye(240)
    root = links.sum(1) ** -0.5
    return _tensor(links * root[:, None] * root)


def nodes(seed: int) -> Data:
    """All nodes, to be told apart from what they and their neighbours have: there are no other rows."""
    kind = np.arange(240) % 3
    X = np.random.default_rng(seed).normal(size=(240, 16))
    X[np.arange(240), kind] += 1
    return _tensor(X), _tensor(kind), _tensor(X), _tensor(kind)


# ---- sequences


@cache
def text(seed: int, length: int = 16) -> Data:
    """Pieces of Python's own source, and each character's next."""
    source = inspect.getsource(textwrap) + inspect.getsource(argparse)[:20000]
    letters = {letter: k for k, letter in enumerate(sorted(set(source)))}
    numbers = np.array([letters[letter] for letter in source])
    windows = np.lib.stride_tricks.sliding_window_view(numbers, length + 1)[::6]
    return _split(windows[:, :-1], windows[:, 1:], seed)


def next_letter(seed: int) -> Data:
    X, y, X_test, y_test = text(seed)
    return X, y[:, -1], X_test, y_test[:, -1]


@cache
def adding(seed: int, length: int = 12) -> Data:
    """The sum of the two numbers that are marked."""
    random = _random()
    numbers = random.random((2400, length))
    marks = random.permuted(np.tile(np.arange(length) < 2, (2400, 1)), axis=1)
    total = (numbers * marks).sum(1, keepdims=True)
    return _split(np.stack([numbers, marks], 2), total, seed)


@cache
def majority(seed: int, length: int = 15) -> Data:
    """Whether there are more 1 than −1."""
    bits = _random().integers(0, 2, (1600, length))
    return _split(2.0 * bits[..., None] - 1, (bits.sum(1) > length // 2).astype(int), seed)


@cache
def first_symbol(seed: int, length: int = 60) -> Data:
    """What came first, before noise."""
    random = _random()
    X, y = random.normal(0, 0.3, (1200, length, 1)), random.integers(0, 2, 1200)
    X[:, 0, 0] = 2 * y - 1
    return _split(X, y, seed)


@cache
def waves(seed: int, length: int = 64) -> Data:
    """Waves of four frequencies in noise, as one channel over time."""
    random = _random()
    y = random.integers(0, 4, 1000)
    frequency = np.array([1, 2, 3, 5])[y] + random.normal(0, 0.1, 1000)
    angle = frequency[:, None] * np.linspace(0, 2 * np.pi, length)
    X = np.sin(angle + random.uniform(0, 6, (1000, 1))) + random.normal(0, 0.3, angle.shape)
    return _split(X[:, None], y, seed)


def wave_steps(seed: int) -> Data:
    """The same, 32 steps with one number each."""
    X, y, X_test, y_test = waves(seed, 32)
    return X.mT, y, X_test.mT, y_test


@cache
def reverse(seed: int) -> Data:
    """Six symbols, to be written backwards; the second row is what the decoder has written so far."""
    symbols = _random().integers(1, 8, (3000, 6))
    backwards = symbols[:, ::-1]
    so_far = np.c_[np.zeros((3000, 1), int), backwards[:, :-1]]
    return _split(np.stack([symbols, so_far], 1), backwards, seed)
