#!/usr/bin/env python3
"""Runs the exporting lines of docs/importing.md as they stand there, and records what the models gave.

    python3 tests/generators/importing_document.py FOLDER

Each section (pytorch, keras, onnx) gets a folder with the file that its lines wrote, x.json and y.json. Needs PyTorch and the onnx package
(Debian: python3-torch, python3-onnx). Stand-ins: the package safetensors, by the format's description, and Keras's model.weights,
by its documentation (path and numpy()).
"""
import json
import os
import pathlib
import re
import struct
import sys
import types
import warnings

import numpy as np
import torch
from torch import nn

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "importing.md"
T, N = 9, 2


def save_file(tensors, path):
    header, values = {}, b""
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.numpy() if isinstance(tensor, torch.Tensor) else tensor)
        assert array.dtype == np.float32
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(values), len(values) + array.nbytes]}
        values += array.tobytes()
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + values)


def stand_in_safetensors():
    package = types.ModuleType("safetensors")
    sys.modules["safetensors"] = package
    for name in ("torch", "numpy"):
        module = types.ModuleType(f"safetensors.{name}")
        module.save_file = save_file
        sys.modules[f"safetensors.{name}"] = module
        setattr(package, name, module)


def lines(section):
    text = DOCUMENT.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.search(r"```python\n(.*?)```", text, re.S).group(1)


def run(folder, section, x, y, names):
    folder.mkdir()
    os.chdir(folder)
    (folder / "x.json").write_text(json.dumps(x.flatten().tolist()))
    (folder / "y.json").write_text(json.dumps(y.flatten().tolist()))
    exec(lines(section), names)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(1, 64, 2), nn.Linear(64, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][-1])


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.fc = nn.GRU(1, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.fc(self.gru(x)[0])


class Weight:
    def __init__(self, path, value):
        self.path, self._value = path, value

    def numpy(self):
        return self._value


def keras_gru(x, kernel, recurrent, bias, head, head_bias):
    """GRU with reset_after, gates z, r, h, in double precision."""
    h, size = np.zeros((N, recurrent.shape[0])), recurrent.shape[0]
    for step in x:
        a, b = step @ kernel + bias[0], h @ recurrent + bias[1]
        z, r = (1 / (1 + np.exp(-(a[:, i * size:(i + 1) * size] + b[:, i * size:(i + 1) * size]))) for i in (0, 1))
        h = z * h + (1 - z) * np.tanh(a[:, 2 * size:] + r * b[:, 2 * size:])
    return h @ head + head_bias


def main(folder):
    torch.manual_seed(1)
    warnings.simplefilter("ignore")
    stand_in_safetensors()
    x, model = torch.randn(T, N, 1), Forecaster()
    run(folder / "pytorch", "PyTorch", x, model(x), {"model": model})
    model = Sequence()
    run(folder / "onnx", "ONNX", x, model(x), {"model": model, "x": x, "torch": torch})
    draw = np.random.default_rng(2)
    names = {"gru/gru_cell/kernel": (1, 96), "gru/gru_cell/recurrent_kernel": (32, 96), "gru/gru_cell/bias": (2, 96), "dense/kernel": (32, 1), "dense/bias": (1,)}
    weights = [Weight(path, draw.uniform(-0.3, 0.3, shape).astype(np.float32)) for path, shape in names.items()]
    y = keras_gru(x.numpy().astype(np.float64), *(weight.numpy().astype(np.float64) for weight in weights))
    run(folder / "keras", "Keras", x, y, {"model": types.SimpleNamespace(weights=weights)})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
