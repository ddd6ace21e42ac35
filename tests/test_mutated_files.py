"""Ten thousand mutated files: each is refused in words, or gives exactly what it says."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

import rheobase as rb
from rheobase import models
from rheobase.estimators._saving import encoded

resource = pytest.importorskip("resource")  # of POSIX

RUNS = 10_000
ROOM = 2**29  # bytes that all the loading may take
ZEROS = "0" * 64
X, y = load_iris(as_frame=True, return_X_y=True)
FAST = {"solver": "lbfgs", "max_iter": 5, "random_state": 0}


def save_classifier(path: Path) -> None:
    activations = [rb.elu.bind(alpha=0.5), "tanh"]
    options = {"max_iter": 2, "early_stopping": True, "class_weight": {0: 2.0, 1: 1.0, 2: 1.0}}
    rb.MLPClassifier((5, 4), activations, random_state=0, **options).fit(X, y).save(path)


def save_binary(path: Path) -> None:
    rb.MLPClassifier((3,), "gelu", **FAST).fit(np.float32(X), y == 1).save(path)


def save_regressor(path: Path) -> None:
    rb.MLPRegressor("huber", (3,), output_activation="softplus", **FAST).fit(X, y).save(path)


def save_model(path: Path) -> None:
    norm = models.Normalisation(np.ones(2), np.zeros(2))
    layers = [models.Layer(np.eye(2), np.ones(2), rb.elu, norm)]
    layers.append(models.Layer(np.eye(2), np.zeros(2)))
    models.save(models.Model(layers, "softmax", ["ä", "b"], metadata={"features": [1, 2.5]}), path)


SAVED = {f.__name__: f for f in (save_classifier, save_binary, save_regressor, save_model)}


@pytest.fixture
def little_memory() -> Iterator[None]:
    """What reserves much more memory than the process has now fails."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


# ---- Mutations of the bytes: the checksum finds them ----


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes that a disk, a network or a text editor may have left."""
    a, b, c = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    part = rng.choice([rng.randbytes(rng.randint(1, 64)), b"\0" * (b - a), data[a:b], b"\r\n"])
    place = rng.randrange(len(data))
    flipped = bytes([data[place] ^ 1 << rng.randrange(8)])
    return rng.choice(
        [
            data[:place] + flipped + data[place + 1 :],
            data[:a] + data[b:],
            data[:place],
            data[:a] + part + data[a:],
            data[:a] + part + data[a + len(part) :],
            data[:a] + data[b:c] + data[a:b] + data[c:],
        ]
    )


# ---- Edits of the JSON under a right checksum ----

DEEP = {f"@{n}": "[" * n + "]" * n for n in (30, 60, 600, 900, 5000)}
HOSTILE: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 10, 0.5, -0.0, 1.0, 1e308, 5e-324, 2**31, 2**63, -(2**63)),
    *(10**400, 10**4000, float("nan"), float("inf"), "", "a", "elu", "relu", "softmax", "\0"),
    *("__import__", "os.system", "\ud800", "ä" * 1000, "MLPRegressor", "MLPClassifier", "float64"),
    *("poisson", "F16", "I64", "BOOL", *DEEP, "1e999"),
    *([], [[]], [1, 2], [0, 0], [-1, 2], [10**9, 10**9], [2**63, 2], [0.5], ["a", "a"], [None]),
    *({}, {"": 0}, {"a": 1}, {"a": 1, "b": 2}, {"tuple": [1, 2]}, {"tuple": "ab"}, {"tuple": None}),
    *({"dict": [[1, 2.0]]}, {"dict": [[[], 1]]}, {"dict": {"ab": 1}}, {"dict": [[1]]}),
    *({"float": "nan"}, {"float": "inf"}, {"float": "1_0"}, {"float": 3}, {"float": []}),
    *({"activation": one} for one in ("elu", ["elu"], None, {"name": "elu", "params": {}})),
    *({"name": "elu", "params": {"alpha": v}} for v in (2.0, 1, None, [1.0], 10**400, 1e308)),
    *({"name": name, "params": {}} for name in ("relu", "nonesuch", "logistic", None)),
    {"name": "celu", "params": {"alpha": 0.0}},
    {"object": "os.system"},
]


def edited(rng: random.Random, data: bytes) -> bytes:
    """The file with one or two edits of its JSON, and the checksum that belongs to them."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    envelope = json.loads(header["__metadata__"]["rheobase"])
    envelope["sha256"] = ZEROS
    tree = {"header": {k: v for k, v in header.items() if k != "__metadata__"}, **envelope}
    for _ in range(rng.choice([1, 1, 1, 2])):
        edit(rng, tree)
    header = {"__metadata__": header["__metadata__"], **tree.pop("header", {})}
    text = json.dumps(tree)
    if rng.random() < 0.1:
        key = rng.choice(sorted(names(tree)))
        text = text.replace(f"{json.dumps(key)}: ", f"{json.dumps(key)}: 0, {json.dumps(key)}: ", 1)
    header["__metadata__"]["rheobase"] = filled(text)
    raw = filled(json.dumps(header)).encode()
    forged = len(raw).to_bytes(8, "little") + raw + data[8 + length :]
    return forged.replace(ZEROS.encode(), hashlib.sha256(forged).hexdigest().encode(), 1)


