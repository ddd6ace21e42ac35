"""Dense networks with a leading replica axis: many networks train in the same NumPy calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .._activation import Activation
from .._errors import InputError
from ..catalog import ActivationLike, is_one
from ..catalog import activation as find_activation
from ..gain import gain, gains
from ._dropout import Dropout
from ._heads import Head, find_head
from ._layer import Dense, LayerShape

Array = NDArray[Any]

BLOCK = 256  # rows of one forward pass over data of any length
_KEPT = 4  # batch sizes whose buffers are kept: full and last batch, probe, validation


class Pass:
    """The arrays of one forward and backward pass, a list entry per layer.

    ``z`` are pre-activations, ``a`` outputs (hidden layers only) and ``gradient`` the gradients of
    the mean loss at the pre-activations, each (replicas, rows, units).
    """

    def __init__(self, replicas: int, rows: int, units: Sequence[int], dtype: DTypeLike) -> None:
        self.z, self.a, self.gradient = (
            [np.empty((replicas, rows, width), dtype) for width in widths]
            for widths in (units, units[:-1], units)
        )


class Network:
    """Dense networks of one shape that train side by side, one per replica.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs.
    activations : str, Activation, pair of callables, or sequence of them
        Of the hidden layers; one for all or one for each. A tuple of two callables is value and
        derivative, as in `custom`.
    head : {"softmax", "sigmoid", "identity"} or Head, default "softmax"
        Softmax with cross-entropy (targets are class numbers), sigmoid with binary cross-entropy (0
        and 1) or identity with half the squared error (real numbers). The loss is summed over
        outputs and averaged over samples.
    replicas : int, default 1
    dtype : {float32, float64}, default float32
    seed : int or sequence of int, default 0
        One for all replicas or one for each. Replicas of one seed start from the same normal draw,
        whatever their activations.
    layer_norm : bool, default False
        Normalise the pre-activations of each hidden layer over its units, sample by sample.
    trainable_activations : bool, default False
        Train the parameters of the activations too, one value of each for a layer: with `leaky_relu`
        this is PReLU. They start from what the activation is bound to.

    Attributes
    ----------
    parameters, gradients : ndarray, shape (replicas, P)
        Everything that is learned and its gradient; the layers are views into them.
    layers : tuple of Dense
    seeds : tuple of int

    Notes
    -----
    Weights are normal with standard deviation ``gain / sqrt(inputs)``, the gain of the activation that
    follows them, at the variance that pre-activations have in their layer (`rheobase.gain.gains`). An
    activation without slope and the last layer take gain 1. Biases are 0.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    >>> network = rb.Network([2, 8, 2], "tanh", replicas=3, seed=[0, 1, 2])
    >>> history = rb.train(network, rb.Adam(0.05), X, y, epochs=100, batch_size=4)
    >>> network.score(X, y)
    array([1., 1., 1.])
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activations: ActivationLike | Sequence[ActivationLike],
        *,
        head: str | Head = "softmax",
        replicas: int = 1,
        dtype: DTypeLike = np.float32,
        seed: int | Sequence[int] = 0,
        layer_norm: bool = False,
        trainable_activations: bool = False,
    ) -> None:
        self.sizes = _check_sizes(sizes)
        hidden = len(self.sizes) - 2
        each: Any = activations
        if is_one(activations):
            each = [hidden_activation(activations)] * hidden
        if len(each) != hidden:
            raise InputError(
                f"Network: got {len(each)} activations for {hidden} hidden layers; "
                "give one, or one for each."
            )
        self.activations = tuple(map(hidden_activation, each))
        if layer_norm and 1 in self.sizes[1:-1]:
            raise InputError(
                f"Network: sizes are {self.sizes} with layer_norm=True; expected hidden layers of two "
                "units at least, as normalising a single one leaves nothing of it."
            )
        self.head = find_head(head)
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise InputError(f"Network: dtype is {self.dtype}; expected float32 or float64.")
        if not isinstance(replicas, (int, np.integer)) or replicas < 1:
            raise InputError(
                f"Network: replicas is {replicas!r}; expected an integer of 1 or more."
            )
        self.replicas = int(replicas)
        self.seeds = _check_seeds(seed, self.replicas)

        shapes = list(zip(self.sizes[:-1], self.sizes[1:], (*self.activations, None), strict=True))
        self._shapes = [
            LayerShape(
                inputs,
                units,
                function,
                layer_norm and function is not None,
                len(function.params) if trainable_activations and function else 0,
            )
            for inputs, units, function in shapes
        ]
        size = sum(shape.size for shape in self._shapes)
        self.parameters = np.zeros((self.replicas, size), self.dtype)
        self.gradients = np.zeros_like(self.parameters)
        self.layers = self.view(self.parameters, self.gradients)
        self._passes: dict[int, Pass] = {}
        self._initialise(layer_norm)

    def view(self, parameters: Array, gradients: Array) -> tuple[Dense, ...]:
        """Return the layers as views into buffers like ``parameters`` and ``gradients``."""
        ends = np.cumsum([shape.size for shape in self._shapes])[:-1]
        buffers = (np.split(buffer, ends, axis=1) for buffer in (parameters, gradients))
        return tuple(map(Dense, self._shapes, *buffers))

    def __getstate__(self) -> dict[str, Any]:
        # Views would come back as copies, cut off from the buffers.
        return self.__dict__ | {"layers": (), "_passes": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.layers = self.view(self.parameters, self.gradients)

    def sharing(self) -> Network:
        """Return a network of the same parameters, with gradients and passes of its own."""
        other = Network.__new__(Network)
        gradients = np.zeros(self.gradients.shape, self.dtype)
        other.__setstate__(self.__dict__ | {"gradients": gradients, "_passes": {}})
        return other

    def _initialise(self, layer_norm: bool) -> None:
        # Normalised pre-activations have the variance that `gain` supposes.
        factors = list(map(gain, self.activations)) if layer_norm else gains(self.activations)
        scales = [factor if 0 < factor < inf else 1.0 for factor in (*factors, 1.0)]
        for replica, seed in enumerate(self.seeds):
            rng = np.random.default_rng(seed)
            for layer, scale in zip(self.layers, scales, strict=True):
                draw = rng.standard_normal(layer.weights.shape[1:])
                layer.weights[replica] = draw * (scale / sqrt(len(draw)))
        for layer in self.layers:
            layer.reset()

    # ---- Use ----

    def functions(self, replica: int = 0) -> tuple[Activation, ...]:
        """Return the activations of the hidden layers, with the parameters that a replica has learned."""
        return tuple(
            layer.learned.bound(replica) if layer.learned else layer.activation
            for layer in self.layers
            if layer.activation
        )

    def __call__(self, X: Any, /) -> Array:
        """Return probabilities or values, shape (replicas, samples, outputs)."""
        return self.head.output(self.logits(X))

    def predict(self, X: Any) -> Array:
        """Return classes or values, shape (replicas, samples) or (replicas, samples, outputs)."""
        return self.head.predict(self.logits(X))

    def score(self, X: Any, y: Any) -> Array:
        """Return the accuracy, or R² of the identity head, of each replica."""
        X, target = self.check(X, y)
        with np.errstate(all="ignore"):
            return self.head.score(self.logits(X), target)

    def logits(self, X: Any) -> Array:
        """Return the last layer's pre-activations, shape (replicas, samples, outputs).

        ``X`` is (samples, inputs), the same for every replica, or (replicas, samples, inputs).
        Several threads may call it at a time.
        """
        X = self._check_inputs(X)
        z = np.empty((self.replicas, X.shape[-2], self.sizes[-1]), self.dtype)
        own = self.sharing()
        for rows in blocks(X.shape[-2]):
            z[:, rows] = own.forward(X[..., rows, :]).z[-1]
        return z

    def loss(self, X: Any, y: Any) -> Array:
        """Return the mean loss of each replica and leave its gradient in ``gradients``."""
        X, target = self.check(X, y)
        return self.backward(X, target)[0]

    # ---- One pass, unchecked: the arguments are arrays of the network's dtype ----

    def forward(self, x: Array, dropout: Dropout | None = None) -> Pass:
        """Fill the pre-activations and outputs.

        ``x`` is (rows, inputs) or (replicas, rows, inputs). The arrays belong to the
        network; the next pass with as many rows overwrites them.
        """
        current = self._pass(x.shape[-2])
        with np.errstate(all="ignore"):
            for k, layer in enumerate(self.layers):
                z = layer.forward(x, current.z[k])
                if layer.activation:
                    x = layer.activate(z, current.a[k])
                    if dropout:
                        dropout.forward(k, x)
        return current

    def backward(
        self,
        x: Array,
        target: Array,
        weights: Array | None = None,
        dropout: Dropout | None = None,
        scale: float = 1.0,
    ) -> tuple[Array, Pass]:
        """Fill ``gradients`` from inputs and encoded targets; return mean losses and the pass.

        ``weights``, (rows,) or (replicas, rows), weigh the mean; ``scale`` multiplies all gradients.
        """
        current = self.forward(x, dropout)
        with np.errstate(all="ignore"):
            z, gradient = current.z[-1], current.gradient[-1]
            losses = self.head.loss(z, target, gradient)
            self.head.backward(z, target, gradient)
            if weights is None:
                loss = losses.mean(axis=-1)
            else:
                total = weights.sum(axis=-1, keepdims=True)
                share = weights / np.where(total > 0, total, 1)  # all 0: nothing to learn from
                loss = (losses * share).sum(axis=-1)
                gradient *= (share * share.shape[-1]).astype(self.dtype)[..., None]
            if scale != 1:
                np.multiply(gradient, scale, out=gradient)
            for k in range(len(self.layers) - 1, 0, -1):
                below = current.gradient[k - 1]
                self.layers[k].backward(current.a[k - 1], current.gradient[k], below)
                if dropout:
                    dropout.backward(k - 1, below)
                self.layers[k - 1].activate_backward(current.z[k - 1], below)
            self.layers[0].backward(x, current.gradient[0], None)
        return loss, current

    def confine(self) -> None:
        """Take back what a step did to trained parameters of activations without meaning there."""
        for layer in self.layers:
            if layer.learned:
                layer.learned.confine()

    def _pass(self, rows: int) -> Pass:
        current = self._passes.pop(rows, None)
        if current is None:
            current = Pass(self.replicas, rows, self.sizes[1:], self.dtype)
        self._passes[rows] = current  # last: the most recent
        if len(self._passes) > _KEPT:
            del self._passes[next(iter(self._passes))]
        return current

    # ---- Checks ----

    def check(self, X: Any, y: Any) -> tuple[Array, Array]:
        """Return inputs in the network's dtype and targets as its head encodes them."""
        X = self._check_inputs(X)
        target = self.head.encode(y, self.sizes[-1], self.dtype)
        if len(target) != X.shape[-2]:
            raise InputError(f"Network: X has {X.shape[-2]} samples and y has {len(target)}.")
        return X, target

    def _check_inputs(self, X: Any) -> Array:
        X = np.asarray(X)
        wanted = f"(samples, {self.sizes[0]}) or ({self.replicas}, samples, {self.sizes[0]})"
        if X.dtype.kind not in "fiub":
            raise InputError(f"Network: X has dtype {X.dtype}; expected numbers of shape {wanted}.")
        if (
            X.ndim not in (2, 3)
            or X.shape[-1] != self.sizes[0]
            or X.shape[:-2]
            not in (
                (),
                (self.replicas,),
            )
        ):
            raise InputError(f"Network: X has shape {X.shape}; expected {wanted}.")
        if not X.shape[-2]:
            raise InputError("Network: X has no samples.")
        with np.errstate(all="ignore"):
            X = X.astype(self.dtype, copy=False)
        if not np.isfinite(X).all():
            raise InputError(
                f"Network: X holds NaN or infinity in {self.dtype}; expected finite numbers."
            )
        return np.asarray(X)


def blocks(rows: int) -> Iterator[slice]:
    """Slices of at most `BLOCK` rows."""
    return (slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK))


