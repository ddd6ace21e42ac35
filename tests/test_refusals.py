"""What is no array of numbers, or no request, is refused in one line that says what came and what is expected."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

import rheobase as rb

Z = np.ones((2, 3))

WRONG: dict[str, Any] = {
    "huge integer": 10**400,
    "list of huge integers": [10**400],
    "integer of many digits": 10**5000,
    "ragged list": [[1.0], [1.0, 2.0]],
    "objects": np.array([1, None]),
    "Decimal": decimal.Decimal(1),
    "datetime": np.array(["2020-01-01"], "M8[D]"),
    "timedelta": np.array([1], "m8[s]"),
    "text": "text",
    "texts": np.array(["a"]),
    "bytes": b"x",
    "sparse array": scipy.sparse.csr_array(np.eye(2)),
    "sparse matrix": scipy.sparse.csr_matrix(np.eye(2)),
    "structure": np.zeros(2, [("a", float)]),
    "complex": np.ones(2, complex),
    "None": None,
    "dict": {},
    "float8": np.ones(2, ml_dtypes.float8_e4m3fn),
    "text column": pd.Series(["a"]),
    "mixed frame": pd.DataFrame({"a": ["x"]}),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("function", [rb.relu, rb.elu], ids=str)
def test_what_is_no_array_of_numbers_is_refused(function: rb.Activation, wrong: str) -> None:
    value = WRONG[wrong]
    y = np.ones(2)
    calls: dict[str, Callable[[], Any]] = {
        "x is": lambda: function(value),
        "grad is": lambda: function.backward(y, value),
        "up is": lambda: rb.swiglu(y, value),
    }
    if function.params and not isinstance(value, decimal.Decimal):  # one number is a number
        calls["alpha is"] = lambda: function(y, alpha=value)
    for words, call in calls.items():
        with pytest.raises(rb.RheobaseError, match=words) as caught:
            call()
        message = str(caught.value)
        assert "expected" in message
        assert "\n" not in message
        assert len(message) < 320


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: rb.elu(x, out=(x, x)), "out"),
        (lambda x: rb.elu(x, out="x"), "expected a NumPy array"),
        (lambda x: rb.elu.value_and_derivative(x, out=x), "tuple"),
        (lambda x: rb.elu(x, out=np.broadcast_to(x, x.shape)), "read-only"),
        (lambda x: rb.elu(x, out=x, where=x), "where has dtype float64; expected booleans"),
        (lambda x: rb.elu(x, out=x, where=[True] * 3), "do not broadcast"),
        (lambda x: rb.elu(x, casting="nope"), "casting must be one of"),
        (lambda x: rb.elu(x, order="Q"), "order must be one of"),
        (lambda x: rb.elu(x, dtype=complex), "dtype is complex128; expected float16"),
        (lambda x: rb.elu(x, dtype=ml_dtypes.bfloat16, casting="unsafe"), "convert the arrays"),
        (lambda x: rb.gelu(torch.ones(2).to(torch.float8_e4m3fn)), "dtype torch.float8_e4m3fn"),
        (lambda x: rb.gelu(torch.ones(2).to_sparse()), "dense array first"),
        (lambda x: rb.elu(x, keepdims=True), "which it does not know; it takes alpha"),
        (lambda x: rb.elu.bind(alpha=10**400), "alpha is int 1000"),
        (lambda x: rb.elu.bind(alpha=[1.0, 2.0]), "a bound parameter is a finite number"),
        (lambda x: rb.elu(torch.ones(2), out=x), "leave out out"),
        (lambda x: rb.elu(torch.ones(2, dtype=torch.complex64)), "expected a real"),
    ],
)
def test_wrong_keywords_are_refused(call: Callable[[np.ndarray], Any], words: str) -> None:
    with pytest.raises(rb.RheobaseError, match=words) as caught:
        call(np.ones(2))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: rb.softmax(Z, axis=2), rb.InputError, "expected -2 to 1"),
        (lambda: rb.softmax(Z, axis=0.5), rb.InputTypeError, "expected an integer"),
        (lambda: rb.softmax(Z, temperature=0), rb.InputError, "positive"),
        (lambda: rb.softmin(Z, temperature=-1.0), rb.InputError, "positive"),
        (lambda: rb.softmax(Z, temperature=np.nan), rb.InputError, "positive"),
        (lambda: rb.softmax(Z, temperature="hot"), rb.InputTypeError, "'hot'"),
        (lambda: rb.softmax(Z, where=np.ones((2, 3))), rb.InputTypeError, "booleans"),
        (lambda: rb.softmax(Z, where=[True, False]), rb.InputError, r"expected \(2, 3\)"),
        (lambda: rb.softmax(["a", "b"]), rb.InputTypeError, "softmax"),
        (lambda: rb.softmax(Z, where=True, out=np.ones(3)), rb.InputError, "out has shape"),
        (lambda: rb.cross_entropy(Z, [0, 3]), rb.InputError, "expected 0 to 2"),
        (lambda: rb.cross_entropy(Z, [0, 9], ignore_index=-1), rb.InputError, "ignore_index=-1"),
        (lambda: rb.cross_entropy(Z, [0, 1], ignore_index=1.5), rb.InputTypeError, "1.5"),
        (lambda: rb.cross_entropy(Z, Z, ignore_index=1), rb.InputError, "class indices"),
        (lambda: rb.cross_entropy(Z, np.ones((3, 2))), rb.InputTypeError, r"shape \(2, 3\)"),
        (lambda: rb.cross_entropy(Z, [0, 1], label_smoothing=1.5), rb.InputError, "0 to 1"),
        (lambda: rb.cross_entropy(Z, [0, 1], label_smoothing=None), rb.InputTypeError, "0 to 1"),
        (lambda: rb.softmax([[1, 2], [3]]), rb.InputError, "one length"),
        (lambda: rb.logsumexp.backward([[1, 2], [3]], [1, 2]), rb.InputError, "one length"),
        (lambda: rb.logsumexp.backward(Z, np.ones((2, 2))), rb.InputError, r"expected \(2,\)"),
        (lambda: rb.cross_entropy.backward(Z, [0, 1], np.ones((4, 2))), rb.InputError, "grad has"),
        (lambda: rb.softmax.backward(Z, np.ones((4, 2, 3))), rb.InputError, r"expected \(2, 3\)"),
        (lambda: rb.hardmax.backward(Z, np.ones((2, 2))), rb.InputError, "hardmax.backward.*grad"),
        (lambda: rb.hardmax.backward(Z, Z, where=Z), rb.InputTypeError, "booleans"),
        (lambda: rb.hardmax.backward(Z, np.full((2, 3), "a")), rb.InputTypeError, "grad"),
        (lambda: rb.gumbel_softmax(Z.astype("g"), rng=1), rb.InputTypeError, "float128|longdouble"),
        (lambda: rb.gumbel_softmax(Z, rng="seed"), rb.InputTypeError, "Generator"),
        (lambda: rb.gumbel_softmax(Z, rng=-1), rb.InputError, "negative"),
        (lambda: rb.gumbel_softmax(Z > 0, rng=1, axis=7), rb.InputError, "expected -2 to 1"),
    ],
)
def test_rows_refuse_in_the_words_of_the_request(
    call: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call()
