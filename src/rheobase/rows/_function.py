"""A function of rows: plain calls go straight to its ufunc, all others through the checks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _native
from .._arrays import explain, has_own_ufuncs, learn_bfloat16, normalise_axis
from .._errors import InputError, InputTypeError, RheobaseError
from .._namespaces import compute, library_of
from ._elsewhere import kept

TEMPERATURES = 1e-37, 1e37  #: smallest and largest; beyond, 1/temperature is no float32

UNTEMPERED = 1.0
REFUSALS = (TypeError, ValueError, RuntimeError, IndexError)

Formula = Callable[..., Any]


class RowFunction:
    """A function of the rows of an array with its backward.

    Calls keep float16, bfloat16, float32 and float64 and turn integers into floats.  An entry that is
    masked, by ``where`` or as an entry of a masked array, is as if it were not there: probability and
    gradient 0, logarithm ``-inf``.  Rows without any entry (all masked, or of length 0) give 0, logarithms
    ``-inf``.  An entry ``-inf`` has probability 0 as well, but a row whose largest entry is infinite has no
    probabilities and gives NaN.

    Attributes
    ----------
    name : str
    formula : str
        The formula, to read.
    reduces : bool
        Whether there is one result a row.
    saved : {"y", "z"}
        What `backward` starts from: the output or the input.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> rb.softmax([2.0, 1.0, 0.1]).round(3)
    array([0.659, 0.242, 0.099])
    >>> rb.softmax([2.0, 1.0, 0.1], where=[True, False, True]).round(3)
    array([0.87, 0.  , 0.13])
    >>> rb.sparsemax([2.0, 1.5, 0.1])
    array([0.75, 0.25, 0.  ])
    >>> float(rb.logsumexp([0.0, 0.0]).round(4))
    0.6931
    """

    def __init__(
        self,
        name: str,
        formula: str,
        *,
        saved: str,
        reduces: bool = False,
        backward: str | None = None,
        general: str | None = None,
        sign: int = 1,
        elsewhere: tuple[Formula, Formula] | None = None,
    ) -> None:
        self.name = name
        self.formula = formula
        self.__module__ = __package__  # where pickle finds it by its name
        backward = f"{backward or name}_backward"
        general_backward = f"{general}_backward_where" if general else f"{backward}_where"
        self._plain: np.ufunc | None = getattr(_native, name, None)
        self._general: np.ufunc = getattr(_native, f"{general or name}_where")
        self._backward: np.ufunc | None = getattr(_native, backward, None)
        self._backward_general: np.ufunc | None = getattr(_native, general_backward, None)
        self.saved = saved
        self.reduces = reduces
        self._elsewhere = elsewhere  # value and backward of other libraries' arrays
        self._sign = sign  # -1: a function of -z, so its temperature is negative for the ufunc

    def __call__(
        self,
        z: Any,
        /,
        *,
        axis: int = -1,
        where: Any = None,
        temperature: float = UNTEMPERED,
        out: Any = None,
    ) -> Any:
        """Return the function of each row of ``z / temperature``.

        Parameters
        ----------
        z : array_like
            The mask of a masked array acts as ``where``; results of its shape keep the mask.
        axis : int
            The axis that the rows run along.
        where : array_like of bool, optional
            False where an entry does not take part; broadcast to the shape of ``z``.
        temperature : float
        out : ndarray, optional
        """
        if type(z) is np.ndarray and where is None and temperature is UNTEMPERED and self._plain:
            try:
                return self._plain(z, axis=axis, out=out)
            except REFUSALS:
                pass  # the long way finds the reason
        return self._run(
            (self._plain, self._general), self.name, {"z": z}, axis, where, temperature, out
        )

    def backward(
        self,
        saved: Any,
        grad: Any,
        /,
        *,
        axis: int = -1,
        where: Any = None,
        temperature: float = UNTEMPERED,
        out: Any = None,
    ) -> Any:
        """Return the gradient at ``z``.

        Parameters
        ----------
        saved : array_like
            What the function returned, or for `logsumexp` and `logmeanexp` its input.
        grad : array_like
            Upstream gradient, of the shape of the result.
        axis, where, temperature
            Those of the call.
        out : ndarray, optional
        """
        arrays = type(saved) is type(grad) is np.ndarray
        if arrays and where is None and temperature is UNTEMPERED and self._backward:
            try:
                shape = rows_of(saved, axis) if self.reduces else saved.shape
                if grad.shape == shape:
                    return self._backward(saved, grad, axis=axis, out=out)
            except REFUSALS:
                pass
        operands = {self.saved: saved, "grad": grad}
        kernels = (self._backward, self._backward_general)
        return self._run(kernels, f"{self.name}.backward", operands, axis, where, temperature, out)

    def _run(
        self,
        kernels: tuple[np.ufunc | None, np.ufunc | None],
        function: str,
        operands: dict[str, Any],
        axis: Any,
        where: Any,
        temperature: Any,
        out: Any,
        extra: tuple[float, ...] = (),
    ) -> Any:
        """Call the plain kernel, or the general one if the arguments ask for it."""
        values = operands.values() if where is None else (*operands.values(), where)
        library = library_of(*values)
        if library is not None:
            formula = self._elsewhere and self._elsewhere["grad" in operands]
            return self._run_elsewhere(
                library, formula, function, operands, axis, where, temperature, out
            )
        plain, general = kernels
        first, *others = operands.values()
        mask = masked_entries(first)
        if "grad" in operands:
            self._check_grad(function, operands, axis)
        learn_bfloat16((first, *others))
        untempered = isinstance(temperature, float) and temperature == 1
        if plain and where is None and mask is None and untempered:
            ufunc, arguments = plain, (first, *others)
            call = f"{function}({', '.join(operands)}, axis={axis})"
        else:
            assert general
            ufunc = general
            call = describe(function, operands, axis, where, temperature)
            shape = np.shape(first)
            normalise_axis(call, axis, shape)
            present = present_entries(call, where, mask, shape)
            factor = self._sign * check_temperature(call, temperature)
            if mask is not None:
                first = np.ma.getdata(first)
            arguments = (first, present, *others, factor, *extra)
        try:
            result = ufunc(*arguments, axis=axis, out=out)
        except NotImplementedError as error:
            kind = next((type(v) for v in operands.values() if has_own_ufuncs(v)), type(first))
            raise InputTypeError(
                f"{call}: got {kind.__module__.partition('.')[0]}'s {kind.__name__}, which takes no "
                "functions of rows; convert it first, for example with numpy.asarray."
            ) from error
        except REFUSALS as error:
            try:
                shape = np.shape(first)
            except ValueError:  # a ragged list
                raise explain(call, error, operands, out) from error
            axis = normalise_axis(call, axis, shape)
            if self.reduces and "grad" not in operands:
                shape = shape[:axis] + shape[axis + 1 :]
            raise explain(call, error, operands, out, shape) from error
        if mask is not None and out is None and result.shape == mask.shape:
            return np.ma.MaskedArray(result, mask)
        return result

    def _run_elsewhere(
        self,
        library: Any,
        formula: Formula | None,
        function: str,
        operands: dict[str, Any],
        axis: Any,
        where: Any,
        temperature: Any,
        out: Any,
    ) -> Any:
        """Compute the formula with the functions of another library."""
        call = describe(function, operands, axis, where, temperature)
        if formula is None:
            raise InputTypeError(
                f"{call}: not available for arrays of {library.__name__}; convert them to NumPy first, "
                "for example with numpy.asarray (a tensor with a gradient: tensor.detach().numpy())."
            )
        factor = self._sign * check_temperature(call, temperature)
        backward = "grad" in operands
        if backward:
            self._check_grad(function, operands, axis)
        numbers = {k: v for k, v in operands.items() if k == "grad" and isinstance(v, (int, float))}

        def of_rows(_: Any, first: Any, *arrays: Any) -> Any:
            along = normalise_axis(call, axis, tuple(first.shape))
            present = None
            if where is not None:
                present = library.asarray(where) if library_of(where) is None else where
                if "bool" not in str(present.dtype):
                    raise TypeError(f"where has dtype {present.dtype}; expected booleans")
                present = library.broadcast_to(present, first.shape)
            if self.saved == "z" or not backward:
                first = first / factor
            if not backward:
                result = formula(library, first, along, present)
                return (
                    library.reshape(result, kept(result.shape, along, False))
                    if self.reduces
                    else result
                )
            (grad,) = arrays or numbers.values()  # a number stays one and has no dtype to impose
            if self.reduces and np.shape(grad):
                grad = library.reshape(grad, kept(first.shape, along))
            return formula(library, first, grad, along, present) / factor

        inputs = tuple(v for k, v in operands.items() if k not in numbers)
        try:
            return compute(library, of_rows, inputs, (), {} if out is None else {"out": out})
        except RheobaseError:
            raise
        except (TypeError, ValueError, RuntimeError, IndexError) as error:
            raise explain(call, error, operands, out, library=library) from error

    def _check_grad(self, function: str, operands: dict[str, Any], axis: Any) -> None:
        """Refuse an upstream gradient that would enlarge the result by broadcasting."""
        try:
            grad, result = (tuple(np.shape(operands[k])) for k in ("grad", self.saved))
        except ValueError:  # a ragged list, which the ufunc refuses
            return
        if grad == () or (not self.reduces and grad == result):
            return
        call = f"{function}({', '.join(operands)}, axis={axis})"
        if self.reduces:
            axis = normalise_axis(call, axis, result)
            result = result[:axis] + result[axis + 1 :]
        if grad != result:
            raise InputError(
                f"{call}: grad has shape {grad}; expected {result}, that of the result."
            )

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


def rows_of(z: NDArray[Any], axis: int) -> tuple[int, ...]:
    """Return the shape of one result a row."""
    return z.shape[:axis] + z.shape[axis:][1:]


def describe(function: str, operands: Any, axis: Any, where: Any, temperature: Any) -> str:
    """Return the call as the user would write it."""
    words = [*operands, f"axis={axis}"]
    if where is not None:
        words.append("where=…")
    if not (isinstance(temperature, float) and temperature == 1):
        words.append(f"temperature={temperature!r}")
    return f"{function}({', '.join(words)})"


def masked_entries(z: Any) -> NDArray[np.bool_] | None:
    """Return the full mask of a masked array, None for any other object."""
    if type(z) is np.ndarray or "numpy.ma" not in sys.modules:
        return None
    return np.ma.getmaskarray(z) if isinstance(z, np.ma.MaskedArray) else None


def present_entries(
    call: str, where: Any, mask: NDArray[np.bool_] | None, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Return the entries that take part, as booleans of the shape."""
    present: NDArray[Any] = np.asarray(True if where is None else where)
    if present.dtype != np.bool_:
        raise InputTypeError(
            f"{call}: where has dtype {present.dtype}; expected booleans, True where an entry takes part."
        )
    try:
        present = np.broadcast_to(present, shape)
    except ValueError:
        raise InputError(
            f"{call}: where has shape {present.shape}; expected {shape}, or what broadcasts to it."
        ) from None
    return present if mask is None else present & ~mask


def check_temperature(call: str, temperature: Any) -> float:
    """Return the temperature as a float, or say what is wrong with it."""
    if isinstance(temperature, (bool, np.bool_)) or not isinstance(
        temperature, (int, float, np.integer, np.floating)
    ):
        raise InputTypeError(f"{call}: temperature is {temperature!r}; expected a positive number.")
    least, most = TEMPERATURES
    if not least <= temperature <= most:
        raise InputError(
            f"{call}: temperature is {temperature!r}; expected a positive number, {least} to {most}."
        )
    return float(temperature)
