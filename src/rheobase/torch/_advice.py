"""Fixes, as code for a model in PyTorch."""

from __future__ import annotations

from ..health import NEVER_FLAT, WITHOUT_DEAD_ZONE, Advice

_CLASSES = {"leaky_relu": "torch.nn.LeakyReLU()", "elu": "torch.nn.ELU()"}
_IN_PLACE = 'model.set_submodule("{layer}", %s), or the like where the function is called'

TORCH = Advice(
    scale="scale the inputs: x = (x - mean) / std, of the training data",
    gain="start the weights before it anew: torch.nn.init.normal_(w, std=rheobase.gain(f) / w[0].numel() ** 0.5)",
    depth="start each layer from its own gain: torch.nn.init.normal_(w, std=rheobase.gain(f) / w[0].numel() ** 0.5)",
    rate='train anew at a tenth of the learning rate: for g in optimizer.param_groups: g["lr"] /= 10',
    clip="clip the gradient: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) before optimizer.step()",
    living="take a function without a dead zone: "
    + _IN_PLACE % " or ".join(_CLASSES[name] for name in WITHOUT_DEAD_ZONE),
    steep="take a function that does not flatten: " + _IN_PLACE % _CLASSES[NEVER_FLAT],
    normalise="normalise the pre-activations: torch.nn.LayerNorm or BatchNorm2d before the function",
    biases="start the biases before it from 0 and not below: torch.nn.init.zeros_(b)",
)
