"""The words of the parameters that both estimators have."""

from __future__ import annotations

from typing import Any

SHARED = """\
    hidden_layer_sizes : int or array-like of int, default (100,)
    activation : str, Activation, pair of callables, or list of them, default "relu"
        Of the hidden layers: one for all, or one for each. Any function of the catalogue, or your own: a
        tuple of value and derivative on NumPy arrays, or what `rheobase.custom` makes of a formula.
    solver : {"adam", "sgd", "adamw", "lbfgs"}, default "adam"
    alpha : float, default 0.0001
        Strength of the L2 penalty, divided by the samples of the batch; for ``adamw`` the decay of
        the weights, times the learning rate, at each step.
    batch_size : int or "auto", default "auto"
        ``"auto"`` is ``min(200, n_samples)``.
    learning_rate : {"constant", "invscaling", "adaptive", "cosine"}, default "constant"
        ``invscaling`` and ``adaptive`` are for ``sgd``; ``cosine`` falls to 0 over `max_iter`.
    learning_rate_init : float, default 0.001
    power_t : float, default 0.5
        Exponent of ``invscaling``.
    max_iter : int, default 200
        Epochs at most, or iterations of ``lbfgs``.
    shuffle : bool, default True
    random_state : int, RandomState or None, default None
    tol : float, default 0.0001
        What counts as an improvement.
    verbose : bool, default False
    warm_start : bool, default False
        Go on from the last fit.
    momentum : float, default 0.9
    nesterovs_momentum : bool, default True
    early_stopping : bool, default False
        Hold a part of the samples out (stratified by class), stop when their score no longer
        improves, and keep the best weights.
    validation_fraction : float, default 0.1
    beta_1, beta_2, epsilon : float
        Of ``adam`` and ``adamw``.
    n_iter_no_change : int, default 10
    max_fun : int, default 15000
        Calls of the loss at most, for ``lbfgs``.
    dropout : float, default 0.0
        Probability that an output of a hidden layer is set to 0 in training.
    clip_norm : float or None, default None
        A gradient with a larger norm is scaled down to it.
    layer_norm : bool, default False
        Normalise the pre-activations of each hidden layer over its units, sample by sample.
    trainable_activations : bool, default False
        Train the parameters of the activations with the weights, one value of each for a layer: with
        ``"leaky_relu"`` this is PReLU, with ``"swish"`` its beta."""


def stochastic(est: Any) -> bool:
    """Say why `partial_fit` is missing, if it is."""
    if est.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers; 'lbfgs' is not stochastic."
        )
    return True
