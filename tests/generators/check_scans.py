#!/usr/bin/env python3
"""Checks exported models without this project's importer: the onnx package's checker, and a plain NumPy evaluation in double precision.

    python3 tests/generators/check_scans.py FOLDER

Each NAME.onnx stands beside NAME.x and NAME.y, the float32 input and what the engine gave for it, [time, batch, features] as NAME.shape
says. Needs the onnx package (Debian: python3-onnx). The checker sees the models of operator sets that the package knows.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import defs, numpy_helper

TOLERANCE = 2e-5


def layer_norm(x, scale, bias, epsilon=1e-5, axis=-1):
    d = x - x.mean(axis, keepdims=True)
    return d / np.sqrt((d * d).mean(axis, keepdims=True) + epsilon) * scale + bias


def split(x, sizes, axis=0):
    return np.split(x, np.cumsum(sizes)[:-1], axis)


def reduce(function):
    def run(x, axes=None, keepdims=1):
        return function(x, tuple(int(axis) for axis in axes), keepdims=bool(keepdims))
    return run


def reshape(x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


OPERATORS = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "MatMul": np.matmul, "Sqrt": np.sqrt, "Identity": lambda x: x,
    "Tanh": np.tanh, "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Relu": lambda x: np.maximum(x, 0),
    "LeakyRelu": lambda x, alpha=0.01: np.where(x < 0, alpha * x, x), "Elu": lambda x, alpha=1: np.where(x < 0, alpha * np.expm1(x), x),
    "ThresholdedRelu": lambda x, alpha=1: np.where(x > alpha, x, 0), "HardSigmoid": lambda x, alpha=0.2, beta=0.5: np.clip(alpha * x + beta, 0, 1),
    "Softsign": lambda x: x / (1 + np.abs(x)), "Softplus": lambda x: np.log1p(np.exp(x)),
    "Clip": np.clip, "LayerNormalization": layer_norm, "Split": split,
    "ReduceSum": reduce(np.sum), "ReduceMean": reduce(np.mean), "ReduceProd": reduce(np.prod),
    "Concat": lambda *parts, axis: np.concatenate(parts, axis), "Gather": lambda x, at, axis=0: np.take(x, at, axis),
    "Shape": lambda x: np.array(x.shape), "ConstantOfShape": lambda shape: np.zeros(shape),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes)), "Transpose": lambda x, perm: x.transpose(perm), "Reshape": reshape,
}


def scan(values, body, num_scan_inputs, scan_input_directions, scan_output_directions):
    states, inputs = list(values[:-num_scan_inputs]), values[-num_scan_inputs:]
    inputs = [x[::-1] if reverse else x for x, reverse in zip(inputs, scan_input_directions)]
    outputs = []
    for step in zip(*inputs):
        results = evaluate(body, dict(zip((one.name for one in body.input), [*states, *step])))
        states, given = results[:len(states)], results[len(states):]
        outputs.append(given)
    stacked = [np.stack(steps) for steps in zip(*outputs)]
    return [*states, *(y[::-1] if reverse else y for y, reverse in zip(stacked, scan_output_directions))]


def evaluate(graph, values):
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        values[tensor.name] = value.astype(np.float64) if value.dtype == np.float32 else value
    for node in graph.node:
        arguments = [values[name] for name in node.input]
        attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        results = scan(arguments, **attributes) if node.op_type == "Scan" else OPERATORS[node.op_type](*arguments, **attributes)
        values.update(zip(node.output, results if isinstance(results, list) else [results]))
    return [values[one.name] for one in graph.output]


def main(folder):
    failures, checked, evaluated = [], 0, 0
    for path in sorted(folder.glob("*.onnx")):
        model = onnx.load(path)
        if model.opset_import[0].version <= defs.onnx_opset_version():
            onnx.checker.check_model(model, full_check=True)
            checked += 1
        x_shape, y_shape = ([int(size) for size in line.split()] for line in path.with_suffix(".shape").read_text().splitlines())
        x = np.fromfile(path.with_suffix(".x"), np.float32).reshape(x_shape).astype(np.float64)
        expected = np.fromfile(path.with_suffix(".y"), np.float32).reshape(y_shape)
        (found,) = evaluate(model.graph, {"x": x})
        evaluated += 1
        error = np.abs(found - expected).max() if found.shape == expected.shape else found.shape
        if found.shape != expected.shape or not error <= TOLERANCE * max(1, np.abs(expected).max()):
            failures.append(f"{path.name}: {error}")
    print(f"{checked} checked, {evaluated} evaluated, {len(failures)} wrong")
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
