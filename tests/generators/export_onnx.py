#!/usr/bin/env python3
"""Exports small PyTorch models to ONNX, each with an input and PyTorch's outputs for it.

    python3 tests/generators/export_onnx.py tests/FastRecurrent.Tests/Onnx/Data

Needs PyTorch and the onnx package (Debian: python3-torch, python3-onnx; the committed files were made with 1.13.1 and 1.12.0).
NAME.onnx is the model as torch.onnx.export writes it, NAME.json the recorded tensors by the graph's names. With --sweep also every recurrent
module, option and way around it in every operator set that the exporter knows: chain_... are stacks of layers, graph_... are not.
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


class Inner(nn.Module):
    """A recurrent layer's steps, to stand in nn.Sequential."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x):
        return self.recurrent(x)[0]


class Channels(nn.Module):
    """BatchNorm1d over the features of steps: [N, T, F] turned to [N, F, T] and back."""

    def __init__(self, size):
        super().__init__()
        self.norm = nn.BatchNorm1d(size)
        self.norm.running_mean.uniform_(-0.5, 0.5), self.norm.running_var.uniform_(0.5, 1.5)

    def forward(self, x):
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class Given(nn.Module):
    """The initial state as an input; steps and final state go out."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x, *state):
        y, last = self.recurrent(x, state if len(state) > 1 else state[0])
        return (y, *last) if isinstance(last, tuple) else (y, last)


class Unrolled(nn.Module):
    """A cell called step by step: the exporter writes every step's nodes."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x):
        state, steps = None, []
        for t in range(x.shape[0]):
            state = self.cell(x[t], state)
            steps.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(steps)


class Lengths(nn.Module):
    """Rows of different lengths, batch-major, in any order."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=self.recurrent.batch_first)
        y, last = self.recurrent(packed)
        return nn.utils.rnn.pad_packed_sequence(y, batch_first=self.recurrent.batch_first)[0], last[0] if isinstance(last, tuple) else last


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


KINDS = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "tanh": nn.RNN,
    "relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
}


def sweep():
    """As models(): every module in every operator set, its options and what stands around it in turn."""
    number = 0
    for opset in range(9, 18):
        for cell in [nn.LSTMCell, nn.GRUCell, nn.RNNCell]:
            yield f"graph_{cell.__name__.lower()}_{opset}", Unrolled(cell(I, H)), {"x": x(3, N, I)}, ["y"], {"x": {1: "batch"}}, opset
        for kind, make in KINDS.items():
            for around in ["all", "last", "state", "sequential", "given", "lengths"]:
                number += 1
                options = {"num_layers": 1 + number % 3, "bidirectional": number % 5 in (1, 2), "batch_first": number % 2 == 0 or around == "sequential",
                           "bias": number % 7 != 0, "dropout": 0.2 * (number % 3 > 0)}
                is_free = number % 4 != 0
                size = H * (1 + options["bidirectional"])
                axes = BATCH_MAJOR if options["batch_first"] else TIME_MAJOR
                shape = (N, T, I) if options["batch_first"] else (T, N, I)
                recurrent = make(I, H, **options)
                name = f"{kind}_{options['num_layers']}{'_both' if options['bidirectional'] else ''}{'' if options['bias'] else '_plain'}_{around}_{opset}"
                free = lambda names: {one: axis for one, axis in names.items()} if is_free else {}
                if around == "given":
                    state = x(options["num_layers"] * (1 + options["bidirectional"]), N, H)
                    states = {"h0": state, "c0": x(*state.shape)} if kind == "lstm" else {"h0": state}
                    outputs = ["y", *(one.replace("0", "n") for one in states)]
                    yield f"graph_{name}", Given(recurrent), {"x": x(*shape), **states}, outputs, \
                        free({"x": axes, "y": axes, **{one: {1: "batch"} for one in [*states, *outputs[1:]]}}), opset
                elif around == "lengths":
                    yield f"graph_{name}", Lengths(recurrent), {"x": x(*shape), "lengths": torch.tensor([6, 4, 1])}, ["y", "h"], \
                        free({"x": axes, "lengths": {0: "batch"}}), opset
                elif around == "sequential":
                    layers = nn.Sequential(Inner(recurrent), nn.LayerNorm(size), nn.Dropout(0.3), Inner(make(size, H, batch_first=True)), Channels(H), nn.Linear(H, 3), nn.Tanh())
                    yield f"chain_{name}", layers, {"x": x(*shape)}, ["y"], free({"x": axes, "y": axes}), opset
                else:
                    head = [nn.Linear(H if around == "state" else size, 2), nn.ReLU(), nn.Linear(2, 3), nn.Softmax(dim=-1)]
                    yield f"chain_{name}" if around != "state" or not options["bidirectional"] else f"graph_{name}", \
                        Stack(recurrent, nn.Sequential(*head), around), {"x": x(*shape)}, ["y"], \
                        free({"x": axes, "y": axes if around == "all" else {0: "batch"}}), opset


def recorded(tensor):
    return {"shape": list(tensor.shape), "data": [float(value) for value in tensor.detach().flatten().tolist()]}


def main():
    folder, is_sweep = pathlib.Path(sys.argv[1]), sys.argv[2:] == ["--sweep"]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20260101)
    warnings.simplefilter("ignore")
    for name, model, inputs, outputs, axes, opset in [*models(), *(sweep() if is_sweep else [])]:
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
