"""Samples from a relaxed categorical distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _native
from .._arrays import generator, learn_bfloat16
from .._errors import InputTypeError
from .._namespaces import library_of
from ._function import RowFunction, describe, masked_entries, present_entries


class GumbelSoftmax(RowFunction):
    """Softmax of ``z`` plus Gumbel noise: a smooth sample of a category (Jang et al. 2017).

    The noise is drawn in float32, for float64 in float64, one number an entry in the order of the array,
    masked entries included.  `backward` starts from the smooth sample.  With ``hard=True`` the call returns
    the one-hot sample of the same noise; its straight-through gradient is the smooth sample's.

    Examples
    --------
    >>> import rheobase as rb
    >>> z = [0.0, 1.0, 2.0]
    >>> p = rb.gumbel_softmax(z, rng=1, temperature=0.5)
    >>> bool((rb.hardmax(p) == rb.gumbel_softmax(z, rng=1, hard=True)).all())
    True
    >>> gradient = rb.gumbel_softmax.backward(p, [1.0, 0.0, 0.0], temperature=0.5)
    """

    def __init__(self) -> None:
        super().__init__(
            "gumbel_softmax",
            "softmax(z + g), g from Gumbel(0, 1)",
            saved="y",
            backward="softmax",
            general="softmax",
        )

    def __call__(  # type: ignore[override]
        self,
        z: Any,
        /,
        *,
        rng: np.random.Generator | int,
        hard: bool = False,
        axis: int = -1,
        where: Any = None,
        temperature: float = 1.0,
        out: Any = None,
    ) -> Any:
        """Return a sample for each row of ``z``.

        Parameters
        ----------
        z : array_like
        rng : numpy.random.Generator or int
            The source of the noise, or its seed.
        hard : bool
            Return one-hot rows.
        axis, where, temperature, out
            As for `softmax`.
        """
        call = describe(self.name, {"z": z}, axis, where, temperature)
        draws = generator(call, rng)
        mask = masked_entries(z)
        if library_of(z, where) is not None:  # refused there
            return self._run((None, None), self.name, {"z": z}, axis, where, temperature, out)
        learn_bfloat16((z,))
        logits = np.asarray(z)
        if logits.dtype.kind in "iub":
            logits = logits.astype(np.result_type(logits.dtype, np.float16))
        if logits.dtype.name not in ("float16", "bfloat16", "float32", "float64"):
            raise InputTypeError(
                f"{call}: z has dtype {logits.dtype}; expected floats of at most 64 bits or integers."
            )
        drawn = np.float64 if logits.dtype == np.float64 else np.float32
        waiting = draws.standard_exponential(logits.shape, dtype=drawn)
        noise = -np.log(np.maximum(waiting, np.finfo(drawn).tiny))
        noisy = np.add(logits, noise, dtype=drawn)
        if where is not None or mask is not None:
            where = present_entries(call, where, mask, logits.shape)
        if out is None:
            out = np.empty(logits.shape, logits.dtype)
        kernels = (None, _native.hardmax_where if hard else _native.softmax_where)
        result = self._run(kernels, self.name, {"z": noisy}, axis, where, temperature, out)
        return result if mask is None else np.ma.MaskedArray(result, mask)
