"""Training on all samples at once: L-BFGS through SciPy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from . import _stochastic as batches

_BLOCK = 2048  # rows of one pass; the gradient is their weighted mean


def fit_lbfgs(est: Any, data: batches.Data) -> None:
    """Minimise the mean loss with its penalty."""
    network = est.network_
    samples = len(data.target)
    weights = np.ones(samples) if data.weights is None else data.weights
    total = float(weights.sum()) or 1.0
    penalty = batches.decay(network, est.alpha / total).astype(np.float64)

    def loss_and_gradient(parameters: batches.Array) -> tuple[float, batches.Array]:
        network.parameters[0] = parameters
        slope = penalty * parameters
        loss = 0.5 * float(slope @ parameters)
        for start in range(0, samples, _BLOCK):
            rows = slice(start, start + _BLOCK)
            x = batches.take(data.X, rows)
            part = None if data.weights is None else data.weights[rows]
            share = float(weights[rows].sum()) / total
            loss += float(network.backward(x, data.target[rows], part)[0][0]) * share
            slope += network.gradients[0] * share
        return loss, slope

    with np.errstate(all="ignore"):
        result = minimize(
            loss_and_gradient,
            network.parameters[0].astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            options={"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol},
        )
    network.parameters[0] = result.x
    est.n_iter_, est.loss_ = min(int(result.nit), est.max_iter), float(result.fun)
    batches.check_finite(est, est.n_iter_)
    if result.status == 1:
        warnings.warn(
            f"lbfgs failed to converge after {result.nit} iterations (max_iter={est.max_iter}, "
            f"max_fun={est.max_fun}): raise them or scale the data.",
            ConvergenceWarning,
            stacklevel=4,
        )