def edit(rng: random.Random, tree: dict[str, Any]) -> None:
    """Replace, remove, add or move something anywhere below the tree."""
    places = [
        (one, key)
        for one in containers(tree)
        for key in (one if isinstance(one, dict) else range(len(one)))
        if not (one is tree and key in ("header", "sha256"))
    ]
    (one, key), (other, its) = rng.choice(places), rng.choice(places)
    match rng.randrange(10):
        case 0:
            del one[key]
        case 1 if isinstance(one, dict):
            one[rng.choice(["more", "__class__", "fit", "predict", "network_", ""])] = 0
        case 2:
            one[key] = json.loads(json.dumps(other[its]))
        case _:
            one[key] = rng.choice(HOSTILE)


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from containers(child)


def names(tree: Any) -> set[str]:
    return {key for one in containers(tree) if isinstance(one, dict) for key in one}


def filled(text: str) -> str:
    """The text with what `json.dumps` cannot write in its place."""
    for name, deep in DEEP.items():
        text = text.replace(json.dumps(name), deep)
    return text.replace('"1e999"', "1e999")


def text_of(value: Any) -> str:
    """A value as the file should say it."""
    return said(encoded("value", value))


def said(value: Any) -> str:
    """What the file says; 1e999 is infinity too."""
    return json.dumps(value, sort_keys=True).replace("Infinity", '{"float": "inf"}')


def assert_it_is_what_the_file_says(loaded: Any, path: Path) -> None:
    data, model = path.read_bytes(), models.load(path)
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    document = json.loads(header["__metadata__"]["rheobase"])["model"]
    for k, layer in enumerate(model.layers):
        arrays = {"weights": layer.weights, "bias": layer.bias}
        if layer.normalisation:
            arrays |= {"scale": layer.normalisation.scale, "shift": layer.normalisation.shift}
        for name, array in arrays.items():
            begin, end = header[f"layers.{k}.{name}"]["data_offsets"]
            assert array.tobytes() == body[begin:end]
    if isinstance(loaded, models.Model):
        assert document["metadata"].get("estimator") is None
        return
    metadata = document["metadata"]
    assert type(loaded).__name__ == metadata["estimator"]
    for key, value in (metadata["params"] | metadata["learned"]).items():
        assert text_of(getattr(loaded, key)) == said(value)
    assert list(getattr(loaded, "feature_names_in_", [])) == (metadata["feature_names"] or [])
    inputs = np.float32(np.random.default_rng(0).normal(size=(5, model.inputs_count)))
    with np.errstate(all="ignore"):
        computed = getattr(loaded, "predict_proba", loaded.predict)(inputs)
        np.testing.assert_array_equal(computed, model.outputs(inputs).reshape(computed.shape))


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", SAVED)
def test_mutated_files(name: str, tmp_path: Path, little_memory: None) -> None:
    path, rng = tmp_path / "model", random.Random(0)
    SAVED[name](path)
    original, came = path.read_bytes(), 0
    rb.load(path)
    for k in range(RUNS // len(SAVED)):
        changed = (damaged if k % 2 else edited)(rng, original)
        path.write_bytes(changed)
        try:
            loaded = rb.load(path)
        except rb.InputError:
            continue
        assert changed == original or not k % 2
        assert_it_is_what_the_file_says(loaded, path)
        came += 1
    assert 10 < came < RUNS // len(SAVED) // 4  # edits that mean something are rare
