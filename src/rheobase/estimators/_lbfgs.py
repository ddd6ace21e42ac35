"""Training on all samples at once: L-BFGS through SciPy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from sklearn.exceptions import ConvergenceWarning

from ._batch import Array, Data, Gradient, Team
from ._callbacks import Rounds
from ._stochastic import check_finite

_BLOCK = 2048  # rows of one pass; the gradient is their weighted mean


def fit_lbfgs(est: Any, data: Data, workers: Team, rounds: Rounds) -> None:
    """Minimise the mean loss with its penalty."""
    network = est.network_
    samples = len(data.target)
    blocks = [np.arange(start, min(start + _BLOCK, samples)) for start in range(0, samples, _BLOCK)]
    total = sum(map(data.weight, blocks)) or 1.0
    gradient = Gradient(network, data, len(blocks[0]), workers, lambda: None)
    penalty = np.zeros(network.parameters.shape)
    for layer in network.view(penalty, penalty):
        layer.weights[...] = est.alpha / total

    def loss_and_gradient(parameters: Array) -> tuple[float, Array]:
        network.parameters[0] = parameters
        slope = penalty[0] * parameters
        loss = 0.5 * float(slope @ parameters)
        for rows in blocks:
            mean, weight = gradient(rows)
            loss += mean * (weight / total)
            slope += network.gradients[0] * (weight / total)
        return loss, slope

    def after_iteration(intermediate_result: OptimizeResult) -> None:
        network.parameters[0] = intermediate_result.x
        if rounds.end():
            raise StopIteration
        rounds.begin()

    rounds.begin()
    with np.errstate(all="ignore"):
        result = minimize(
            loss_and_gradient,
            network.parameters[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options={"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol},
        )
    network.parameters[0] = result.x
    est.n_iter_, est.loss_ = min(int(result.nit), est.max_iter), float(result.fun)
    check_finite(est, est.n_iter_)
    if result.status == 1:
        warnings.warn(
            f"lbfgs failed to converge after {result.nit} iterations (max_iter={est.max_iter}, "
            f"max_fun={est.max_fun}): raise them or scale the data.",
            ConvergenceWarning,
            stacklevel=5,
        )
    rounds.close()
