"""How each library is called: on NumPy arrays, and on memory prepared for a timing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._errors import require
from ._peers import Peers

Array = NDArray[Any]
Params = Mapping[str, float]
Run = Callable[[], object]


class Library(Protocol):
    """One library.  Every method returns None where it does not have the function."""

    version: str
    refusals: tuple[type[Exception], ...]  # what it raises for a dtype that it does not take

    def value(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        """Return the function on NumPy arrays."""

    def derivative(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        """Return the gradient by its first inputs on NumPy arrays, the upstream gradient being ones."""

    def value_run(
        self, peers: Peers, params: Params, inputs: Sequence[Array], out: Array, threads: int
    ) -> Run | None:
        """Return a call without arguments that computes the value."""

    def backward_run(
        self,
        peers: Peers,
        params: Params,
        inputs: Sequence[Array],
        grad: Array,
        outs: Sequence[Array],
        threads: int,
    ) -> Run | None:
        """Return a call without arguments that computes the gradient at every floating input."""

    def composed(self, peers: Peers, part: str) -> bool:
        """Return whether several eager passes stand for the value or the backward (``part``)."""


class Torch:
    """PyTorch, eager: its own operators with ``out``, compositions and autograd where there are none."""

    refusals: tuple[type[Exception], ...] = (RuntimeError, TypeError)

    def __init__(self) -> None:
        self._torch = require("test", "torch")
        self.version: str = self._torch.__version__

    def _tensor(self, array: Array) -> Any:
        if array.dtype.name == "bfloat16":  # unknown to from_numpy
            return self._torch.from_numpy(array.view(np.int16)).view(self._torch.bfloat16)
        return self._torch.from_numpy(array)

    def _array(self, tensor: Any) -> Array:
        tensor = tensor.detach()
        if tensor.dtype == self._torch.bfloat16:
            bfloat16 = require("test", "ml_dtypes").bfloat16
            result: Array = tensor.view(self._torch.int16).numpy().view(bfloat16)
        else:
            result = tensor.numpy()
        return result

    def value(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        f = peers.torch
        if f is None:
            return None
        return lambda *inputs: self._array(f(self._torch, *map(self._tensor, inputs), **params))

    def _recorded(
        self, peers: Peers, params: Params, inputs: Sequence[Array]
    ) -> tuple[list[Any], Any]:
        """The floating inputs as leaves, and the value with its graph."""
        assert peers.torch is not None
        tensors = [self._tensor(array) for array in inputs]
        leaves = [t.detach().requires_grad_() for t in tensors if t.is_floating_point()]
        return leaves, peers.torch(self._torch, *leaves, *tensors[len(leaves) :], **params)

    def derivative(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        if peers.torch is None:
            return None

        def gradient(*inputs: Array) -> Any:
            leaves, y = self._recorded(peers, params, inputs)
            found = self._torch.autograd.grad(y, leaves, self._torch.ones_like(y))
            return _one_or_all([self._array(tensor) for tensor in found])

        return gradient

    def value_run(
        self, peers: Peers, params: Params, inputs: Sequence[Array], out: Array, threads: int
    ) -> Run | None:
        f, torch = peers.torch, self._torch
        if f is None:
            return None
        torch.set_num_threads(threads)
        tensors, out = [self._tensor(array) for array in inputs], self._tensor(out)
        return lambda: f(torch, *tensors, out=out, **params)

    def backward_run(
        self,
        peers: Peers,
        params: Params,
        inputs: Sequence[Array],
        grad: Array,
        outs: Sequence[Array],
        threads: int,
    ) -> Run | None:
        torch, backward = self._torch, peers.torch_backward
        if peers.torch is None:
            return None
        torch.set_num_threads(threads)
        upstream = self._tensor(grad)
        if backward is not None:
            tensors = [self._tensor(array) for array in inputs]
            saved = (peers.torch_saved or peers.torch)(torch, *tensors, **params)
            into = _one_or_all([self._tensor(out) for out in outs])
            return lambda: backward(torch.ops.aten, upstream, *tensors, saved, into, **params)
        leaves, y = self._recorded(peers, params, inputs)
        return lambda: torch.autograd.grad(y, leaves, upstream, retain_graph=True)

    def composed(self, peers: Peers, part: str) -> bool:
        return peers.torch_composed or (part == "backward" and peers.torch_backward is None)


class Jax:
    """JAX under ``jit``, on device arrays.  It has no ``out``: a result is new memory, as always there."""

    refusals: tuple[type[Exception], ...] = (TypeError, ValueError)

    def __init__(self) -> None:
        self._jax = require("test", "jax")
        self.version: str = self._jax.__version__

    def _compiled(self, peers: Peers, params: Params) -> tuple[Any, Any]:
        """The function, and its gradient from floating inputs and upstream gradient."""
        jax, f = self._jax, peers.jax
        assert f is not None

        def value(*inputs: Any) -> Any:
            return f(jax, *inputs, **params)

        def gradient(inputs: tuple[Any, ...], grad: Any) -> Any:
            floats = [x for x in inputs if jax.numpy.issubdtype(x.dtype, jax.numpy.floating)]
            rest = inputs[len(floats) :]
            return jax.vjp(lambda *given: value(*given, *rest), *floats)[1](grad)

        return jax.jit(value), jax.jit(gradient)

    def value(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        if peers.jax is None:
            return None
        f, _ = self._compiled(peers, params)

        def value(*inputs: Array) -> Array:
            with self._jax.enable_x64(True):
                return np.asarray(f(*inputs))

        return value

    def derivative(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        if peers.jax is None:
            return None
        f, gradient = self._compiled(peers, params)

        def derivative(*inputs: Array) -> Any:
            with self._jax.enable_x64(True):
                shaped = self._jax.eval_shape(f, *inputs)
                ones = np.ones(shaped.shape, shaped.dtype)
                return _one_or_all([np.asarray(part) for part in gradient(inputs, ones)])

        return derivative

    def value_run(
        self, peers: Peers, params: Params, inputs: Sequence[Array], out: Array, threads: int
    ) -> Run | None:
        if peers.jax is None:
            return None
        f, _ = self._compiled(peers, params)
        arrays = [self._jax.device_put(array) for array in inputs]
        return lambda: f(*arrays).block_until_ready()

    def backward_run(
        self,
        peers: Peers,
        params: Params,
        inputs: Sequence[Array],
        grad: Array,
        outs: Sequence[Array],
        threads: int,
    ) -> Run | None:
        if peers.jax is None:
            return None
        _, gradient = self._compiled(peers, params)
        arrays = tuple(self._jax.device_put(array) for array in inputs)
        upstream = self._jax.device_put(grad)
        return lambda: self._jax.block_until_ready(gradient(arrays, upstream))

    def composed(self, peers: Peers, part: str) -> bool:
        return False  # XLA fuses


class OnnxRuntime:
    """ONNX Runtime's CPU provider; it has no gradients."""

    def __init__(self) -> None:
        self._onnx = require("test", "onnx")
        self._runtime = require("test", "onnxruntime")
        state = require("test", "onnxruntime.capi.onnxruntime_pybind11_state")
        self.refusals: tuple[type[Exception], ...] = (
            *(state.NotImplemented, state.InvalidGraph, state.Fail, RuntimeError),
            KeyError,  # bfloat16 arrays are unknown to its Python side
        )
        self.version: str = self._runtime.__version__

    def _session(
        self, peers: Peers, params: Params, dtypes: Sequence[np.dtype[Any]], threads: int
    ) -> Any:
        assert peers.onnx is not None
        onnx = self._onnx
        kinds = [onnx.helper.np_dtype_to_tensor_dtype(dtype) for dtype in dtypes]
        constants: list[Array] = []

        def constant(match: re.Match[str]) -> str:
            constants.append(np.asarray(float(match[1]), dtypes[0]))
            return f"c{len(constants) - 1}"

        nodes = re.sub(r"\$\((.*?)\)", constant, peers.onnx.format(**params))
        model = onnx.parser.parse_model(
            f'<ir_version: 10, opset_import: ["": 22, "com.microsoft": 1]> g () => () {{ {nodes} }}'
        )
        for name, kind in zip(peers.inputs, kinds, strict=True):
            model.graph.input.append(onnx.helper.make_tensor_value_info(name, kind, None))
        model.graph.output.append(onnx.helper.make_tensor_value_info("y", kinds[0], None))
        for k, value in enumerate(constants):
            model.graph.initializer.append(onnx.numpy_helper.from_array(value, f"c{k}"))
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # a refusal is an answer, not news
        return self._runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def value(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        if peers.onnx is None:
            return None

        @cache
        def session(*dtypes: np.dtype[Any]) -> Any:
            return self._session(peers, params, dtypes, threads=0)

        def value(*inputs: Array) -> Array:
            feed = dict(zip(peers.inputs, inputs, strict=True))
            result: Array = session(*(x.dtype for x in inputs)).run(None, feed)[0]
            return result

        return value

    def derivative(self, peers: Peers, params: Params) -> None:
        return None

    def value_run(
        self, peers: Peers, params: Params, inputs: Sequence[Array], out: Array, threads: int
    ) -> Run | None:
        if peers.onnx is None:
            return None
        session = self._session(peers, params, [x.dtype for x in inputs], threads)
        binding, ort_value = session.io_binding(), self._runtime.OrtValue.ortvalue_from_numpy
        for name, array in zip(peers.inputs, inputs, strict=True):
            binding.bind_ortvalue_input(name, ort_value(array))
        binding.bind_ortvalue_output("y", ort_value(out))
        return lambda: session.run_with_iobinding(binding)

    def backward_run(self, *_: Any) -> None:
        return None

    def composed(self, peers: Peers, part: str) -> bool:
        return peers.onnx is not None and peers.onnx.count("=") - peers.onnx.count(": ") > 1


class SciPy:
    """NumPy and SciPy: the expression that a user would write, with ``out`` in every pass; one thread."""

    refusals: tuple[type[Exception], ...] = (TypeError, ValueError)

    def __init__(self) -> None:
        self._special = require("test", "scipy.special")
        self.version: str = f"{require('test', 'scipy').__version__}, NumPy {np.__version__}"

    def value(self, peers: Peers, params: Params) -> Callable[..., Any] | None:
        f = peers.scipy
        if f is None:
            return None

        def value(*inputs: Array) -> Array:
            with np.errstate(all="ignore"):
                result: Array = f(np, self._special, *inputs, None, **params)
                return result

        return value

    def derivative(self, peers: Peers, params: Params) -> None:
        return None

    def value_run(
        self, peers: Peers, params: Params, inputs: Sequence[Array], out: Array, threads: int
    ) -> Run | None:
        f = peers.scipy
        return f and (lambda: f(np, self._special, *inputs, out, **params))

    def backward_run(self, *_: Any) -> None:
        return None

    def composed(self, peers: Peers, part: str) -> bool:
        return True


def _one_or_all(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else parts
