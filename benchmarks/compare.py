"""What a comparison costs: training beside scikit-learn's MLPClassifier, and two workers beside one.

    python benchmarks/compare.py [--turns 5]

Training: the digits, 64-64, ReLU, Adam, batch 32, the same rows and epochs; networks that train side by side, as in
a cell of `compare`, with their probe and validation after each epoch, beside a loop of scikit-learn's. BLAS and
OpenMP have one thread in both. Workers: a study of two functions, by loky. What is compared takes turns; figures are
medians of the turns' ratios. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import joblib
import numpy as np
from _timing import machine
from sklearn.neural_network import MLPClassifier

import rheobase as rb
from rheobase.compare import load_digits_problem, make_study
from rheobase.compare._cell import Task, make_data, run_cell
from rheobase.network._threads import one_thread

EPOCHS = 10
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
SEEDS = (0, 1, 2, 3, 4)


def cell() -> None:
    """25 networks, as a cell of `compare` has them."""
    problem = load_digits_problem()
    study = make_study(problem, activations=["relu", "tanh"], epochs=EPOCHS)
    run_cell(problem, study, Task(rb.relu, RATES, SEEDS))


def loop() -> None:
    """The same 25 by scikit-learn, one after the other; nothing but training."""
    data = make_data(load_digits_problem(), SEEDS)
    with one_thread():
        for k, seed in enumerate(SEEDS):
            for rate in RATES:
                MLPClassifier(
                    (64, 64),
                    alpha=0,
                    batch_size=32,
                    learning_rate_init=rate,
                    max_iter=EPOCHS,
                    n_iter_no_change=EPOCHS,
                    random_state=seed,
                ).fit(data.X[data.train[k]], data.y[data.train[k]])


def study(workers: int) -> Callable[[], None]:
    def run() -> None:
        with joblib.parallel_config("loky", n_jobs=workers):
            rb.compare(epochs=EPOCHS)

    return run


def seconds(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    warnings.simplefilter("ignore")  # scikit-learn's, that it did not converge
    print(", ".join(f"{key} {value}" for key, value in machine(2).items()), "\n")
    print("| | s | | s | ratio |\n|---|---|---|---|---|")
    for names, runs in (
        (("25 networks, scikit-learn", "25 networks, a cell"), (loop, cell)),
        (("a study, one worker", "a study, two workers"), (study(1), study(2))),
    ):
        for run in runs:
            run()  # imports and workers
        times = np.array([[seconds(run) for run in runs] for _ in range(turns)])
        ratio = statistics.median(times[:, 0] / times[:, 1])
        first, second = np.median(times, axis=0)
        print(f"| {names[0]} | {first:.2f} | {names[1]} | {second:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
