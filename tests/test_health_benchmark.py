"""`benchmarks/health`: the rules of other tools fire on what they are about, and networks are judged right."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from benchmarks.health.ill import ILL
from benchmarks.health.judge import RHEOBASE, judge
from benchmarks.health.record import Layer, Step
from benchmarks.health.rules import TOOLS, saturation

Z = np.random.default_rng(0).normal(size=(200, 20))
WELL = np.random.default_rng(1).normal(size=(20, 20))
SMALL = 1e-9 * WELL


@pytest.fixture(autouse=True)
def _one_thread():
    """Small tensors wait for more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def said(tool, kind, z, a, first=WELL, last=WELL, accuracy=0.1):
    """What a tool says of ten equal batches and five equal epochs of one layer."""
    step = Step([Layer("layer", kind, z, a)], {"first.weight": first, "last.weight": last})
    rules = TOOLS[tool]()
    for number in range(10):
        rules.see(step, number, epoch=False)
    for epoch in range(5):
        rules.see(step, epoch, epoch=True)
    return {found for _, found in rules.finish([1.0] * 5, [accuracy] * 5)}


RELU, DEAD = ("relu", Z, 2 * np.maximum(Z, 0)), ("relu", Z - 50, 0 * Z)
SATURATED = ("tanh", 50 * np.sign(Z), np.sign(Z))


@pytest.mark.parametrize(
    ("tool", "found", "arguments"),
    [
        ("SageMaker Debugger", "dead", DEAD),
        ("SageMaker Debugger", "saturated", SATURATED),
        ("SageMaker Debugger", "vanishing", (*RELU, SMALL)),
        ("SageMaker Debugger", "non-finite", (*RELU, np.nan * WELL)),
        ("SageMaker Debugger with PoorWeightInitialization", "vanishing", (*RELU, 1e-5 * WELL)),
        ("DeepDiagnosis", "dead", DEAD),
        ("DeepDiagnosis", "saturated", SATURATED),
        ("DeepDiagnosis", "vanishing", (*RELU, SMALL)),
        ("AUTOTRAINER", "vanishing", (*RELU, SMALL)),
        ("AUTOTRAINER", "exploding", (*RELU, 100 * WELL)),
        ("AUTOTRAINER", "dead", (*RELU, 0 * WELL, 0 * WELL)),
        ("TheDeepChecker", "dead", DEAD),
        ("TheDeepChecker", "saturated", SATURATED),
        ("TheDeepChecker", "exploding", ("relu", Z, 100 * np.maximum(Z, 0))),
    ],
)
def test_rules_fire_on_what_they_are_about(tool, found, arguments):
    assert found in said(tool, *arguments)
    assert found not in said(tool, *RELU)


def test_autotrainer_is_silent_where_a_network_learns():
    assert said("AUTOTRAINER", *RELU, 100 * WELL, accuracy=0.9) == set()


def test_saturation_is_0_in_the_middle_and_1_at_the_ends():
    np.testing.assert_allclose(
        saturation(np.array([[0.5, 0, 0.25], [0.5, 1, 0.75]]), 0.0), [0, 1, 0.5]
    )


@pytest.mark.parametrize("illness", [None, ILL[0]])
def test_a_network_is_judged_right(illness):
    found = judge("MLP, ReLU", 0, illness)
    assert found.proved
    assert bool(found.alarms[RHEOBASE]) is bool(illness)
    if illness:
        assert found.hit(RHEOBASE)
        assert illness.layer in found.truly
        assert found.named(RHEOBASE) == found.truly
