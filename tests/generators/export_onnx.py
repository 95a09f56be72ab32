#!/usr/bin/env python3
"""Exports small PyTorch models to ONNX, each with an input and PyTorch's outputs for it.

    python3 tests/generators/export_onnx.py tests/FastRecurrent.Tests/Onnx/Data

Needs PyTorch and the onnx package (Debian: python3-torch, python3-onnx; the committed files were made with 1.13.1 and 1.12.0).
NAME.onnx is the model as torch.onnx.export writes it, NAME.json the recorded tensors by the graph's names.
"""
import json
import pathlib
import sys
import warnings

import torch
from torch import nn

T, N, I, H = 6, 3, 4, 8


class Stack(nn.Module):
    """A recurrent layer or stack, and layers on all steps, on the last step or on the last layer's final state."""

    def __init__(self, recurrent, head=None, take="all"):
        super().__init__()
        self.recurrent, self.head, self.take = recurrent, head or nn.Identity(), take

    def forward(self, x):
        y, state = self.recurrent(x)
        if self.take == "last":
            y = y[:, -1] if self.recurrent.batch_first else y[-1]
        elif self.take == "state":
            y = (state[0] if isinstance(state, tuple) else state)[-1]
        return self.head(y)


class Stateful(nn.Module):
    """The state as inputs and outputs, for streaming."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(I, H, num_layers=2), nn.Linear(H, 2)

    def forward(self, x, h0, c0):
        y, (h, c) = self.lstm(x, (h0, c0))
        return self.head(y), h, c


class Packed(nn.Module):
    """Rows of different lengths."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(I, H, bidirectional=True)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
        y, h = self.gru(packed)
        return nn.utils.rnn.pad_packed_sequence(y)[0], h


class Tokens(nn.Module):
    """Embedding, LSTM, mean over time, classes."""

    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = nn.Embedding(20, I), nn.LSTM(I, H, batch_first=True), nn.Linear(H, 5)

    def forward(self, tokens):
        y, _ = self.lstm(self.embedding(tokens))
        return torch.log(torch.softmax(self.head(y.mean(dim=1)), dim=-1))


class Norms(nn.Module):
    """Normalizations, dropout, a residual connection."""

    def __init__(self):
        super().__init__()
        self.norm, self.gru, self.batch_norm, self.drop = nn.LayerNorm(I), nn.GRU(I, I), nn.BatchNorm1d(I), nn.Dropout(0.3)
        self.head = nn.Linear(I, 3)
        self.norm.weight.data.uniform_(0.5, 1.5), self.norm.bias.data.uniform_(-0.5, 0.5)
        self.batch_norm.running_mean.uniform_(-0.5, 0.5), self.batch_norm.running_var.uniform_(0.5, 1.5)

    def forward(self, x):
        y, _ = self.gru(self.norm(x))
        y = self.batch_norm((x + y).permute(1, 2, 0)).permute(2, 0, 1)
        return nn.functional.leaky_relu(self.head(self.drop(y)), 0.2)


class NormStack(nn.Module):
    """LayerNorm between recurrent layers: one chain."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second, self.head = nn.LSTM(I, H), nn.LayerNorm(H), nn.GRU(H, H), nn.Linear(H, 2)
        self.norm.weight.data.uniform_(0.5, 1.5), self.norm.bias.data.uniform_(-0.5, 0.5)

    def forward(self, x):
        return torch.tanh(self.head(self.second(self.norm(self.first(x)[0]))[0]))


class Attention(nn.Module):
    """Products of values that are all computed."""

    def __init__(self):
        super().__init__()
        self.gru, self.query, self.key = nn.GRU(I, H, batch_first=True), nn.Linear(H, H), nn.Linear(H, H)

    def forward(self, x):
        y, _ = self.gru(x)
        weights = torch.softmax(torch.matmul(self.query(y), self.key(y).transpose(1, 2)) / H ** 0.5, dim=-1)
        return torch.matmul(weights, y).sum(dim=1)


class EncoderDecoder(nn.Module):
    """The encoder's final state repeated as the decoder's input."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder, self.head = nn.LSTM(I, H), nn.LSTM(H, H), nn.Linear(H, 1)

    def forward(self, x):
        _, (h, _) = self.encoder(x)
        y, _ = self.decoder(h[-1].unsqueeze(0).expand(9, -1, -1))
        return self.head(y)


