"""Estimators in files and as ONNX graphs."""

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from sklearn.datasets import load_diabetes, load_iris

import rheobase as rb
from rheobase import models

X, y = load_iris(return_X_y=True)
X, NAMES = X.astype(np.float32), np.array(["setosa", "versicolor", "virginica"])[y]
X_DIABETES, y_DIABETES = load_diabetes(return_X_y=True)
MULTILABEL = np.stack([y == 0, y > 0, X[:, 0] > 6], axis=1).astype(int)
FAST = {"solver": "lbfgs", "tol": 1e-2, "random_state": 0}

FITTED = {
    "names": lambda: rb.MLPClassifier((8,), "gelu", **FAST).fit(X, NAMES),
    "binary": lambda: rb.MLPClassifier((8,), "mish", **FAST).fit(X, y == 1),
    "multilabel": lambda: rb.MLPClassifier((8,), "silu", **FAST).fit(X, MULTILABEL),
    "layers": lambda: rb.MLPClassifier((8, 4), [rb.elu.bind(alpha=0.5), "tanh"], **FAST).fit(X, y),
    "normalised": lambda: rb.MLPClassifier(
        (8, 4), ["swish", "elu"], layer_norm=True, trainable_activations=True, **FAST
    ).fit(X, y),
    "early": lambda: rb.MLPClassifier(
        (8,), early_stopping=True, class_weight={0: 2.0, 1: 1.0, 2: 1.0}, random_state=0
    ).fit(X, y),
    "regressor": lambda: rb.MLPRegressor(hidden_layer_sizes=(8,), **FAST).fit(
        X_DIABETES, y_DIABETES
    ),
    "poisson": lambda: rb.MLPRegressor(loss="poisson", hidden_layer_sizes=(8,), **FAST).fit(X, y),
    "outputs": lambda: rb.MLPRegressor(
        hidden_layer_sizes=(8,), output_activation="softplus", **FAST
    ).fit(X, MULTILABEL),
}


def outputs(est, X):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", FITTED)
def test_a_file_gives_the_estimator_back(name, tmp_path):
    est = FITTED[name]()
    inputs = X_DIABETES if name == "regressor" else X
    est.save(tmp_path / "model")
    again = rb.load(tmp_path / "model")
    assert type(again) is type(est)
    assert str(again.get_params()) == str(est.get_params())
    for member in ("coefs_", "intercepts_", "loss_curve_", "validation_scores_"):
        np.testing.assert_equal(getattr(again, member, None), getattr(est, member, None))
    np.testing.assert_array_equal(again.predict(inputs), est.predict(inputs))
    np.testing.assert_array_equal(outputs(again, inputs), outputs(est, inputs))
    assert outputs(again, inputs).dtype == outputs(est, inputs).dtype


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", FITTED)
def test_onnx_runtime_answers_the_same(name, tmp_path):
    est = FITTED[name]()
    inputs = (X_DIABETES if name == "regressor" else X).astype(np.float32)
    est.to_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    *label, computed = session.run(None, {"X": inputs})
    wanted = outputs(est, inputs).reshape(computed.shape)
    np.testing.assert_allclose(computed, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max())
    if label:
        np.testing.assert_array_equal(label[0], est.predict(inputs))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_training_goes_on_from_a_file(tmp_path):
    est = rb.MLPClassifier((8,), max_iter=2, random_state=0).fit(X, y)
    est.save(tmp_path / "model")
    again = rb.load(tmp_path / "model").set_params(warm_start=True, max_iter=50)
    assert again.fit(X, y).loss_ < est.loss_


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"estimator": "Pipeline"}, "describes no estimator"),
        ({"estimator": "MLPRegressor", "params": {}}, "classes of a regressor"),
        ({"params": {"alpha": -1.0}}, "alpha"),
        ({"params": {"unknown": 1}}, "unknown"),
        ({"params": {"alpha": {"object": "os.system"}}}, "describes no value"),
        ({"params": {"class_weight": {"dict": [[1, 1.0], [1, 2.0]]}}}, "describes no value"),
        ({"learned": {"fit": 1}}, "not what is learned"),
        ({"feature_names": ["a"]}, "feature names"),
        ({"feature_names": "abcd"}, "feature names"),
    ],
)
def test_a_file_that_describes_no_estimator_is_refused(change, words, tmp_path):
    forge(tmp_path / "model", **change)
    with pytest.raises(rb.InputError, match=words):
        rb.load(tmp_path / "model")


