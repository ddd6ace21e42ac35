"""Gated linear units: an activation of one array times another, and both gradients in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np

from . import _native
from ._activation import Activation
from ._arrays import REFUSALS, explain, halves, has_own_ufuncs, learn_bfloat16
from ._errors import InputError, suggest
from ._namespaces import compute, library_of
from .catalog import catalog

_ACTIVATIONS = {
    "glu": "sigmoid",
    "reglu": "relu",
    "geglu": "gelu",
    "geglu_tanh": "gelu_tanh",
    "swiglu": "silu",
    "bilinear": "identity",
}


class Gated:
    """``activation(gate) · up``, element by element, with its gradients.

    The two inputs are separate arrays, because libraries differ in which half of one array is the
    gate (see `split_gate`). Keywords are those of a ufunc.

    Attributes
    ----------
    name : str
    activation : Activation
        What the gate passes through.
    ufunc : numpy.ufunc

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> gate, up = np.array([-1.0, 2.0]), np.array([3.0, 4.0])
    >>> rb.reglu(gate, up)
    array([0., 8.])
    >>> rb.reglu.backward(gate, up, np.ones(2))
    (array([0., 4.]), array([0., 2.]))
    """

    def __init__(self, name: str, activation: Activation) -> None:
        self.name = name
        self.activation = activation
        self.ufunc: np.ufunc = getattr(_native, name)
        self._backward: np.ufunc = getattr(_native, f"{name}_backward")

    def __call__(self, gate: Any, up: Any, /, *, out: Any = None, **options: Any) -> Any:
        """Return ``activation(gate) · up``."""
        if type(gate) is type(up) is np.ndarray and not options:  # as in Activation
            try:
                return self.ufunc(gate, up) if out is None else self.ufunc(gate, up, out)
            except REFUSALS:
                pass

        def formula(m: Any, gate: Any, up: Any) -> Any:
            return self.activation.declaration.formula(m, gate) * up

        call = f"{self.name}(gate, up)"
        return _run(call, self.ufunc, formula, {"gate": gate, "up": up}, out, options)

    def backward(
        self, gate: Any, up: Any, grad: Any, /, *, out: Any = None, **options: Any
    ) -> tuple[Any, Any]:
        """Return the gradients at ``gate`` and at ``up``, in one pass; ``out`` is a pair."""
        if type(gate) is type(up) is type(grad) is np.ndarray and not options:
            try:
                gradients: tuple[Any, Any] = self._backward(gate, up, grad, out=out)
                return gradients
            except REFUSALS:
                pass
        if out is None and any(map(has_own_ufuncs, (gate, up, grad))):
            try:  # many such arrays take ufuncs of one result
                with np.errstate(all="ignore"):
                    scaled, value = np.multiply(grad, up), self.activation(gate, **options)
                    slope = self.activation.backward(gate, scaled, **options)
                    return slope, np.multiply(value, grad)
            except REFUSALS:
                pass

        def formula(m: Any, gate: Any, up: Any, grad: Any) -> tuple[Any, Any]:
            of = self.activation.declaration
            return grad * up * of.derivative(m, gate), grad * of.formula(m, gate)

        call = f"{self.name}.backward(gate, up, grad)"
        operands = {"gate": gate, "up": up, "grad": grad}
        gradients = _run(call, self._backward, formula, operands, out, options)
        return gradients

    @property
    def formula(self) -> str:
        """The formula, to read."""
        return f"{self.activation.name}(gate) · up"

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return rf"\mathrm{{{self.activation.name.replace('_', ' ')}}}(g) \odot u"

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.name,)


def _run(
    call: str,
    ufunc: np.ufunc,
    formula: Callable[..., Any],
    operands: dict[str, Any],
    out: Any,
    options: dict[str, Any],
) -> Any:
    values = tuple(operands.values())
    if out is not None:
        options["out"] = out
    library = library_of(*values)
    try:
        if library is not None:
            return compute(library, formula, values, (), options)
        learn_bfloat16(values)
        return ufunc(*values, **options)
    except REFUSALS as error:
        raise explain(call, error, operands, out, options=options, library=library) from error


def split_gate(
    x: Any, /, axis: int = -1, *, gate: Literal["first", "second"] = "first"
) -> tuple[Any, Any]:
    """Return ``(gate, up)``, the two halves of ``x``, as views.

    Parameters
    ----------
    x : array_like
        An array of even length along ``axis``.
    axis : int
    gate : {"first", "second"}
        Which half is the gate. Models of the Llama family that fuse both projections put it first.
        PyTorch's ``F.glu`` and JAX's ``nn.glu`` multiply the first half by the sigmoid of the second.

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.glu(*rb.split_gate([4.0, 0.0], gate="second"))
    array([2.])
    """
    if gate not in ("first", "second"):
        raise InputError(f"split_gate(x, gate={gate!r}): expected 'first' or 'second'.")
    first, second = halves(f"split_gate(x, axis={axis})", x, axis)
    return (first, second) if gate == "first" else (second, first)


class GatedCatalog(Mapping[str, Gated]):
    """Every `Gated` by name.

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.gated["swiglu"].activation
    silu
    """

    def __init__(self, activations: Mapping[str, str]) -> None:
        self._by_name = {name: Gated(name, catalog[of]) for name, of in activations.items()}

    def __getitem__(self, name: str) -> Gated:
        if name not in self._by_name:
            raise InputError(
                f"unknown gated function {name!r}.{suggest(str(name), self._by_name)} "
                f"Known: {', '.join(self._by_name)}."
            )
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"GatedCatalog({', '.join(self)})"


gated = GatedCatalog(_ACTIVATIONS)


def _restore(name: str) -> Gated:
    return gated[name]
