"""Largest error in ULP of every function and derivative, beside torch's, on the same inputs.

    python benchmarks/accuracy.py [--samples 4194304]

float32, evenly spaced bit patterns of all finite numbers, against the long-double oracle.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

import rheobase as rb
from rheobase import _native
from rheobase._oracle import bit_spaced, extended, ulp_errors


def torch_results(name: str, x: np.ndarray) -> dict[str, np.ndarray]:
    """Value and derivative as torch computes them."""
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "elu": torch.nn.functional.elu,
    }
    if name not in functions:
        return {}
    inputs = torch.from_numpy(x).requires_grad_()
    outputs = functions[name](inputs)
    outputs.sum().backward()
    return {"value": outputs.detach().numpy(), "derivative": inputs.grad.numpy()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1 << 22)
    x = bit_spaced("float32", parser.parse_args().samples)
    print(f"{len(x):,} inputs, instruction set {_native.isa}, torch {torch.__version__}\n")
    print("| function | part | rheobase | torch |\n|---|---|---|---|")
    for name, function in rb.catalog.items():
        ours = {"value": function(x), "derivative": function.derivative(x)}
        theirs = torch_results(name, x)
        for part, result in ours.items():
            wanted = extended(function, part, x)
            peer = f"{ulp_errors(theirs[part], wanted).max():.3g}" if theirs else "–"
            print(f"| {name} | {part} | {ulp_errors(result, wanted).max():.2f} | {peer} |")


if __name__ == "__main__":
    main()
