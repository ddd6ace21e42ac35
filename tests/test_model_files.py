"""Model files come back bit by bit, and whatever else a file holds is refused in words."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rheobase as rb
from rheobase.models import Layer, Model, Normalisation, load, save

ZEROS = "0" * 64


def small() -> Model:
    first = Layer(np.eye(2), np.ones(2), rb.elu, Normalisation(np.ones(2), np.zeros(2)))
    last = Layer(np.eye(2), np.zeros(2))
    return Model([first, last], "softmax", ["a", "b"], metadata={"features": ["ä", "b"]})


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("model") / "m"
    save(small(), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "m"


def refused(path: Path, data: bytes, words: str = "load") -> None:
    path.write_bytes(data)
    with pytest.raises(rb.InputError, match=words) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith("load(")
    assert len(message) < 400 + len(str(path))


def equal(a: Model, b: Model) -> bool:
    def parts(model: Model) -> list[Any]:
        found: list[Any] = [model.output, model.classes, model.dtype, dict(model.metadata)]
        for layer in model.layers:
            norm = layer.normalisation
            vectors = (norm.scale, norm.shift) if norm else ()
            found += [layer.activation, norm and norm.epsilon]
            found += [v.tobytes() for v in (layer.weights, layer.bias, *vectors)]
        return found

    return parts(a) == parts(b)


@pytest.mark.parametrize("function", rb.catalog.values(), ids=str)
def test_every_function_comes_back(function: rb.Activation, tmp_path: Path) -> None:
    model = Model(
        [Layer(np.eye(2), np.zeros(2), function), Layer(np.eye(2), np.zeros(2))], function
    )
    save(model, tmp_path / "m")
    assert equal(load(tmp_path / "m"), model)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_arrays_come_back_bit_by_bit(scratch: Path, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    finite = {"allow_nan": False, "allow_infinity": False}
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    weights, bias, shift = (
        data.draw(arrays.arrays(dtype, shape, elements=finite)) for shape in [(n, m), (m,), (m,)]
    )
    alpha = data.draw(st.floats(-1e9, 1e9))
    first = Layer(weights, bias, rb.elu.bind(alpha=alpha), Normalisation(bias, shift, 1e-7))
    labels = data.draw(st.sampled_from([["ä", "\0"], [1, -(2**60)], [0.5, 1e18], [False, True]]))
    model = Model([first, Layer(weights.T, np.zeros(n))], "identity", None, dtype)
    model = replace(model, metadata={"labels": labels, "deep": {"a": [None, 1.5, {"b": "c"}]}})
    save(model, scratch)
    assert equal(load(scratch), model)


@pytest.mark.parametrize("labels", [["ä", "\0"], [1, -(2**60)], [0.5, 1e18], [False, True]])
def test_labels_keep_their_type(labels: list[Any], tmp_path: Path) -> None:
    save(Model([Layer(np.eye(2), np.zeros(2))], "softmax", labels), tmp_path / "m")
    found = load(tmp_path / "m").classes
    assert found is not None
    assert [(type(x), x) for x in found] == [(type(x), x) for x in labels]


@settings(deadline=None, max_examples=1000)
@given(place=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_any_changed_byte_is_found(content: bytes, scratch: Path, place: int, flip: int) -> None:
    changed = bytearray(content)
    changed[place % len(content)] ^= flip
    refused(scratch, bytes(changed))


def test_every_truncation_is_found(content: bytes, scratch: Path) -> None:
    for length in range(len(content)):
        refused(scratch, content[:length])
    refused(scratch, content + b"\0", "checksum")


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=300), tail=st.booleans())
def test_noise_is_refused(content: bytes, scratch: Path, data: bytes, tail: bool) -> None:
    refused(scratch, data + content[len(data) :] if tail and data != content[: len(data)] else data)


Change = Callable[[dict[str, Any], dict[str, Any]], Any]


def forged(content: bytes, change: Change) -> bytes:
    """A file with a right checksum, its header, and the JSON in it, changed."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    envelope = json.loads(header["__metadata__"]["rheobase"])
    envelope["sha256"] = ZEROS
    text = change(header, envelope)
    header["__metadata__"]["rheobase"] = text if isinstance(text, str) else json.dumps(envelope)
    raw = json.dumps(header, separators=(",", ":")).encode()
    return summed(len(raw).to_bytes(8, "little") + raw + content[8 + length :])


