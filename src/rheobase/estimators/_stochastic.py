"""Training by batches: sgd, adam and adamw with their schedules, early stopping and clipping."""

from __future__ import annotations

import warnings
from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import get_blas_funcs
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from .._errors import InputError
from ..network import SGD, Adam, Dropout, Network
from ._batch import Data, Gradient, Team, take
from ._callbacks import Rounds

Array = NDArray[Any]

_SLOWEST = 1e-6  # the adaptive schedule stops under this learning rate
_BLOCK = 2048  # rows of one forward pass outside training


def train_once(est: Any, data: Data, rng: np.random.RandomState, workers: Team) -> None:
    """Go on from the optimiser's last state for one epoch."""
    if not hasattr(est, "_state"):
        _restart(est)
    est.n_iter_ = 0
    _Trainer(est, data, rng, workers).epoch()
    _loss_improved(est)


def fit_stochastic(
    est: Any, data: Data, rng: np.random.RandomState, workers: Team, rounds: Rounds
) -> None:
    """Train until `max_iter`, or until the loss or the validation score stops improving."""
    validation = best = None
    if est.early_stopping:
        data, validation = _split(est, data, rng)
        best = est.network_.parameters.copy()
    _restart(est)
    est.n_iter_ = 0
    trainer = _Trainer(est, data, rng, workers)
    try:
        for epoch in range(est.max_iter):
            rounds.begin()
            trainer.epoch()
            if validation is None or best is None:
                improved = _loss_improved(est)
            else:
                improved = _score_improved(est, validation, best)
            est._no_improvement = 0 if improved else est._no_improvement + 1
            if rounds.end():
                break
            if est._no_improvement > est.n_iter_no_change and trainer.stop_or_slow_down():
                break
            if epoch + 1 == est.max_iter:
                warnings.warn(
                    f"Stochastic Optimizer: Maximum iterations ({est.max_iter}) reached and the "
                    "optimization hasn't converged yet; raise max_iter or learning_rate_init.",
                    ConvergenceWarning,
                    stacklevel=5,
                )
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", stacklevel=5)
    if best is not None:
        est.network_.parameters[:] = best
    rounds.close()


def _restart(est: Any) -> None:
    est._state = _optimizer(est).start(est.network_.parameters)
    est._factor = 1.0
    est._no_improvement = 0


class _Trainer:
    """The steps of an epoch on buffers that are kept."""

    def __init__(self, est: Any, data: Data, rng: np.random.RandomState, workers: Team) -> None:
        self.est, self.rng = est, rng
        self.network: Network = est.network_
        self.samples = len(data.target)
        self.batch = _batch_size(est.batch_size, self.samples)
        self.gradient = Gradient(self.network, data, self.batch, workers, self.dropout)
        (self.add_multiple,) = get_blas_funcs(("axpy",), dtype=self.network.dtype)

    def dropout(self) -> Dropout | None:
        rate = self.est.dropout
        # The samples so far tell one partial_fit from the next, whose random_state is the same.
        seed = self.rng.randint(2**31), self.est.t_
        return Dropout(rate, np.random.default_rng(seed)) if rate else None

    def epoch(self) -> None:
        est = self.est
        order = self.rng.permutation(self.samples) if est.shuffle else np.arange(self.samples)
        total = 0.0
        with np.errstate(all="ignore"):
            for start in range(0, self.samples, self.batch):
                rows = order[start : start + self.batch]
                total += self.step(rows) * len(rows)
        est.n_iter_ += 1
        est.t_ += self.samples
        est.loss_ = total / self.samples
        est.loss_curve_.append(est.loss_)
        if est.verbose:
            print(f"Iteration {est.n_iter_}, loss = {est.loss_:.8f}")
        check_finite(est, est.n_iter_)
        if est.learning_rate == "invscaling" and est.solver == "sgd":
            est._factor = (est.t_ + 1) ** -est.power_t
        elif est.learning_rate == "cosine":
            est._factor = max((1 + cos(pi * est.n_iter_ / est.max_iter)) / 2, 0.0)

    def step(self, rows: Array) -> float:
        est, network = self.est, self.network
        loss, weight = self.gradient(rows)
        if est.alpha:
            loss += self.penalise(weight or 1.0)
        gradients = network.gradients[0]
        if est.clip_norm is not None:
            norm = float(np.sqrt(np.dot(gradients, gradients)))
            if norm > est.clip_norm:
                gradients *= est.clip_norm / norm
        est._state(network.parameters, network.gradients, est._factor)
        network.confine()
        return loss

    def penalise(self, weight: float) -> float:
        """Add the penalty to the gradient, or let the weights decay (adamw); return its loss."""
        est, loss = self.est, 0.0
        for layer in self.network.layers:
            weights, slopes = layer.weights.reshape(-1), layer.weights_gradient.reshape(-1)
            if est.solver == "adamw":
                weights *= weights.dtype.type(1 - est.learning_rate_init * est._factor * est.alpha)
            else:
                self.add_multiple(weights, slopes, a=est.alpha / weight)
                loss += 0.5 * est.alpha / weight * float(weights @ weights)
        return loss

    def stop_or_slow_down(self) -> bool:
        """Return whether to stop; the adaptive schedule of sgd first divides its rate by 5."""
        est = self.est
        adaptive = est.learning_rate == "adaptive" and est.solver == "sgd"
        if adaptive and est._factor * est.learning_rate_init > _SLOWEST:
            est._factor /= 5
            est._no_improvement = 0
            return False
        if est.verbose:
            what = "Validation score" if est.early_stopping else "Training loss"
            print(f"{what} did not improve for {est.n_iter_no_change} epochs. Stopping.")
        return True


