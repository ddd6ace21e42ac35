"""Findings: each kind on an ill layer and not on its healthy twin, causes, order, and the report."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rheobase as rb
from rheobase import InputError, catalog
from rheobase.health import Report, _diagnosis, diagnose, layer_statistics
from rheobase.health._findings import KINDS, SEVERITIES
from rheobase.health._words import NETWORK, NEVER_FLAT, REFERENCES, WITHOUT_DEAD_ZONE

HIDDEN = [f for f in catalog.values() if f.facts.domain == (-inf, inf)]
RECTIFIERS = [f for f in HIDDEN if f.facts.dead_zones and f.facts.dead_zones[0][1] in (0, -1, -2)]
TWO_SIDED = [f for f in HIDDEN if None not in f.facts.saturation]
ONE_SIDED = [f for f in HIDDEN if f.facts.saturation.count(None) == 1]


def draw(shift=0.0, scale=1.0, n=200, units=20, seed=0):
    return scale * np.random.default_rng(seed).normal(size=(n, units)) + shift


def layer(f, z, gradient=1.0):
    """Statistics with gradients of a size, 0 where the function is flat."""
    return layer_statistics(f, z, f(z), gradient * f.derivative(z))


def alarms(*layers, trained=None):
    found = diagnose({f"hidden {k}": one for k, one in enumerate(layers, 1)}, trained=trained)
    return {(finding.layer, finding.kind) for finding in found if finding.severity != "info"}


# ---- Each kind, and its healthy twin ----


@pytest.mark.parametrize("f", HIDDEN, ids=str)
def test_a_layer_at_its_start_gets_no_warning(f):
    if f.name != "step":
        assert not alarms(layer(f, draw()))


@pytest.mark.parametrize("f", RECTIFIERS, ids=str)
def test_dead(f):
    assert alarms(layer(f, draw(shift=-20))) == {("hidden 1", "dead")}


@pytest.mark.parametrize("f", RECTIFIERS, ids=str)
def test_sparse_is_not_dead(f):
    z = draw(shift=-20)
    z[np.arange(20), np.arange(20)] = 0.5  # each unit fires once
    found = diagnose({"a": layer(f, z)})
    assert "dead" not in {finding.kind for finding in found}


@pytest.mark.parametrize("f", [f for f in HIDDEN if not f.facts.dead_zones], ids=str)
@given(shift=st.sampled_from([-500.0, -20.0, 20.0, 500.0]))
def test_a_function_without_a_dead_zone_is_never_dead(f, shift):
    found = diagnose({"a": layer(f, draw(shift))})
    assert "dead" not in {finding.kind for finding in found}


@pytest.mark.parametrize("f", HIDDEN, ids=str)
def test_constant(f):
    z = np.broadcast_to(draw(n=1), (200, 20))
    assert ("hidden 1", "dead" if f.name == "step" else "constant") in alarms(layer(f, z))


def test_dormant_and_its_healthy_twin():
    few, half = (np.where(np.arange(20) < count, 1, 1e-3) for count in (1, 10))
    assert alarms(layer(rb.leaky_relu, draw() * few)) == {("hidden 1", "dormant")}
    assert alarms(layer(rb.leaky_relu, draw() * half)) == set()


@pytest.mark.parametrize("f", TWO_SIDED, ids=str)
def test_saturated_at_two_ends(f):
    assert ("hidden 1", "saturated") in alarms(layer(f, draw(scale=200)))
    assert ("hidden 1", "saturated") not in alarms(layer(f, draw(scale=2)))


@pytest.mark.parametrize("f", [rb.hard_tanh, rb.hard_sigmoid], ids=str)
def test_exactly_flat_at_two_ends_is_saturated_too(f):
    assert ("hidden 1", "saturated") in alarms(layer(f, draw(scale=200)))


def test_a_flat_part_that_reaches_zero_is_rest():
    z = draw(shift=-1.5)
    assert layer(rb.relu6, z).flat_share > 0.9
    assert alarms(layer(rb.relu6, z)) == set()


@pytest.mark.parametrize("f", ONE_SIDED, ids=str)
def test_saturated_at_one_end_is_nearly_all(f):
    away = 12 if f.facts.saturation[1] else -12
    assert ("hidden 1", "saturated") in alarms(layer(f, draw(shift=away, scale=0.5)))
    assert ("hidden 1", "saturated") not in alarms(layer(f, draw(scale=20)))  # half of it: sparse


def depth(step, layers):
    return [layer(rb.elu, draw(), float(step) ** k) for k in range(layers)]


@pytest.mark.parametrize(("step", "kind"), [(100, "vanishing"), (0.01, "exploding")])
def test_gradient_over_depth(step, kind):
    assert alarms(*depth(step, 3)) == {("hidden 1", kind)}
    assert alarms(*depth(step, 2)) == set()  # two layers are no trend


def test_a_slow_or_short_change_of_the_gradient_does_no_harm():
    assert alarms(*depth(1.5, 10)) == set()  # 1.6 decades in all
    assert alarms(*depth(1 / 2.5, 10)) == set()  # training makes gradients grow towards the input
    assert alarms(*depth(3, 3)) == set()  # 0.5 decades a layer, but one in all


@pytest.mark.parametrize(
    ("step", "layers"), [(10**0.54, 6), (10**0.39, 8), (10**0.84, 3), (10**0.25, 13)]
)
def test_what_training_mends_is_a_warning_only_after_it(step, layers):
    stack = depth(step, layers)
    assert alarms(*stack, trained=True) == {("hidden 1", "vanishing")}
    assert alarms(*stack) == set()


@pytest.mark.parametrize(("step", "kind"), [(1.5, "vanishing"), (1 / 1.5, "exploding")])
def test_a_slow_change_over_very_many_layers_does(step, kind):
    assert alarms(*depth(step, 40)) == {("hidden 1", kind)}


@pytest.mark.parametrize("shut", [1, 2, 3, 4])
def test_a_branch_that_is_shut_is_no_trend(shut):
    assert alarms(*(layer(rb.tanh, draw(seed=k), float(k != shut)) for k in range(5))) == set()


@pytest.mark.parametrize("trained", [False, None, True])
def test_a_growth_of_two_orders_counts_before_the_first_step_alone(trained):
    assert bool(alarms(*depth(0.1, 3), trained=trained)) == (trained is False)


@pytest.mark.parametrize(("n", "ill"), [(90, False), (200, True)])
def test_a_branch_that_few_samples_take_is_no_depth(n, ill):
    branch = [layer(rb.elu, draw(n=n), 1e-6)] * 3
    assert bool(alarms(*branch, *[layer(rb.elu, draw())] * 3)) == ill


@pytest.mark.parametrize("decades", [[-10.2] * 6 + [-3.8] * 2, [-3, -5] * 4, [-2.6] * 4 + [-0.6]])
def test_a_step_or_a_zigzag_is_no_trend(decades):
    stack = [layer(rb.elu, draw(), 10.0**height) for height in decades]
    assert alarms(*stack) == alarms(*stack[::-1]) == alarms(*stack, trained=True) == set()


def test_exact_zeros_of_the_gradient_count():
    assert alarms(*(layer(rb.elu, draw(), float(k > 0)) for k in range(3))) == {
        ("hidden 1", "vanishing")
    }


def test_gradients_that_were_not_given_are_not_judged_and_the_report_says_so():
    z = draw()
    blind = [layer_statistics(rb.elu, z, rb.elu(z)) for _ in range(4)]
    assert alarms(*blind) == set()
    assert "not looked at" in str(Report({str(k): one for k, one in enumerate(blind)}))
    assert "not looked at" not in str(Report({"a": layer(rb.elu, z)}))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite(bad):
    z = draw()
    z[3, 4] = bad
    (found,) = diagnose({"a": layer(rb.identity, z)})
    assert (found.kind, found.severity, found.evidence["non_finite"]) == ("non-finite", "error", 1)


def test_a_gradient_that_is_not_finite():
    gradient = np.ones((200, 20))
    gradient[0, :2] = np.nan
    z = draw()
    (found,) = diagnose({"a": layer_statistics(rb.elu, z, rb.elu(z), gradient)})
    assert found.kind == "non-finite"
    assert found.evidence["non_finite_gradients"] == 2


# ---- Evidence ----


def test_evidence_of_dead_units_has_the_bound():
    z = draw()
    z[:, :5] -= 100
    (found,) = diagnose({"a": layer(rb.relu, z)})
    assert found.severity == "info"
    assert found.fixes == ()
    assert found.evidence == {"units": 20, "dead": 5, "n": 200, "bound": 0.015}


def test_no_sample_is_no_evidence():
    z = np.empty((0, 20))
    idle = layer_statistics(rb.relu, z, z, z)
    assert diagnose({"expert 3": idle}) == ()
    assert not np.any([idle.dead, idle.constant, idle.dormant])
    assert "No evidence" in str(Report({"expert 3": idle}))


def test_few_samples_are_information_only():
    assert alarms(layer(rb.relu, draw(shift=-20, n=10))) == set()


def test_one_replica_at_a_time():
    z = draw()[None].repeat(2, axis=0)
    with pytest.raises(InputError, match="2 replicas"):
        diagnose({"a": layer(rb.relu, z)})


# ---- Cause and consequence ----


def test_the_cause_comes_first_and_is_named():
    z = [draw(seed=k) for k in range(4)]
    z[2] -= 100
    gradients = [0.0, 0.0, 0.0, 1.0]
    z[3] = np.broadcast_to(z[3][:1], z[3].shape)  # nothing varies above a dead layer
    layers = [layer(rb.leaky_relu if k == 3 else rb.relu, z[k], gradients[k]) for k in range(4)]
    found = diagnose({f"hidden {k + 1}": one for k, one in enumerate(layers)})
    serious = [(one.layer, one.kind) for one in found if one.severity != "info"]
    assert serious[0] == ("hidden 3", "dead")
    assert {("hidden 4", "constant"), ("hidden 1", "vanishing")} == set(serious[1:])
    for finding in found[1:3]:
        assert "because hidden 3 is dead" in finding.cause
        assert finding.fixes == ("mend hidden 3 first",)


def test_a_layer_starves_because_one_above_is_saturated():
    sizes = [1e-5, 1e-4, 1e-4, 1.0, 1.0]
    layers = [
        layer(rb.tanh, draw(scale=300 if k == 2 else 1), size) for k, size in enumerate(sizes)
    ]
    found = {one.kind: one for one in diagnose({f"hidden {k}": x for k, x in enumerate(layers, 1)})}
    assert "because hidden 3 is saturated" in found["vanishing"].cause


def test_fixes_are_told_once_for_two_findings_of_a_layer():
    z = draw(shift=-20)
    layers = [layer(rb.relu, z, 0.0), *(layer(rb.relu, draw(seed=k), 1.0) for k in (1, 2))]
    dead, vanishing, *_ = diagnose({str(k): one for k, one in enumerate(layers)})
    assert dead.fixes[0] == NETWORK.scale  # what can be ruled out without a training
    assert (vanishing.kind, vanishing.fixes) == ("vanishing", ("mend that first",))


def test_not_finite_spreads_from_the_first_layer():
    z = [draw(), np.full((200, 20), np.nan), np.full((200, 20), np.nan)]
    found = diagnose({str(k): layer(rb.elu, one) for k, one in enumerate(z)})
    assert [one.layer for one in found] == ["1", "2"]
    assert "because 1 is non-finite" in found[1].cause


# ---- Order ----


@st.composite
def stacks(draws):
    layers = {}
    for k in range(draws(st.integers(1, 6))):
        f = draws(st.sampled_from(HIDDEN))
        z = draw(
            draws(st.sampled_from([-100.0, 0, 50])), draws(st.sampled_from([0, 1, 100])), 40, 5, k
        )
        layers[f"layer {k}"] = layer(
            f, z, draws(st.sampled_from([0, 1e-30, 1e-3, 1, 1e20, np.nan]))
        )
    return layers


@given(stacks())
def test_findings_are_ranked_complete_and_repeatable(layers):
    found = diagnose(layers)
    assert found == diagnose(layers)
    ranks = [SEVERITIES.index(one.severity) for one in found]
    assert ranks == sorted(ranks)
    assert len({(one.layer, one.kind, *one.evidence) for one in found}) == len(found)
    for one in found:
        assert one.layer in layers
        assert one.kind in KINDS
        assert one.reference == REFERENCES[one.kind]
        assert one.cause
        assert bool(one.fixes) == (one.severity != "info")


def test_fixes_name_functions_that_have_the_property():
    for name in WITHOUT_DEAD_ZONE:
        assert not catalog[name].facts.dead_zones
    facts = catalog[NEVER_FLAT].facts
    assert (facts.saturation, facts.dead_zones) == ((None, None), ())


def test_the_page_states_the_thresholds():
    page = (Path(__file__).parent.parent / "docs" / "health.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([\w-]+) \|.*\| (.*) \|$", page, re.MULTILINE))
    for kind, bounds in {
        "dead": [_diagnosis.DEAD],
        "constant": [_diagnosis.CONSTANT],
        "dormant": [_diagnosis.DORMANT],
        "saturated": [_diagnosis.SATURATED_ONE_END, _diagnosis.SATURATED_BOTH_ENDS],
    }.items():
        assert re.findall(r"(\d+) %", rows[kind]) == [f"{100 * bound:g}" for bound in bounds]
    for kind, bounds in {
        "vanishing": (*_diagnosis.VANISHING, *_diagnosis.VANISHING_AT_START, _diagnosis.FORGETTING),
        "exploding": (*_diagnosis.EXPLODING_AT_START, *_diagnosis.EXPLODING),
    }.items():
        assert re.findall(r"[\d.]+\d|\d", rows[kind]) == [f"{bound:g}" for bound in bounds]


# ---- The report ----


def test_the_report_shows_every_layer_and_finding():
    layers = {"<first>": layer(rb.relu, draw(shift=-20)), "second": layer(rb.tanh, draw())}
    report = Report(layers)
    text, page = str(report), report._repr_html_()
    assert report.findings == diagnose(layers)
    for word in ("<first>", "second", "relu", "tanh", *report.findings[0].fixes):
        assert word in text
    assert "&lt;first&gt;" in page
    assert "<first>" not in page
    assert page.count("<tr>") == 3
    assert "No findings." in str(Report({"a": layer(rb.tanh, draw())}))
