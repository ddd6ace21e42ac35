"""`benchmarks/health_others`: its tables of networks hang together, and networks are judged right."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from benchmarks.health.page import PAGE
from benchmarks.health_others.healthy import NETWORKS
from benchmarks.health_others.ill import ILL
from benchmarks.health_others.judge import CALLS, judge


@pytest.fixture(autouse=True)
def _one_thread_and_seed():
    """Small tensors wait for more threads; a tuned network takes the rows of the seed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_fits_its_data(name):
    network = NETWORKS[name]
    X, y, X_test, y_test = network.data(1)
    model = network.make()
    rows = slice(0, 8 if network.batch else None)
    network.loss(model(X[rows]), y[rows]).backward()
    assert any(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    model.eval()
    with torch.no_grad():
        assert network.score(model(X_test), y_test) <= 1


def test_what_is_done_changes_a_network_of_the_same_shape():
    for illness in ILL:
        model = illness.trained.make()
        before = {name: p.clone() for name, p in model.named_parameters()}
        for change in filter(None, (illness.born, illness.struck)):
            change(model)
            after = dict(model.named_parameters())
            assert any(not p.equal(after[name]) for name, p in before.items()), illness


def test_layers_that_are_ill_exist():
    for illness in ILL:
        modules = dict(illness.trained.make().named_modules())
        assert all(layer in modules or " #" in layer for layer in illness.layers), illness


def ill(network, what):
    return next(case for case in ILL if (case.network, case.what) == (network, what))


@pytest.mark.parametrize(
    "illness",
    [
        None,
        ill("ReLU, 3 layers", "at birth"),
        ill("transformer, ReLU", "biases − 60"),
        ill("ReLU, 3 layers", "NaN in some rows"),
    ],
    ids=lambda case: case.what if case else "healthy",
)
def test_a_network_is_judged_right(illness, monkeypatch):
    name = illness.network if illness else "ReLU, 3 layers"
    quick = replace(NETWORKS[name], epochs=4, bar=0.85)
    monkeypatch.setitem(NETWORKS, name, quick)
    case = judge(name, 0, illness)
    assert case.proved
    assert case.alarmed(CALLS) is bool(illness)
    if illness:
        assert case.hit(CALLS)
        assert set(illness.layers) <= case.truly
        assert set(illness.layers) <= case.named(CALLS)


def test_the_page_has_both_tables():
    page = PAGE.read_text(encoding="utf-8")
    for name, line in (("health", "| SageMaker Debugger |"), ("others", "| any of the three |")):
        _, _, rest = page.partition(f"<!-- {name}: begin -->\n")
        assert line in rest.partition(f"<!-- {name}: end -->")[0]