def logits(network: Network, X: Any) -> Array:
    """Return the last layer's pre-activations, (samples, outputs), of dense or sparse rows."""
    network = network.sharing()  # buffers of its own: others may predict at the same time
    z = np.empty((X.shape[0], network.sizes[-1]), network.dtype)
    for start in range(0, len(z), _BLOCK):
        rows = slice(start, start + _BLOCK)
        z[rows] = network.forward(np.asarray(take(X, rows), network.dtype)).z[-1][0]
    return z


def mean_loss(network: Network, data: Data) -> float:
    """Return the weighted mean loss, without penalty, block by block."""
    losses = []
    for start in range(0, len(data.target), _BLOCK):
        rows = slice(start, start + _BLOCK)
        z = network.forward(take(data.X, rows)).z[-1]
        losses.append(network.head.loss(z, data.target[rows], np.empty_like(z))[0])
    return float(np.average(np.concatenate(losses), weights=data.weights))


def check_finite(est: Any, epoch: int) -> None:
    """Raise at the first layer whose weights are not finite."""
    network: Network = est.network_
    for k, layer in enumerate(network.layers):
        if not np.isfinite(layer.parameters).all():
            place = f"hidden layer {k}" if layer.activation else "the output layer"
            raise InputError(
                f"{type(est).__name__}: Solver produced non-finite parameter weights in {place} "
                f"({layer.activation!r}) in epoch {epoch}. "
                "The learning rate may be too large or the input data not scaled: lower "
                f"learning_rate_init (now {est.learning_rate_init:g}), set clip_norm, or scale X."
            )


def _optimizer(est: Any) -> SGD | Adam:
    if est.solver == "sgd":
        nesterov = bool(est.nesterovs_momentum and est.momentum)
        return SGD(est.learning_rate_init, momentum=est.momentum, nesterov=nesterov)
    return Adam(est.learning_rate_init, betas=(est.beta_1, est.beta_2), eps=est.epsilon)


def _batch_size(wanted: int | str, samples: int) -> int:
    if wanted == "auto":
        return min(200, samples)
    if int(wanted) > samples:
        warnings.warn(
            f"batch_size is {wanted} and there are {samples} samples; it is clipped.", stacklevel=6
        )
    return min(int(wanted), samples)


def _split(est: Any, data: Data, rng: np.random.RandomState) -> tuple[Data, Data]:
    stratify = data.y if is_classifier(est) and data.y.ndim == 1 else None
    train, held = train_test_split(
        np.arange(len(data.y)),
        test_size=est.validation_fraction,
        stratify=stratify,
        random_state=rng,
    )
    if len(held) < 2:
        raise InputError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    return data.at(train), data.at(held)


def _loss_improved(est: Any) -> bool:
    better = bool(est.loss_ <= est.best_loss_ - est.tol)
    est.best_loss_ = min(est.best_loss_, est.loss_)
    return better


def _score_improved(est: Any, held: Data, best: Array) -> bool:
    score = est._validation_score(logits(est.network_, held.X), held.y, held.weights)
    est.validation_scores_.append(score)
    est.validation_loss_curve_.append(mean_loss(est.network_, held))
    if est.verbose:
        print(f"Validation score: {score:f}")
    better = score >= est.best_validation_score_ + est.tol
    if score > est.best_validation_score_:
        est.best_validation_score_ = score
        best[:] = est.network_.parameters
    return bool(better)
