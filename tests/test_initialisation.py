"""The gradient stays within a factor 10 over 20 layers, apart from the functions named here."""

from __future__ import annotations

import sys
from math import inf
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.gain import gains

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from initialisation import DEPTH, measured

# docs/initialisation.md says why.
BEYOND = {
    *("step", "relu_squared", "exponential", "tanh_shrink", "soft_shrink", "lisht"),
    *("silu", "swish", "hard_swish"),
}
HIDDEN = [f for f in rb.catalog.values() if f.facts.domain == (-inf, inf)]


@pytest.mark.parametrize("function", HIDDEN, ids=str)
def test_the_gradient_stays_level(function: rb.Activation) -> None:
    level = measured(function, gains([function] * DEPTH))[0] < 10
    assert level == (function.name not in BEYOND)
