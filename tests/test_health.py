"""Layer statistics: dead is not sparse, saturated is not dead, no figure is made up."""

from __future__ import annotations

import numpy as np
import pytest

from rheobase import InputError, activation, catalog
from rheobase.health import layer_statistics

SMOOTH = [name for name in catalog if not catalog[name].facts.dead_zones]


def measure(name, z):
    f = activation(name)
    return layer_statistics(f, z, f(z), np.ones_like(z))


def test_a_unit_far_below_zero_is_dead_and_a_sparse_one_is_not():
    z = np.random.default_rng(0).normal(size=(1, 200, 3))
    z[..., 1] -= 100
    z[..., 2] = np.where(np.arange(200) == 7, 0.5, -1.0)  # fires once
    relu = measure("relu", z)
    assert relu.dead.tolist() == [[False, True, False]]
    assert relu.dormant.tolist() == [[False, True, True]]
    assert relu.dead_share == pytest.approx([1 / 3])
    assert relu.samples == 200


def test_a_unit_at_exactly_zero_is_dead():
    assert measure("relu", np.zeros((1, 5, 1))).dead.all()


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_without_a_flat_part_have_no_dead_units(name):
    assert not measure(name, np.full((1, 10, 2), -50.0)).dead.any()


def test_units_of_step_are_always_dead():
    assert measure("step", np.random.default_rng(0).normal(size=(1, 20, 4))).dead.all()


def test_saturated_counts_pairs_on_either_side():
    z = np.array([[-20.0, 0.0], [20.0, 0.1]])
    assert measure("sigmoid", z).saturated_share == pytest.approx([0.5])
    assert measure("elu", z).saturated_share == pytest.approx([0.25])
    assert measure("relu", z).saturated_share == pytest.approx([0.0])


def test_figures_are_those_of_numpy():
    rng = np.random.default_rng(2)
    z = rng.normal([0, 1, 5], [1, 2, 0.1], (2, 50, 3)).astype(np.float32)
    f = activation("softplus")
    gradient = np.where(rng.random(z.shape) < 0.3, 0, rng.normal(size=z.shape))
    layer, a = layer_statistics(f, z, f(z), gradient), f(z)
    assert layer.mean_output == pytest.approx(a.mean(axis=(1, 2)), rel=1e-5)
    assert layer.std_output == pytest.approx(a.std(axis=(1, 2)), rel=1e-5)
    assert layer.gradient_rms == pytest.approx(np.sqrt((gradient**2).mean(axis=(1, 2))))
    assert layer.zero_gradients == pytest.approx((gradient == 0).mean(axis=(1, 2)))
    assert layer.saturated_low == pytest.approx((z < f.facts.saturation[0]).mean(axis=(1, 2)))


def test_a_unit_is_constant_up_to_rounding_and_one_sample_tells_nothing():
    z = np.full((40, 3), 1e4, np.float32)
    z[3, 0] = np.nextafter(z[3, 0], np.float32(0))
    z[3, 1] += 10
    assert measure("identity", z).constant.tolist() == [[True, False, True]]
    assert not measure("identity", z[:1]).constant.any()


def test_replicas_are_measured_apart_and_a_broken_one_gets_no_figures():
    z = np.random.default_rng(1).normal(size=(3, 50, 4))
    z[1, 0, 0] = np.nan
    together = measure("relu", z)
    assert np.isnan(together.dead_share).tolist() == [False, True, False]
    assert np.isnan(together.mean_output[1])
    assert together.mean_output[2] == pytest.approx(measure("relu", z[2]).mean_output[0])


def test_gradient_rms_does_not_underflow():
    z = np.zeros((1, 4, 4), np.float32)
    tiny = np.full_like(z, 1e-30)
    assert layer_statistics(activation("tanh"), z, z, tiny).gradient_rms == pytest.approx([1e-30])


def test_shapes_must_agree():
    with pytest.raises(InputError, match="expected one shape"):
        layer_statistics(activation("relu"), np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 4)))
