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

    def put(parameters: Array) -> Array:
        """Set the parameters; return which have no meaning, and stay where they last had one."""
        network.parameters[0] = parameters
        wanted = network.parameters[0].copy()
        network.confine()
        return np.asarray(network.parameters[0] != wanted)

    def loss_and_gradient(parameters: Array) -> tuple[float, Array]:
        rounds.begin()
        confined = put(parameters)
        slope = penalty[0] * parameters
        loss = 0.5 * float(slope @ parameters)
        for rows in blocks:
            mean, weight = gradient(rows)
            loss += mean * (weight / total)
            slope += network.gradients[0] * (weight / total)
        slope[confined] = 0  # as the loss does not see them
        return loss, slope

    def after_iteration(intermediate_result: OptimizeResult) -> None:
        put(intermediate_result.x)
        if rounds.end():
            raise StopIteration

    with np.errstate(all="ignore"):
        result = minimize(
            loss_and_gradient,
            network.parameters[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options={"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol},
        )
    put(result.x)
    est.n_iter_, est.loss_ = min(int(result.nit), est.max_iter), float(result.fun)
    check_finite(est, est.n_iter_)
    if result.status in (1, 2):  # the limits, and a search that found no better point
        warnings.warn(
            f"lbfgs failed to converge after {result.nit} iterations (max_iter={est.max_iter}, "
            f"max_fun={est.max_fun}; {result.message}): raise them or scale the data.",
            ConvergenceWarning,
            stacklevel=5,
        )
    rounds.close()