def hidden_activation(activation: ActivationLike) -> Activation:
    """Return the activation, or say that it has no value for some pre-activations."""
    found = find_activation(activation)
    low, high = found.facts.domain
    if (low, high) != (-inf, inf):
        raise InputError(
            f"{found!r} is defined on [{low:g}, {high:g}] only: it cannot be the activation of a "
            "hidden layer, whose pre-activations are any real numbers."
        )
    return found


def _check_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    if (
        np.ndim(sizes) != 1
        or len(sizes) < 2
        or any(not isinstance(n, (int, np.integer)) or n < 1 for n in sizes)
    ):
        raise InputError(
            f"Network: sizes are {sizes!r}; expected two or more positive integers: inputs, units "
            "of each hidden layer, outputs."
        )
    return tuple(int(n) for n in sizes)


def _check_seeds(seed: int | Sequence[int], replicas: int) -> tuple[int, ...]:
    seeds = np.asarray(seed)
    if seeds.shape not in ((), (replicas,)) or seeds.dtype.kind not in "iu" or (seeds < 0).any():
        raise InputError(
            f"Network: seed is {seed!r:.60}; expected an integer of 0 or more, or one for each of "
            f"the {replicas} replicas."
        )
    return tuple(int(s) for s in np.broadcast_to(seeds, replicas))
