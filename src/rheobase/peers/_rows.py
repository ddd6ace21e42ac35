"""The table of peers: functions of rows; ``axis`` is their parameter."""

from __future__ import annotations

from math import log

from ._peers import Peers

ROWS: dict[str, Peers] = {
    "softmax": Peers(
        torch=lambda t, z, axis, **o: t.softmax(z, axis, **o),
        torch_backward=lambda a, g, z, y, into, axis: a._softmax_backward_data.out(
            g, y, axis, z.dtype, grad_input=into
        ),
        jax=lambda j, z, axis: j.nn.softmax(z, axis),
        onnx="y = Softmax<axis: int = {axis}>(z)",
        scipy=lambda n, s, z, y, axis: s.softmax(z, axis),
        inputs=("z",),
    ),
    "softmin": Peers(
        torch=lambda t, z, axis, **o: t.softmax(t.neg(z, **o), axis, **o),
        torch_composed=True,
        jax=lambda j, z, axis: j.nn.softmax(-z, axis),
        onnx="n = Neg(z) y = Softmax<axis: int = {axis}>(n)",
        scipy=lambda n, s, z, y, axis: s.softmax(-z, axis),
        inputs=("z",),
    ),
    "log_softmax": Peers(
        torch=lambda t, z, axis, **o: t.log_softmax(z, axis, **o),
        torch_backward=lambda a, g, z, y, into, axis: a._log_softmax_backward_data.out(
            g, y, axis, z.dtype, out=into
        ),
        jax=lambda j, z, axis: j.nn.log_softmax(z, axis),
        onnx="y = LogSoftmax<axis: int = {axis}>(z)",
        scipy=lambda n, s, z, y, axis: s.log_softmax(z, axis),
        inputs=("z",),
    ),
    "logsumexp": Peers(
        torch=lambda t, z, axis, **o: t.logsumexp(z, axis, **o),
        jax=lambda j, z, axis: j.nn.logsumexp(z, axis),
        onnx="i = Constant<value_ints: ints = [{axis}]>() y = ReduceLogSumExp<keepdims: int = 0>(z, i)",
        scipy=lambda n, s, z, y, axis: s.logsumexp(z, axis),
        inputs=("z",),
    ),
    "logmeanexp": Peers(
        torch=lambda t, z, axis, **o: t.sub(t.logsumexp(z, axis, **o), log(z.shape[axis]), **o),
        torch_composed=True,
        jax=lambda j, z, axis: j.nn.logmeanexp(z, axis),
        scipy=lambda n, s, z, y, axis: s.logsumexp(z, axis) - log(z.shape[axis]),
        inputs=("z",),
    ),
    "hardmax": Peers(
        torch=lambda t, z, axis, **o: (o["out"].zero_() if o else t.zeros_like(z)).scatter_(
            axis, z.argmax(axis, keepdim=True), 1
        ),
        torch_composed=True,
        jax=lambda j, z, axis: j.nn.one_hot(
            z.argmax(axis), z.shape[axis], axis=axis, dtype=z.dtype
        ),
        onnx="y = Hardmax<axis: int = {axis}>(z)",
        inputs=("z",),
    ),
    "sparsemax": Peers(inputs=("z",)),
    "cross_entropy": Peers(
        torch=lambda t, z, target, axis, **_: t.nn.functional.cross_entropy(
            z.movedim(axis, -1), target, reduction="none"
        ),
        torch_composed=True,
        jax=lambda j, z, target, axis: (
            -j.numpy.take_along_axis(
                j.nn.log_softmax(z, axis), j.numpy.expand_dims(target, axis), axis
            ).squeeze(axis)
        ),
        onnx='y = SoftmaxCrossEntropyLoss<reduction: string = "none">(z, target)',
        scipy=lambda n, s, z, target, y, axis: (
            -n.take_along_axis(s.log_softmax(z, axis), n.expand_dims(target, axis), axis).squeeze(
                axis
            )
        ),
        inputs=("z", "target"),
    ),
}
