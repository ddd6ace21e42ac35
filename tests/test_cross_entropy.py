"""Cross-entropy: probability targets, smoothing, ignored and masked rows."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

import rheobase as rb

INF, NAN = np.inf, np.nan
DTYPES = [np.dtype(t) for t in ("float16", ml_dtypes.bfloat16, "float32", "float64")]
EVERY = pytest.mark.parametrize("dtype", DTYPES, ids=str)


@EVERY
def test_probability_targets_smoothing_and_ignored_rows(dtype: np.dtype) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, (6, 5)).astype(dtype)
    q = rng.dirichlet(np.ones(5), 6).astype(dtype)
    indices = np.array([0, 4, -7, 2, -7, 1])
    tolerance = 4 * float(ml_dtypes.finfo(dtype).eps)
    for target, ignored in ((q, None), (indices, -7)):
        for smoothing in (0.0, 0.2):
            x = torch.tensor(z.astype(np.float64), requires_grad=True)
            wanted = torch.nn.functional.cross_entropy(
                x,
                torch.tensor(target.astype(np.float64) if ignored is None else target),
                reduction="none",
                label_smoothing=smoothing,
                **({} if ignored is None else {"ignore_index": ignored}),
            )
            wanted.sum().backward()
            options = {"label_smoothing": smoothing, "ignore_index": ignored}
            got = rb.cross_entropy(z, target, **options)
            grad = rb.cross_entropy.backward(z, target, **options)
            assert got.dtype == grad.dtype == dtype
            for mine, theirs in ((got, wanted.detach()), (grad, x.grad)):
                np.testing.assert_allclose(
                    mine.astype(float), theirs.numpy(), rtol=tolerance, atol=tolerance
                )


def test_a_masked_target_is_impossible() -> None:
    assert rb.cross_entropy([0.0, 1.0], 0, where=[False, True]) == INF
    assert rb.cross_entropy([0.0, -INF], [1.0, 0.0]) == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_unsigned_and_masked_targets_are_ignored(smoothing: float) -> None:
    z = np.random.default_rng(0).normal(0, 2, (4, 3))
    kept = np.array([0, 2, 1, 0])
    last = np.arange(4) == 3
    for target, ignored in (
        (np.where(last, 255, kept).astype(np.uint8), 255),
        (np.ma.array(kept, mask=last), None),
        (np.ma.array(np.where(last, 77, kept), mask=last), 9),
    ):
        options = {"label_smoothing": smoothing, "ignore_index": ignored}
        for function in (rb.cross_entropy, rb.cross_entropy.backward):
            want = function(z, kept, label_smoothing=smoothing)
            want[3] = 0
            np.testing.assert_array_equal(function(z, target, **options), want)
    q = np.ma.array([[0.25, 0.75, NAN]], mask=[[0, 0, 1]])
    assert rb.cross_entropy(z[:1], q) == rb.cross_entropy(z[:1], q.filled(0))


@EVERY
def test_a_masked_target_of_no_weight(dtype: np.dtype) -> None:
    z, where = np.array([1.0, 2.0, 3.0], dtype), [True, False, True]
    got = rb.cross_entropy(z, 1, where=where, label_smoothing=1.0)
    want = rb.cross_entropy(z, [0.5, 0, 0.5], where=where)
    np.testing.assert_allclose(float(got), float(want), rtol=0.01)
    grad = rb.cross_entropy.backward(z, 1, where=where, label_smoothing=1.0)
    p = rb.softmax(z, where=where).astype(float)
    np.testing.assert_allclose(grad.astype(float), p - [0.5, 0, 0.5], atol=0.01)
