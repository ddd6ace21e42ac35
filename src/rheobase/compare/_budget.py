"""How many epochs a study can afford in a given time."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from rheobase._errors import InputError, require
from rheobase.compare._cell import part_sizes
from rheobase.compare._cost import step_seconds
from rheobase.compare._problem import Problem
from rheobase.compare._run import REFINED, seed_blocks
from rheobase.compare._study import MOST, Study
from rheobase.network._threads import one_thread

OVERHEAD = 1.75  # of steps: gathering rows, validation and the probe; measured on the digits


def epochs_within(minutes: Any, problem: Problem, study: Study) -> int:
    """Return the epochs for which the whole study takes about so many minutes with joblib's workers.

    A training step is timed here and now; the same machine may give another number tomorrow.
    """
    number = isinstance(minutes, (int, float, np.number)) and not isinstance(minutes, bool)
    if not number or not 0 < minutes < np.inf:
        raise InputError(
            f"minutes is {minutes!r}; expected how long the study may take, such as 5."
        )
    sizes = part_sizes(problem, study.seeds)
    blocks = list(seed_blocks(study.seeds, sizes))
    steps = ceil(sizes[0][0] / study.batch_size)
    rounds = 1 + REFINED / len(study.learning_rates) * (len(study.learning_rates) > 1)
    cells = len(study.activations) * len(blocks)
    workers = min(require("study", "joblib").effective_n_jobs(None), cells)
    with one_thread():
        one_epoch = cells * rounds * steps * step_seconds(problem, study) * OVERHEAD / workers
    return int(np.clip(60 * minutes // one_epoch, 1, MOST))
