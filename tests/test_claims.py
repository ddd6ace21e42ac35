"""The claims: rules that can go either way, experiments that repeat, a page that is made of its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

import rheobase as rb
from rheobase.claims import _centring, _death, _depth, _probabilities, _training
from rheobase.claims._list import BY_ID, EXPERIMENTS
from rheobase.claims._page import files, write
from rheobase.claims._run import judge, run_one
from rheobase.compare._study import ACTIVATIONS

DOCS = Path(__file__).parent.parent / "docs"
HOLDS, IN_PART, NOT_HERE = "holds", "holds in part", "does not hold here"


def linearity(others: float, identity: float) -> dict[str, Any]:
    entry = {name: {"median": others, "best of all": others} for name in ACTIVATIONS}
    return {"accuracy": {"XOR": entry | {"identity": {"best of all": identity}}}}


def depth(name: str, plain: float, gain: float, score: float) -> dict[str, Any]:
    def network(first: float, accuracy: float) -> tuple[list[Any], list[Any]]:
        return [[first, 1.0]] * 10, [{"accuracy": accuracy}]

    def kind(first: float) -> dict[str, tuple[list[Any], list[Any]]]:
        return {name: network(first, score), "relu": network(1.0, 0.95)}

    kinds = {"no gain": kind(plain), "gain": kind(gain), "gains": kind(1.0)}
    parts = {
        part: {k: {n: both[i] for n, both in entry.items()} for k, entry in kinds.items()}
        for i, part in enumerate(("start", "trained"))
    }
    shares = [{"from the output": 0.5, "rheobase": 0.0}] * len(_depth.SCALES)
    return parts | {"zeros": {"drawn": {"sigmoid": shares}}}


def walk(agreement: float, epochs: float | None, detour: float = 2.0) -> dict[str, Any]:
    return {"agreement": agreement, "epochs": epochs, "detour": detour}


def centring(sigmoid: float | None, centred: float | None, tanh: float | None) -> dict[str, Any]:
    single = {"sigmoid": walk(1.0, None), "tanh": walk(0.6, None)}
    batch = {
        "sigmoid": walk(0.8, sigmoid),
        _centring.CENTRED: walk(0.6, centred),
        "tanh": walk(0.6, tanh, detour=1.5),
        "relu": walk(0.7, 10),
    }
    return {"1": single, "32": batch}


def speed(relu: float | None, tanh: float | None, elu: float | None = 5) -> dict[str, Any]:
    def entry(epochs: float | None) -> dict[str, Any]:
        return {"epochs": {"0.01": epochs}, "test": 0.9, "dead": 0.0}

    return {"relu": entry(relu), "tanh": entry(tanh), "sigmoid": entry(9), "elu": entry(elu)}


def death(dead: float, relu: float, leaky: float) -> dict[str, Any]:
    n = len(_death.RATES)

    def units(share: float | None) -> dict[str, Any]:
        last = {"dead": [share] * (n - 1) + [None], "silent": [0.1] * n}
        return {"0": last | {"accuracy": [0.9] * (n - 1) + [0.1]}}

    shares = {"relu": relu, "leaky_relu": leaky, "elu": 0.0}
    constant = {name: [{"trained": s, "at first": s}] * 4 for name, s in shares.items()}
    return {"units": {"relu": units(dead), "leaky_relu": units(0.0)}, "networks": constant}


def slope(default: float, best: float) -> dict[str, Any]:
    scores = {"0.01": default, "0.2": best}
    judged = ("0", "0.001", "0.01", "0.03", "0.1", "0.2", "0.3", "0.5", "1")
    return {
        s: {"validation": scores.get(s, default), "test": [scores.get(s, default)] * 10}
        for s in judged
    }


def cost(inside: float, outside: float, share: float) -> dict[str, Any]:
    names = ("sigmoid", "elu", "softmax, rows of 10")
    times = {name: {str(1 << 13): inside, str(1 << 24): outside} for name in names}
    shares = dict.fromkeys((*names, "softmax with its loss"), share)
    return {
        "nanoseconds": {"one thread": times | {"relu": {str(1 << 13): 1.0, str(1 << 24): 1.0}}},
        "share": {"64-64-64-10": shares | {"relu": 0.0}},
    }


def probabilities(best: float, last: float, softmax: float = 0.1) -> dict[str, Any]:
    return {
        "ways": {
            "softmax, best epoch": {"calibration": best},
            "softmax, last epoch": {"calibration": last, "brier": softmax},
            "logits, last epoch": {"brier": 0.2},
        }
    }


@pytest.mark.parametrize(
    ("id", "result", "verdict"),
    [
        ("N3", linearity(1.0, 0.75), HOLDS),
        ("N3", linearity(0.9, 0.75), IN_PART),
        ("N3", linearity(0.9, 1.0), NOT_HERE),
        ("G2", depth("sigmoid", 1e-9, 1e-4, 0.5), HOLDS),
        ("G2", depth("sigmoid", 1e-9, 0.5, 0.95), IN_PART),
        ("T3", depth("tanh", 0.1, 0.5, 0.95), IN_PART),
        ("G3", centring(20, 10, 10), HOLDS),
        ("G3", centring(10, 9, 10), IN_PART),
        ("T1", centring(None, None, 10), HOLDS),
        ("T1", centring(10, 10, 10), IN_PART),
        ("R3", speed(4, 8), HOLDS),
        ("R3", speed(4, 4), IN_PART),
        ("R3", speed(None, None), NOT_HERE),
        ("E2", speed(4, 8, elu=4), HOLDS),
        ("E2", speed(4, 8, elu=8), IN_PART),
        ("R5", death(0.2, 0.9, 0.9), HOLDS),
        ("R5", death(0.01, 0.9, 0.9), IN_PART),
        ("R5", death(0.01, 0.1, 0.1), NOT_HERE),
        ("L2", death(0.2, 0.9, 0.1), HOLDS),
        ("L2", death(0.2, 0.9, 0.9), IN_PART),
        ("L3", slope(0.95, 0.97), HOLDS),
        ("L3", slope(0.95, 0.957), IN_PART),
        ("L3", slope(0.95, 0.951), NOT_HERE),
        ("G4", cost(3.0, 2.0, 0.1), HOLDS),
        ("E3", cost(3.0, 1.0, 0.1), IN_PART),
        ("S", cost(1.0, 1.0, 0.01), NOT_HERE),
        ("S2", probabilities(0.01, 0.01), HOLDS),
        ("S2", probabilities(0.01, 0.05), IN_PART),
        ("S2", probabilities(0.05, 0.05, softmax=0.3), NOT_HERE),
    ],
)
def test_a_rule_can_go_either_way(id: str, result: dict[str, Any], verdict: str) -> None:
    (claim,) = (c for c in EXPERIMENTS[BY_ID[id]].claims if c.id == id)
    assert claim.verdict(result) == verdict
    assert claim.figures(result).endswith(".")


def test_the_same_seed_gives_the_same_bits(run_python: Any) -> None:
    code = (
        "import json; from rheobase.claims._run import run_one; "
        "print(json.dumps(run_one('linearity', 3)))"
    )
    elsewhere = run_python(code, env={"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"})
    assert json.loads(elsewhere) == run_one("linearity", 3)


def test_the_page_in_the_docs_is_made_of_its_data() -> None:
    document = json.loads((DOCS / "claims.json").read_text(encoding="utf-8"))
    assert set(document["results"]) == set(EXPERIMENTS)
    assert document["verdicts"] == judge(document["results"])
    made = files(document)
    assert made["claims.md"] == (DOCS / "claims.md").read_text(encoding="utf-8")
    assert all((DOCS / name).exists() for name in made)


def test_writing_is_repeatable(tmp_path: Path) -> None:
    document = json.loads((DOCS / "claims.json").read_text(encoding="utf-8"))
    for folder in ("one", "two"):
        assert write(document, tmp_path / folder).name == "claims.md"
    for path in (tmp_path / "one").rglob("*.*"):
        again = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("ids", "options", "said"),
    [
        (["G22"], {}, 'Did you mean "G2"'),
        ("R33", {}, 'Did you mean "R3"'),
        (["N3"], {"seed": -1}, "whole number"),
        (["N3"], {"out": __file__}, "no report can be written"),
    ],
)
def test_bad_input(ids: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(rb.InputError, match=said):
        rb.claims(ids, **options)


# --- pieces ----------------------------------------------------------------------------------------


def test_agreement_counts_weights_that_move() -> None:
    gradients = np.array([[1.0, -1], [2, 1], [3, 0], [0, 0]])[None]  # two neurons of four inputs
    assert _centring.agreement(gradients) == pytest.approx([(1 + 0.5) / 2])


def test_a_centred_step_is_that_of_the_network_written_with_centred_outputs() -> None:
    rng = np.random.default_rng(0)
    X, y, rate = rng.normal(size=(20, 3)), rng.integers(4, size=20), 0.1
    network = rb.Network([3, 5, 4], "sigmoid", dtype="float64")
    weights, bias = (network.layers[1].weights[0].copy(), network.layers[1].bias[0].copy())
    network.loss(X, y)
    below = rb.sigmoid(X @ network.layers[0].weights[0])
    error = (rb.softmax(below @ weights + bias) - np.eye(4)[y]) / 20
    _centring.centre_gradients(network)
    new_weights = weights - rate * (below - 0.5).T @ error  # z = W(a - 1/2) + c
    centred_bias = bias + weights.sum(axis=0) / 2 - rate * error.sum(axis=0)
    layer = network.layers[1]
    np.testing.assert_allclose(weights - rate * layer.weights_gradient[0], new_weights, rtol=1e-9)
    np.testing.assert_allclose(
        bias - rate * layer.bias_gradient[0], centred_bias - new_weights.sum(axis=0) / 2, rtol=1e-9
    )


def test_a_walk_adds_up_the_steps_of_weights_alone() -> None:
    network = rb.Network([2, 3, 2], "tanh")
    walk = _centring.Walk(centred=False)
    walk.attach(network)
    step = walk.at_rates(np.array([0.5])).bind(network.parameters, network.gradients)
    network.gradients[...] = 1.0
    step()
    network.gradients[...] = -1.0
    step()
    walk.on_epoch(0, network)
    assert walk.length[0] == pytest.approx([2 * 0.5 * np.sqrt(2 * 3 + 3 * 2)])
    assert walk.distance[0] == pytest.approx([0.0], abs=1e-6)


def test_scores_of_probabilities() -> None:
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet(np.ones(4), size=500), rng.integers(4, size=500)
    assert _probabilities.brier(p, y) == pytest.approx(
        brier_score_loss(y, p, labels=range(4), scale_by_half=False)
    )
    assert _probabilities.log_loss(p, y) == pytest.approx(sklearn_log_loss(y, p, labels=range(4)))
    sure = np.array([[0.9, 0.1]] * 10)
    right = np.array([0] * 7 + [1] * 3)
    assert _probabilities.calibration_error(sure, right) == pytest.approx(0.2)


def test_epochs_and_rates() -> None:
    error = np.array([[[0.5, 0.3, 0.1], [0.5, 0.4, 0.3], [0.1, 0.1, 0.0]]])
    assert _training.epochs_to(0.2, error)[0].tolist() == pytest.approx([2.5, np.inf, 1.0])
    assert _training.soonest(np.array([[3.0, 2.0, 2.0]]), np.array([[0.1, 0.3, 0.2]])) == 2
    assert _training.sooner(4, 5)
    assert not _training.sooner(4.5, 5)
    assert _training.sooner(4, None)
    assert not _training.sooner(None, None)
