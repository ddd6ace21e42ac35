"""Between a fitted estimator and a `Model`, which files and ONNX graphs are made of."""

from __future__ import annotations

import os
from importlib import metadata
from math import isfinite
from types import NoneType
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from .._activation import Activation
from .._errors import InputError
from ..catalog import activation as find_activation
from ..models import (
    SOFTMAX,
    Layer,
    Model,
    Normalisation,
    described_activation,
    rebuilt_activation,
)
from ..models import load as load_model
from ..network import Dense, Head, Network, regression_head

# What fitting leaves behind, as far as it is data, and its types; lists are of floats.
_LEARNED: dict[str, tuple[type, ...]] = {
    "loss_": (float,),
    "best_loss_": (float, NoneType),
    "loss_curve_": (list,),
    "validation_loss_curve_": (list, NoneType),
    "validation_scores_": (list, NoneType),
    "best_validation_score_": (float, NoneType),
    "n_iter_": (int,),
    "t_": (int,),
    "n_features_in_": (int,),
}


def model_of(call: str, est: Any, **more: Any) -> Model:
    """Return the network of a fitted estimator, with its name, its feature names and more metadata."""
    network = est._fitted()
    classes = getattr(est, "classes_", None)
    if classes is None:
        output: Any = getattr(network.head, "function", "identity")
    else:
        output = {"softmax": "softmax", "logistic": "sigmoid"}[est.out_activation_]
        if len(classes) < 2:
            raise InputError(
                f"{call}: the estimator saw one class only; there is nothing to predict."
            )
    names = getattr(est, "feature_names_in_", None)
    return Model(
        tuple(map(_plain, network.layers, (*network.functions(), None))),
        output,
        None if classes is None else tuple(classes.tolist()),
        network.dtype,
        {
            "estimator": type(est).__name__,
            "feature_names": None if names is None else [str(name) for name in names],
            **more,
        },
    )


def description(est: Any) -> dict[str, Any]:
    """Return what is needed beside the network to build a fitted estimator again."""
    params = est.get_params(deep=False)
    if not (
        params["random_state"] is None or isinstance(params["random_state"], (int, np.integer))
    ):
        params["random_state"] = None  # a generator's state belongs to the caller
    return {
        "params": {name: encoded(name, value) for name, value in params.items()},
        "learned": {
            name: encoded(name, getattr(est, name)) for name in _LEARNED if hasattr(est, name)
        },
        "versions": {
            name: metadata.version(name) for name in ("rheobase", "numpy", "scikit-learn")
        },
    }


def _plain(layer: Dense, function: Activation | None) -> Layer:
    """Return a layer as the data of a model."""
    norm = layer.normalisation
    return Layer(
        layer.weights[0],
        layer.bias[0, 0],
        function,
        Normalisation(norm.scale[0, 0], norm.shift[0, 0], norm.epsilon) if norm else None,
    )


