"""`MLPClassifier`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d, compute_class_weight, compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from .. import _native
from .._errors import InputError
from ..network import Head
from ._base import BaseMLP, check_weights
from ._parameters import SHARED, stochastic

Array = NDArray[Any]


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    __doc__ = f"""Multi-layer perceptron for classification, with any activation function.

    Parameters and attributes that scikit-learn's `MLPClassifier` has too mean the same; what is not
    there is `activation` beyond four names, ``adamw``, the ``cosine`` schedule, `class_weight`,
    `dropout`, `clip_norm`, `layer_norm`, `trainable_activations`, `validation_loss_curve_`, `health` and
    `plot_training`. Weights start at the gain of the function that follows them.

    Parameters
    ----------
{SHARED}
    class_weight : dict, "balanced" or None, default None
        Weights of the classes, multiplied by ``sample_weight``.

    Attributes
    ----------
    classes_ : ndarray
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
    >>> import rheobase as rb
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = rb.MLPClassifier((16,), rb.elu, solver="lbfgs", tol=1e-2, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseMLP._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
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
        class_weight: Any = None,
        dropout: float = 0.0,
        clip_norm: float | None = None,
        layer_norm: bool = False,
        trainable_activations: bool = False,
    ) -> None:
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
        self.class_weight = class_weight
        self.dropout = dropout
        self.clip_norm = clip_norm
        self.layer_norm = layer_norm
        self.trainable_activations = trainable_activations

    # ---- Targets ----

    def _check_targets(
        self, X: Any, y: Any, sample_weight: Any, first: bool
    ) -> tuple[Any, Array, Array | None]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        X = X.tocsr() if hasattr(X, "tocsr") else X
        y = y.toarray() if hasattr(y, "toarray") else y
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        if y.ndim == 2 and type_of_target(y) != "multilabel-indicator":
            raise InputError(
                f"{type(self).__name__}: y is of type {type_of_target(y)!r}; expected one class "
                "per sample or a table of 0 and 1."
            )
        labels = unique_labels(y)
        if first:
            self.classes_ = self.__dict__.get("_classes_given", labels)
            self._multilabel = y.ndim == 2
        if (y.ndim == 2) != self._multilabel or not np.isin(labels, self.classes_).all():
            raise InputError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {labels}."
            )
        elif self.warm_start and not first and len(labels) != len(self.classes_):
            raise InputError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {labels}."
            )
        weights = check_weights(sample_weight, X)
        if self.class_weight is not None:
            balance = self._class_weights(y).astype(X.dtype)
            weights = balance if weights is None else weights * balance
        return X, y if self._multilabel else np.searchsorted(self.classes_, y), weights

    def _class_weights(self, y: Array) -> Array:
        """Return the weight of each sample by its class."""
        if self._multilabel or self.class_weight == "balanced":
            return np.asarray(compute_sample_weight(self.class_weight, y))
        # Of all classes, as those of a part of the data may be missing in it.
        each = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        return np.asarray(each[np.searchsorted(self.classes_, y)])

    def _head(self, y: Array) -> tuple[Head | str, int]:
        self.out_activation_ = "logistic"
        if self._multilabel:
            return "sigmoid", y.shape[1]
        if len(self.classes_) <= 2:
            return "sigmoid", 1
        self.out_activation_ = "softmax"
        return "softmax", len(self.classes_)

    # ---- Use ----

    def _decide(self, z: Array) -> Array:
        """Return class numbers, or a table of 0 and 1."""
        if self._multilabel:
            return (z > 0).astype(int)
        return np.asarray((z[:, 0] > 0).astype(int) if z.shape[1] == 1 else z.argmax(axis=1))

    def _validation_score(self, z: Array, y: Array, weights: Array | None) -> float:
        return float(accuracy_score(y, self._decide(z), sample_weight=weights))

    def predict(self, X: Any) -> Array:
        """Return the class of each sample, or 0 and 1 for each label."""
        decided = self._decide(self._logits(X))
        if self._multilabel:
            return decided
        return np.asarray(self.classes_[np.minimum(decided, len(self.classes_) - 1)])

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, or of each label."""
        z = self._logits(X)
        if self.out_activation_ == "softmax":
            return np.asarray(_native.softmax(z))
        if self._multilabel:
            return np.asarray(_native.sigmoid(z))
        return np.asarray(_native.sigmoid(np.hstack([-z, z])))

    def predict_log_proba(self, X: Any) -> Array:
        """Return its logarithm, exact where the probability itself is 0."""
        z = self._logits(X)
        if self.out_activation_ == "softmax":
            return np.asarray(_native.log_softmax(z))
        if not self._multilabel:
            z = np.hstack([-z, z])
        return np.asarray(-np.logaddexp(0, -z))

    @available_if(stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Train one epoch on a part of the data.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like, optional
            All classes; needed at the first call.

        Returns
        -------
        self
        """
        self._validate_params()
        if self.class_weight == "balanced":
            raise InputError(
                f"{type(self).__name__}.partial_fit: class_weight='balanced' needs all samples; "
                "give a dict of weights."
            )
        if classes is not None:
            classes = unique_labels(classes)
        if not hasattr(self, "network_"):
            if classes is None:
                raise InputError("classes must be passed on the first call to partial_fit.")
            self._classes_given = classes
        elif classes is not None and not np.array_equal(classes, self.classes_):
            raise InputError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        try:
            return self._fit(X, y, sample_weight, incremental=True)
        finally:
            self.__dict__.pop("_classes_given", None)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
