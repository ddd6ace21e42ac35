"""Fixes, as code for a model in PyTorch."""

from __future__ import annotations

from ..health import NEVER_FLAT, WITHOUT_DEAD_ZONE, Advice

TORCH = Advice(
    scale="scale the inputs: x = (x - mean) / std  # of the training data",
    gain="start the weights before it anew: torch.nn.init.normal_(w, std=rheobase.gain({f}) / w[0].numel() ** 0.5)",
    depth="start each layer from its own gain: "
    "rheobase.torch.swap(model, {{f}: {f}}, reinitialise=True)",
    rate='train anew at a tenth of the learning rate: for g in optimizer.param_groups: g["lr"] /= 10',
    clip="clip the gradient: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # before optimizer.step()",
    living=f"take a function without a dead zone ({' or '.join(WITHOUT_DEAD_ZONE)}): "
    'model.set_submodule("{layer}", torch.nn.LeakyReLU())  # or where it is called',
    steep="take a function that does not flatten: "
    f'rheobase.torch.swap(model, {{{{f}}: "{NEVER_FLAT}"}}, reinitialise=True)',
    normalise="normalise the pre-activations: torch.nn.LayerNorm or BatchNorm2d before the function",
    biases="start the biases before it from 0 and not below: torch.nn.init.zeros_(b)",
)
