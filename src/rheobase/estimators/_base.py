"""What classifier and regressor share: parameters, fitting, what is learned and how it looks."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from .. import models
from .._activation import Activation
from .._errors import InputError
from ..catalog import is_one
from ..health import Report, layer_statistics
from ..network import Head, Network, hidden_activation
from ._batch import Data, take, team
from ._callbacks import CallbackSupportMixin, Rounds, with_callbacks
from ._lbfgs import fit_lbfgs
from ._saving import description, model_of
from ._stochastic import fit_stochastic, logits, train_once

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]


class BaseMLP(CallbackSupportMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """A dense network as a scikit-learn estimator."""

    _last: ClassVar[float] = 1.0  # scale of the last layer's first weights

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [str, Activation, "array-like"],
        "solver": [StrOptions({"lbfgs", "sgd", "adam", "adamw"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive", "cosine"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "clip_norm": [None, Interval(Real, 0, None, closed="neither")],
        "layer_norm": ["boolean"],
        "trainable_activations": ["boolean"],
    }

    # ---- What the two kinds answer ----

    @abstractmethod
    def _check_targets(
        self, X: Any, y: Any, sample_weight: Any, first: bool
    ) -> tuple[Any, Array, Array | None]:
        """Return checked X, y as columns or class numbers, and weights."""

    @abstractmethod
    def _head(self, y: Array) -> tuple[Head | str, int]:
        """Return the head and the number of outputs."""

    @abstractmethod
    def _validation_score(self, z: Array, y: Array, weights: Array | None) -> float:
        """Return the score of pre-activations of the last layer."""

    # ---- Fitting ----

    @with_callbacks  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            float32 is computed in float32, everything else in float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        self
        """
        self._validate_params()
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Any:
        if incremental and self.early_stopping:
            raise InputError(
                f"{type(self).__name__}.partial_fit: early_stopping=True needs all samples; "
                "set it to False."
            )
        first = not hasattr(self, "network_") or not (self.warm_start or incremental)
        given = X, y, sample_weight
        X, y, weights = self._check_targets(X, y, sample_weight, first)
        rng = check_random_state(self.random_state)
        if first:
            self._start(X, y, rng)
        else:
            self._check_goes_on()
            X = X.astype(self.network_.dtype, copy=False)
        if first or self.early_stopping == (self.validation_scores_ is None):
            self._watch_anew()
        target = self.network_.head.encode(y, self.network_.sizes[-1], self.network_.dtype)
        data = Data(X, target, y, weights)
        with team() as workers:
            if incremental:
                train_once(self, data, rng, workers)
            elif self.solver == "lbfgs":
                fit_lbfgs(self, data, workers, Rounds(self, self.max_iter + 1, *given))
            else:
                fit_stochastic(self, data, rng, workers, Rounds(self, self.max_iter, *given))
        return self

    def _start(self, X: Any, y: Array, rng: np.random.RandomState) -> None:
        hidden = self._hidden_sizes()
        head, outputs = self._head(y)
        self.network_ = Network(
            [X.shape[1], *hidden, outputs],
            _layer_activations(self.activation, len(hidden)),
            head=head,
            dtype=X.dtype,
            seed=int(rng.randint(2**31)),
            layer_norm=self.layer_norm,
            trainable_activations=self.trainable_activations,
        )
        last = self.network_.layers[-1].weights
        last *= self._last
        self.n_outputs_, self.n_layers_ = outputs, len(hidden) + 2
        self.n_iter_ = self.t_ = 0
        self.loss_curve_: list[float] = []
        self.__dict__.pop("_state", None)

    def _check_goes_on(self) -> None:
        was, now = list(self.network_.sizes[1:-1]), self._hidden_sizes()
        if was != now:
            raise InputError(
                f"{type(self).__name__}: hidden_layer_sizes is {now}, and the network to go on from has "
                f"{was}; set warm_start=False, or clone the estimator, to start anew."
            )

    def _watch_anew(self) -> None:
        """Forget what was best so far, as it is a score with early stopping and a loss without."""
        self.validation_loss_curve_: list[float] | None = [] if self.early_stopping else None
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.best_loss_ = None if self.early_stopping else np.inf
        self.best_validation_score_ = -np.inf if self.early_stopping else None
        self._no_improvement = 0

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        hidden: list[int] = np.atleast_1d(sizes).tolist() if np.size(sizes) else []
        if any(not isinstance(n, int) or n < 1 for n in hidden):
            raise InputError(f"hidden_layer_sizes must be > 0 and integers, got {hidden}.")
        return hidden

    # ---- What is learned ----

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, (inputs, outputs); views of the network's own."""
        return [layer.weights[0] for layer in self._fitted().layers]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer; views of the network's own."""
        return [layer.bias[0, 0] for layer in self._fitted().layers]

    def _fitted(self) -> Network:
        network: Network | None = self.__dict__.get("network_")
        if network is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet; call fit first.")
        return network

    # ---- Use ----

    def _logits(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(
            self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False
        )
        return logits(self.network_, X)

    def health(self, X: Any, y: Any = None) -> Report:
        """Measure each hidden layer on samples, and say what is wrong with it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like, optional
            Targets as in `fit`; without them there is no gradient to look at.

        Returns
        -------
        rheobase.health.Report
            ``layers`` ("hidden 1" and so on) and ``findings``; print it, or show it in a notebook.
        """
        check_is_fitted(self)
        network = self.network_.sharing()  # the passes are as long as X and are not kept
        gradients: Sequence[Array | None]
        if y is None:
            X = validate_data(
                self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False
            )
            current = network.forward(np.asarray(take(X, slice(None)), network.dtype))
            gradients = [None] * len(network.activations)
        else:
            X, y, _ = self._check_targets(X, y, None, False)
            target = network.head.encode(y, network.sizes[-1], network.dtype)
            _, current = network.backward(np.asarray(take(X, slice(None)), network.dtype), target)
            gradients = current.gradient[:-1]
        layers = zip(network.functions(), current.z, current.a, gradients, strict=False)
        return Report(
            {f"hidden {k}": layer_statistics(*layer) for k, layer in enumerate(layers, 1)},
            trained=True,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator to a file that `rheobase.load` reads.

        Parameters
        ----------
        path : path-like
            Replaced in one step. The file is safetensors: weights, and the rest as JSON, under one checksum.

        Raises
        ------
        InputError
            An activation is your own, or a parameter is no data, or the path cannot be written.
        """
        check_is_fitted(self)
        models.save(model_of("save", self, **description(self)), path)

    def to_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the network as an ONNX graph, which computes in float32.

        Parameters
        ----------
        path : path-like
            Replaced in one step. The graph takes ``X``; it returns ``label`` and ``probabilities``, or ``values``.

        Raises
        ------
        InputError
            Labels or activations that ONNX cannot hold, or a path that cannot be written.
        MissingExtraError
            The package onnx is not installed.
        """
        check_is_fitted(self)
        models.to_onnx(model_of("to_onnx", self), path)

    def plot_training(self) -> Figure:
        """Draw the loss of each epoch, and the validation loss where there is one."""
        from ..plots import training_curves

        check_is_fitted(self)
        return training_curves(self.loss_curve_, self.validation_loss_curve_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def check_weights(sample_weight: Any, X: Any) -> Array | None:
    """Return weights of X's dtype, or None."""
    if sample_weight is None:
        return None
    return np.asarray(_check_sample_weight(sample_weight, X, dtype=X.dtype))


def _layer_activations(activation: Any, hidden: int) -> Sequence[Activation]:
    one = is_one(activation)
    each = [hidden_activation(activation)] * hidden if one else list(activation)
    if len(each) != hidden:
        raise InputError(
            f"activation: got {len(each)} for {hidden} hidden layers; give one, or one for each."
        )
    return [hidden_activation(one) for one in each]