class Activations(nn.Module):
    """What stands between dense layers."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(I, H, nonlinearity="relu")
        self.layers = nn.Sequential(
            nn.Linear(H, H), nn.ELU(0.7), nn.Linear(H, H), nn.Softplus(), nn.Linear(H, H), nn.Softsign(), nn.Linear(H, H), nn.Hardtanh(-0.3, 0.4))

    def forward(self, x):
        y = self.layers(self.rnn(x)[0])
        first, second = torch.split(y, [3, 5], dim=-1)
        return torch.cat([torch.sqrt(torch.abs(first) + 0.1), second.pow(2) * 2 - 1], dim=-1)


def x(*shape):
    return torch.randn(*shape)


TIME_MAJOR = {0: "time", 1: "batch"}
BATCH_MAJOR = {0: "batch", 1: "time"}


def models():
    """name, model, inputs by name, output names, free axes, operator set."""
    one = lambda axes, taken=False: {"x": axes, "y": {0: "batch"} if taken else axes}
    yield "lstm", Stack(nn.LSTM(I, H)), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 14
    yield "gru_dense", Stack(nn.GRU(I, H), nn.Linear(H, 2)), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 15
    yield "rnn_two_layers", Stack(nn.RNN(I, H, num_layers=2)), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 17
    yield "lstm_bidirectional", Stack(nn.LSTM(I, H, bidirectional=True), nn.Linear(2 * H, 3)), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 13
    yield "lstm_batch_first_last", Stack(nn.LSTM(I, H, num_layers=2, batch_first=True), nn.Sequential(nn.Linear(H, 3), nn.Softmax(dim=-1)), "last"), \
        {"x": x(N, T, I)}, ["y"], one(BATCH_MAJOR, True), 14
    yield "gru_state", Stack(nn.GRU(I, H, num_layers=2), nn.Sequential(nn.Linear(H, 1), nn.Sigmoid()), "state"), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR, True), 11
    yield "lstm_fixed_shapes", Stack(nn.LSTM(I, H, batch_first=True), nn.Linear(H, 1), "last"), {"x": x(1, T, I)}, ["y"], {}, 9
    yield "lstm_stateful", Stateful(), {"x": x(1, N, I), "h0": x(2, N, H), "c0": x(2, N, H)}, ["y", "h", "c"], \
        {name: ({1: "batch"} if name != "x" else TIME_MAJOR) for name in ["x", "h0", "c0", "h", "c"]}, 14
    yield "gru_packed", Packed(), {"x": x(T, N, I), "lengths": torch.tensor([6, 4, 1])}, ["y", "h"], {"x": TIME_MAJOR, "lengths": {0: "batch"}}, 14
    yield "tokens", Tokens(), {"x": torch.randint(0, 20, (N, T))}, ["y"], one(BATCH_MAJOR, True), 13
    yield "norms", Norms(), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 12
    yield "norm_stack", NormStack(), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 13
    yield "norm_stack_17", NormStack(), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 17
    yield "attention", Attention(), {"x": x(N, T, I)}, ["y"], one(BATCH_MAJOR, True), 14
    yield "encoder_decoder", EncoderDecoder(), {"x": x(T, N, I)}, ["y"], {"x": TIME_MAJOR, "y": {1: "batch"}}, 14
    yield "activations", Activations(), {"x": x(T, N, I)}, ["y"], one(TIME_MAJOR), 13


def recorded(tensor):
    return {"shape": list(tensor.shape), "data": [float(value) for value in tensor.detach().flatten().tolist()]}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20260101)
    warnings.simplefilter("ignore")
    for name, model, inputs, outputs, axes, opset in models():
        model.eval()
        torch.onnx.export(model, tuple(inputs.values()), str(folder / f"{name}.onnx"), input_names=list(inputs), output_names=outputs,
                          dynamic_axes=axes, opset_version=opset)
        found = model(*inputs.values())
        found = found if isinstance(found, tuple) else (found,)
        values = {"name": name, "inputs": {key: recorded(value) for key, value in inputs.items()}, "outputs": dict(zip(outputs, map(recorded, found)))}
        (folder / f"{name}.json").write_text(json.dumps(values, separators=(",", ":")) + "\n")
        print(f"{name}: opset {opset}, {(folder / f'{name}.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main()