def load(path: str | os.PathLike[str]) -> Any:
    """Read what `save` wrote: an estimator, or a `rheobase.models.Model`.

    No code runs: a file holds numbers and JSON and names only functions of the catalogue.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    MLPClassifier, MLPRegressor or Model

    Raises
    ------
    InputError
        The file is missing, is no model, is damaged, or was written by a newer rheobase.

    Examples
    --------
    >>> import tempfile
    >>> import rheobase as rb
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = rb.MLPClassifier((16,), "silu", solver="lbfgs", tol=1e-2, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     model.save(f"{directory}/iris.safetensors")
    ...     again = rb.load(f"{directory}/iris.safetensors")
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    from . import MLPClassifier, MLPRegressor

    model = load_model(path)
    kinds = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}
    kind = model.metadata.get("estimator")
    if kind is None:
        return model
    try:
        params = {name: decoded(value) for name, value in model.metadata["params"].items()}
        est: Any = kinds[kind](**params)
        est._validate_params()
        _restore(est, model)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"load({os.fspath(path)!r}): the file describes no estimator of this rheobase: {error!s:.100}."
        ) from None
    return est


def _restore(est: Any, model: Model) -> None:
    """Put the model's weights and what was learned into an estimator that is not fitted."""
    if is_classifier(est) != (model.classes is not None):
        raise ValueError("classes of a regressor, or none of a classifier")
    learned = {name: decoded(value) for name, value in model.metadata["learned"].items()}
    # A first epoch that was interrupted leaves no loss.
    if learned.keys() | {"loss_"} != _LEARNED.keys():
        raise ValueError(f"{', '.join(learned)!r:.60} is not what is learned")
    for name, value in learned.items():
        numbers = value if isinstance(value, list) else ()
        if type(value) not in _LEARNED[name] or not all(type(one) is float for one in numbers):
            raise ValueError(f"{name} is {value!r:.40}")
        if type(value) is int and not 0 <= value < 2**63:
            raise ValueError(f"{name} is {value!r:.40}")
        setattr(est, name, value)
    if est.n_features_in_ != model.inputs_count:
        raise ValueError(f"{est.n_features_in_} features for {model.inputs_count} inputs")
    if (names := model.metadata["feature_names"]) is not None:
        texts = [str] * model.inputs_count
        if not isinstance(names, list) or [type(name) for name in names] != texts:
            raise ValueError(f"feature names are {names!r:.40}")
        est.feature_names_in_ = np.array(names, dtype=object)
    head: Head | str
    width = outputs = model.outputs_count
    if model.classes is None:
        # Not by the parameters, which may have been set to something else after fitting.
        output = find_activation(model.output)
        head, est.out_activation_ = regression_head(est.loss, output), output.label
    else:
        est.classes_, est._multilabel = np.asarray(model.classes), model.multilabel
        head, outputs = est._head(np.empty((0, width) if model.multilabel else 0))
        if outputs != width or (head == SOFTMAX) != (model.output == SOFTMAX):
            raise ValueError(f"{width} outputs of {model.output} for {len(est.classes_)} classes")
    hidden = model.layers[:-1]
    est.network_ = Network(
        [model.inputs_count, *(len(layer.bias) for layer in hidden), width],
        [layer.activation for layer in hidden if layer.activation],
        head=head,
        dtype=model.dtype,
        layer_norm=any(layer.normalisation for layer in hidden),
        trainable_activations=est.trainable_activations,
    )
    for to, layer in zip(est.network_.layers, model.layers, strict=True):
        to.weights[0], to.bias[0, 0] = layer.weights, layer.bias
        norm, given = to.normalisation, layer.normalisation
        if norm and given and given.epsilon == norm.epsilon:
            norm.scale[0, 0], norm.shift[0, 0] = given.scale, given.shift
        elif norm or given:
            raise ValueError("layer normalisation that this estimator does not have")
    est.n_outputs_, est.n_layers_, est._no_improvement = width, len(hidden) + 2, 0


def encoded(name: str, value: Any) -> Any:
    """Return a parameter as JSON; what JSON has not is an object with one key."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Activation):
        return {"activation": described_activation(value)}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, tuple):
        return {"tuple": [encoded(name, one) for one in value]}
    if isinstance(value, list):
        return [encoded(name, one) for one in value]
    if isinstance(value, dict):
        pairs = [[encoded(name, key), encoded(name, one)] for key, one in value.items()]
        return {"dict": pairs}
    if isinstance(value, float) and not isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise InputError(f"save: {name} is {value!r:.60}, which no file of numbers and texts can hold.")


def decoded(value: Any) -> Any:
    """Return what `encoded` was given."""
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind, content:
        case "activation", _:
            return rebuilt_activation(content)
        case "tuple", list():
            return tuple(map(decoded, content))
        case "dict", list() if all(isinstance(pair, list) for pair in content):
            found = {decoded(key): decoded(one) for key, one in content}
            if len(found) == len(content):
                return found
        case "float", "nan" | "inf" | "-inf":
            return float(content)
    raise ValueError(f"{value!r:.40} describes no value")