def summed(data: bytes) -> bytes:
    return data.replace(ZEROS.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def test_a_forged_file_without_a_change_loads(content: bytes, scratch: Path) -> None:
    scratch.write_bytes(forged(content, lambda h, e: None))
    assert equal(load(scratch), small())


def tensor(key: str, value: Any) -> Change:
    return lambda h, e: h["layers.0.weights"].update({key: value})


def entry(**values: Any) -> Change:
    return lambda h, e: e["model"].update(values)


def function(**values: Any) -> Change:
    return lambda h, e: e["model"]["layers"][0]["activation"].update(values)


HOSTILE: dict[str, tuple[Change, str]] = {
    "offsets out of bounds": (tensor("data_offsets", [0, 10**9]), "safetensors"),
    "offsets backwards": (tensor("data_offsets", [16, 0]), "safetensors"),
    "overlapping tensors": (tensor("data_offsets", [8, 24]), "safetensors"),
    "endless shape": (tensor("shape", [2**63, 2**63]), "safetensors"),
    "negative shape": (tensor("shape", [-2, -2]), "safetensors"),
    "shape of another size": (tensor("shape", [2, 3]), "safetensors"),
    "scalar shape": (tensor("shape", []), "safetensors"),
    "flat weights": (tensor("shape", [4]), "2 axes"),
    "dtype unknown": (tensor("dtype", "O"), "safetensors"),
    "integers": (tensor("dtype", "I32"), "expected float32"),
    "half type": (lambda h, e: h["layers.0.bias"].update(dtype="BF16", shape=[4]), "safetensors"),
    "tensor missing": (lambda h, e: e["model"]["layers"][1].update(epsilon=0.1), "missing"),
    "tensor left over": (lambda h, e: e["model"]["layers"][0].update(epsilon=None), "no layer"),
    "no layers": (entry(layers=[]), "layers"),
    "layers no list": (entry(layers={}), "no list"),
    "layer no object": (entry(layers=[3]), "keys"),
    "no model": (lambda h, e: e.update(model=3), "keys"),
    "another key": (entry(more=1), "keys"),
    "dtype of the model": (entry(dtype="float64"), "expected float64"),
    "dtype no text": (entry(dtype=[1]), "dtype"),
    "output unknown": (entry(output={"name": "nonesuch", "params": {}}), "unknown activation"),
    "output no function": (entry(output=3), "keys"),
    "classes of another number": (entry(classes=["a"]), "1 classes for 2"),
    "classes twice": (entry(classes=["a", "a"]), "once"),
    "classes mixed": (entry(classes=["a", 1]), "one kind"),
    "classes lists": (entry(classes=[["a"], ["b", "c"]]), "one kind"),
    "classes infinite": (
        lambda h, e: json.dumps(e).replace('["a", "b"]', "[1e999, 1.0]", 1),
        "64 bits",
    ),
    "classes text": (entry(classes="ab"), "expected a list"),
    "classes huge": (entry(classes=[10**400, 1]), "64 bits"),
    "metadata no object": (entry(metadata=[]), "no object"),
    "function unknown": (function(name="__import__"), "unknown activation"),
    "function no text": (function(name=["elu"]), "no activation"),
    "function by alias": (function(name="expit", params={}), "unknown activation"),
    "parameter text": (function(params={"alpha": "1"}), "expected floats"),
    "parameter integer": (function(params={"alpha": 1}), "expected floats"),
    "parameter unknown": (function(params={"beta": 1.0}), "expected 'alpha'"),
    "parameter infinite": (
        lambda h, e: json.dumps(e).replace('"alpha": 1.0', '"alpha": 1e999'),
        "finite",
    ),
    "parameter without meaning": (function(name="celu", params={"alpha": 0.0}), "no meaning"),
    "parameter NaN": (lambda h, e: json.dumps(e).replace("1.0", "NaN"), "no JSON"),
    "epsilon negative": (lambda h, e: e["model"]["layers"][0].update(epsilon=-1.0), "epsilon"),
    "epsilon text": (lambda h, e: e["model"]["layers"][0].update(epsilon="1"), "epsilon"),
    "deep nesting": (lambda h, e: "[" * 100_000, "nested|malformed"),
    "deep nesting, closed": (lambda h, e: "[" * 100_000 + "]" * 100_000, "nested"),
    "long integer": (lambda h, e: "9" * 5000, "malformed"),
    "duplicate keys": (lambda h, e: '{"dtype": 1, "dtype": 2}', "twice"),
    "newer version": (lambda h, e: e.update(version=2), "newer rheobase"),
    "version endless": (lambda h, e: e.update(version=10**4000), "newer rheobase"),
    "version no number": (lambda h, e: e.update(version="1"), "not a model"),
    "version true": (lambda h, e: e.update(version=True), "not a model"),
    "no checksum": (lambda h, e: e.pop("sha256") and None, "not a model"),
    "no object": (lambda h, e: "3", "not a model"),
    "metadata no texts": (lambda h, e: h["__metadata__"].update(more={}), "safetensors"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_with_a_right_checksum(content: bytes, scratch: Path, case: str) -> None:
    change, words = HOSTILE[case]
    refused(scratch, forged(content, change), words)


@pytest.mark.parametrize("header", [b"[" * 10**6, b"{" + b'"a":{' * 10**5, b"\xff" * 9, b"3"])
def test_hostile_headers(header: bytes, scratch: Path) -> None:
    refused(scratch, len(header).to_bytes(8, "little") + header, "not a model")


@pytest.mark.parametrize("length", [2**24 + 1, 2**63, 2**64 - 1])
def test_a_huge_header_length_is_refused(content: bytes, scratch: Path, length: int) -> None:
    refused(scratch, length.to_bytes(8, "little") + content[8:], "no whole")


def test_weights_that_are_not_finite_are_refused(content: bytes, scratch: Path) -> None:
    stated = re.search(rb"[0-9a-f]{64}", content)
    assert stated
    broken = content.replace(stated[0], ZEROS.encode())[:-4] + np.float32(np.nan).tobytes()
    refused(scratch, summed(broken), "NaN or infinity")


def test_places_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(rb.InputError, match="cannot be read"):
        load(tmp_path / "none")
    for call in (load, lambda path: save(small(), path)):
        with pytest.raises(rb.InputError):
            call(tmp_path)
        (tmp_path / "pipe").exists() or os.mkfifo(tmp_path / "pipe")
        with pytest.raises(rb.InputError, match="expected a file"):
            call(tmp_path / "pipe")
        (tmp_path / "loop").is_symlink() or (tmp_path / "loop").symlink_to("loop")
        with pytest.raises(rb.InputError):
            call(tmp_path / "loop")
        with pytest.raises(rb.InputError):
            call(tmp_path / "nul\0")
    with pytest.raises(rb.InputError, match="make it first"):
        save(small(), tmp_path / "none" / "m")


def test_a_link_keeps_leading_to_the_model(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("m")
    save(small(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert equal(load(tmp_path / "link"), load(tmp_path / "m"))


def test_what_a_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    declaration = replace(rb.elu.declaration)  # a user's own, of the same name
    own = Model([Layer(np.eye(2), np.zeros(2))], rb.Activation(declaration))
    with pytest.raises(rb.InputError, match="your own function"):
        save(own, tmp_path / "m")
    for metadata in ({"a": (1, 2)}, {"a": {1: 2}}, {"a": float("nan")}, {"a": object()}):
        with pytest.raises(rb.InputError, match="metadata"):
            save(replace(small(), metadata=metadata), tmp_path / "m")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("depth", "fits"), [(46, True), (47, False), (500, False)])
def test_save_writes_no_deeper_than_load_reads(depth: int, fits: bool, tmp_path: Path) -> None:
    nested: Any = 1
    for _ in range(depth):
        nested = [nested]
    model = replace(small(), metadata={"deep": nested})
    if fits:
        save(model, tmp_path / "m")
        assert equal(load(tmp_path / "m"), model)
    else:
        with pytest.raises(rb.InputError, match="nested"):
            save(model, tmp_path / "m")


def test_the_same_model_gives_the_same_file(content: bytes, tmp_path: Path) -> None:
    save(small(), tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == content


KILLS = """
import os, random, signal, time
from pathlib import Path
import numpy as np
from rheobase.models import Layer, Model, save

models = [Model([Layer(np.full((700, 700), k), np.zeros(700))], "identity") for k in (1, 2)]
contents, rng = [], random.Random(0)
for model in models:
    began = time.perf_counter()
    save(model, "m")
    took = time.perf_counter() - began
    contents.append(Path("m").read_bytes())
for _ in range(150):
    Path("m").write_bytes(contents[0])
    if not (child := os.fork()):
        save(models[1], "m")
        os._exit(0)
    time.sleep(rng.uniform(0, 2 * took))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    left = list(Path().glob(".m-*"))
    print(contents.index(Path("m").read_bytes()), len(left))
    for path in left:
        path.unlink()
"""


def test_a_process_killed_while_it_saves_leaves_the_old_file(
    run_python: Callable[..., str],
) -> None:
    ends = Counter(tuple(map(int, line.split())) for line in run_python(KILLS).splitlines())
    # New file or not, with a half-written one beside it or not: the moments were of every kind.
    assert ends.keys() >= {(0, 0), (0, 1), (1, 0)}
    assert ends.total() == 150


def test_loading_needs_no_pickle(content: bytes, scratch: Path, monkeypatch: Any) -> None:
    import pickle

    monkeypatch.setattr(pickle, "loads", None)
    monkeypatch.setattr(pickle, "load", None)
    scratch.write_bytes(content)
    assert equal(load(scratch), small())
