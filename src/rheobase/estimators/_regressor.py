"""`MLPRegressor`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from .._activation import Activation
from ..catalog import activation as find_activation
from ..network import LOSSES, Head, regression_head
from ._base import BaseMLP, check_weights
from ._parameters import SHARED, stochastic

Array = NDArray[Any]


class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    __doc__ = f"""Multi-layer perceptron for regression, with any activation function.

    Parameters and attributes that scikit-learn's `MLPRegressor` has too mean the same; what is not
    there is `activation` beyond four names, two losses, `output_activation`, ``adamw``, the
    ``cosine`` schedule, `dropout`, `clip_norm`, `layer_norm`, `trainable_activations`,
    `validation_loss_curve_`, `health` and `plot_training`. With several outputs the loss is their sum.

    Parameters
    ----------
    loss : {{"squared_error", "absolute_error", "huber", "poisson"}}, default "squared_error"
        ``huber`` turns straight at an error of 1.
{SHARED}
    output_activation : str, Activation or None, default None
        What is put on the output, such as ``"softplus"``; None is ``"exponential"`` for the Poisson
        loss and ``"identity"`` for the others.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights and biases of each layer, views of the network's.
    network_ : rheobase.Network
    loss_, best_loss_ : float
    loss_curve_, validation_scores_, validation_loss_curve_ : list of float or None
        One figure for each epoch; the latter two with ``early_stopping=True`` only.
    best_validation_score_ : float or None
    n_iter_, t_, n_layers_, n_outputs_, n_features_in_ : int
    out_activation_ : str

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> model = rb.MLPRegressor(activation="gelu", solver="lbfgs", random_state=0, alpha=0)
    >>> model.fit(X, np.sin(3 * X[:, 0])).score(X, np.sin(3 * X[:, 0])) > 0.99
    True
    """

    _last: ClassVar[float] = 0.1  # values start near 0, where scaled targets have their mean

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseMLP._parameter_constraints,
        "loss": [StrOptions(set(LOSSES))],
        "output_activation": [str, Activation, None],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        output_activation: Any = None,
        dropout: float = 0.0,
        clip_norm: float | None = None,
        layer_norm: bool = False,
        trainable_activations: bool = False,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.output_activation = output_activation
        self.dropout = dropout
        self.clip_norm = clip_norm
        self.layer_norm = layer_norm
        self.trainable_activations = trainable_activations

    def _check_targets(
        self, X: Any, y: Any, sample_weight: Any, first: bool
    ) -> tuple[Any, Array, Array | None]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        X = X.tocsr() if hasattr(X, "tocsr") else X
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y, check_weights(sample_weight, X)

    def _head(self, y: Array) -> tuple[Head, int]:
        usual = "exponential" if self.loss == "poisson" else "identity"
        output = find_activation(self.output_activation or usual)
        self.out_activation_ = output.label
        return regression_head(self.loss, output), 1 if y.ndim == 1 else y.shape[1]

    def _validation_score(self, z: Array, y: Array, weights: Array | None) -> float:
        predicted = self.network_.head.predict(z)
        if not np.isfinite(predicted).all():
            return float("nan")
        return float(r2_score(y, predicted, sample_weight=weights))

    def predict(self, X: Any) -> Array:
        """Return the values of each sample."""
        z = self._logits(X)
        return self.network_.head.predict(z)

    @available_if(stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train one epoch on a part of the data.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        self
        """
        self._validate_params()
        return self._fit(X, y, sample_weight, incremental=True)