@pytest.mark.parametrize(
    "change",
    [
        {"n_features_in_": 7},
        {"n_iter_": -1},
        {"n_iter_": 10**400},
        {"t_": True},
        {"loss_": "low"},
        {"loss_curve_": [0.5, None]},
        {"best_loss_": {"float": "1_0"}},
    ],
)
def test_what_is_learned_has_its_type(change, tmp_path):
    learned = forge(tmp_path / "model").metadata["learned"]
    forge(tmp_path / "model", learned=dict(learned) | change)
    with pytest.raises(rb.InputError, match="describes no estimator"):
        rb.load(tmp_path / "model")


def forge(path, **change):
    """Write a fitted classifier with some of its description changed; return what it was."""
    rb.MLPClassifier((8,), **FAST).fit(X, y).save(path)
    model = models.load(path)
    metadata = json.loads(json.dumps(dict(model.metadata))) | change
    models.save(replace(model, metadata=metadata), path)
    return model


def test_a_network_that_no_estimator_has_is_refused(tmp_path):
    model = forge(tmp_path / "model")
    first, last = model.layers
    norm = models.Normalisation(np.ones(8), np.ones(8), epsilon=1e-3)  # the estimators have another
    single = models.Layer(last.weights[:, :1], last.bias[:1])  # one class has no softmax
    for other in (
        replace(model, layers=(replace(first, normalisation=norm), last)),
        replace(model, layers=(first, single), classes=["a"]),
        replace(model, classes=None),
    ):
        models.save(other, tmp_path / "model")
        with pytest.raises(rb.InputError, match="describes no estimator"):
            rb.load(tmp_path / "model")


def test_parameters_set_after_fitting_leave_the_network_as_it_was(tmp_path):
    est = rb.MLPRegressor(output_activation="softplus", hidden_layer_sizes=(4,), **FAST).fit(X, y)
    est.set_params(
        output_activation="tanh", hidden_layer_sizes=(9, 9), activation="gelu", layer_norm=True
    )
    est.save(tmp_path / "model")
    again = rb.load(tmp_path / "model")
    assert again.get_params() == est.get_params()
    assert again.out_activation_ == est.out_activation_ == "softplus"
    np.testing.assert_array_equal(again.predict(X), est.predict(X))


def test_the_graph_of_an_own_formula_says_which_estimator_it_is(tmp_path):
    bent = rb.custom(lambda m, x: m.where(x > 0, x, m.tanh(x) / 2), name="bent")
    frame = load_iris(as_frame=True).data
    est = rb.MLPClassifier((8,), bent, **FAST).fit(frame, NAMES)
    est.to_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    assert session.run(None, {"X": X})[0].tolist() == est.predict(frame).tolist()
    found = session.get_modelmeta().custom_metadata_map
    assert found["estimator"] == "MLPClassifier"
    assert json.loads(found["feature_names"]) == list(frame)
    assert json.loads(found["classes"]) == est.classes_.tolist()


def test_what_no_file_can_hold_is_refused(tmp_path):
    with pytest.raises(AttributeError, match="not fitted"):
        rb.MLPClassifier().save(tmp_path / "model")
    own = rb.Activation(replace(rb.elu.declaration))  # a user's own, of the same name
    est = rb.MLPClassifier((4,), **FAST).fit(X, y).set_params(activation=own)
    with pytest.raises(rb.InputError, match="your own"):
        est.save(tmp_path / "model")
    one = rb.MLPClassifier((4,), **FAST).fit(X, np.zeros(len(X)))
    with pytest.raises(rb.InputError, match="one class"):
        one.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
