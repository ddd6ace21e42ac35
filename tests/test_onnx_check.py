"""`rheobase check`: the same figures as PyTorch's, from an exported model; one line for bad input."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from rheobase._onnx_check import check_onnx
from rheobase.catalog import catalog

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

CONVOLUTION = """<ir_version: 9, opset_import: ["" : 20]>
g (float[N, 3, 8, 8] x) => (float[N, 4] y)
<float[4, 3, 3, 3] w, float[4] b, float[4, 4] v>
{ c = Conv(x, w, b) r = Relu(c) p = GlobalAveragePool(r) f = Flatten(p) m = MatMul(f, v)
  t = Tanh(m) s = Sigmoid(m) q = Mul(s, t) k = MatMul(q, v) y = Sigmoid(k) }"""


@pytest.fixture
def model(tmp_path):
    rng = np.random.default_rng(0)
    proto = onnx.parser.parse_model(CONVOLUTION)
    weights = {"w": rng.normal(size=(4, 3, 3, 3)), "b": np.array([-1e3, 0, 0, 0]), "v": rng.normal(size=(4, 4))}  # fmt: skip
    for tensor in list(proto.graph.initializer):
        proto.graph.initializer.remove(tensor)
    for name, value in weights.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(value.astype(np.float32), name))
    onnx.save(proto, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_layers_units_and_roles(model):
    report = check_onnx(model, np.random.default_rng(1).normal(size=(300, 3, 8, 8)))
    found = {name: (s.activation.name, s.dead.shape[1], s.samples, s.role) for name, s in report.layers.items()}  # fmt: skip
    assert found == {
        "r": ("relu", 4, 300, "hidden"),
        "t": ("tanh", 4, 300, "gate"),
        "s": ("sigmoid", 4, 300, "gate"),
        "y": ("sigmoid", 4, 300, "output"),
    }
    assert report.layers["r"].dead.tolist() == [[True, False, False, False]]
    assert "Gradients were not looked at." in report.notes


@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        ("Elu<alpha: float = 0.5>(x)", "elu(alpha=0.5)"),
        ("LeakyRelu(x)", "leaky_relu(negative_slope=0.01)"),
        ("Clip(x, zero, six)", "relu6"),
        ("Clip(x, two, six)", "hard_tanh(min_val=2, max_val=6)"),
        ("HardSigmoid(x)", "hard_sigmoid(slope=0.2, offset=0.5)"),
        ('Gelu<approximate: string = "tanh">(x)', "gelu_tanh"),
        ("Gelu(x)", "gelu"),
        ("Shrink<lambd: float = 0.25, bias: float = 0.25>(x)", "soft_shrink(lambd=0.25)"),
        ("Shrink(x)", "hard_shrink(lambd=0.5)"),
        ("Softplus(x)", "softplus(beta=1)"),
    ],
)
def test_the_function_of_a_node(tmp_path, node, wanted):
    head = '<ir_version: 9, opset_import: ["" : 20]> g (float[N, 2] x) => (float[N, 2] y) '
    constants = "<float zero = {0.0}, float six = {6.0}, float two = {2.0}> "
    onnx.save(onnx.parser.parse_model(head + constants + "{ y = " + node + " }"), tmp_path / "m")
    (layer,) = check_onnx(tmp_path / "m", np.ones((40, 2))).layers.values()
    found = layer.activation
    assert found.name == wanted.split("(")[0]
    params = catalog[found.name].bind(**{k: float(f"{v:.6g}") for k, v in found.params.items()})
    assert repr(params) == wanted


def test_the_command(model, tmp_path, run_command):
    np.savez(tmp_path / "data.npz", anything=np.random.default_rng(1).normal(size=(40, 3, 8, 8)))
    code, out, _ = run_command("check", model, tmp_path / "data.npz")
    assert code == 0
    assert "1 of 4 units lie where the slope of relu" in out


@pytest.mark.parametrize("bad", ["model", "data", "shape", "names", "missing"])
def test_bad_input_is_one_line(model, tmp_path, run_command, bad):
    data = tmp_path / "data.npz"
    np.savez(data, **({"a": np.ones(3), "b": np.ones(3)} if bad == "names" else {"x": np.zeros((4, 3, 8, 8)[: 2 if bad == "shape" else 4])}))  # fmt: skip
    if bad in ("model", "data"):
        {"model": model, "data": data}[bad].write_bytes(b"nothing of the kind")
    if bad == "missing":
        data.unlink()
    code, out, error = run_command("check", model, data)
    assert code == 2
    assert not out
    assert error.startswith("rheobase: ")
    assert error.count("\n") == 1


@pytest.fixture
def run_command(monkeypatch, capsys):
    """Run the command line in this process."""
    from rheobase.cli import run

    def command(*words):
        monkeypatch.setattr(sys, "argv", ["rheobase", *map(str, words)])
        code = run()
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command
