#!/usr/bin/env python3
"""Writes the onnx package's own node tests, each as a folder with model.onnx, inputs and expected outputs.

    python3 tests/generators/onnx_nodes.py FOLDER

Needs the onnx package (Debian: python3-onnx). The package computes the expected outputs with NumPy; nothing is downloaded.
FASTRECURRENT_ONNX_NODES=FOLDER makes the tests read them.
"""
import pathlib
import sys
import warnings

import numpy as np

# Names of Python's own types that NumPy dropped in 1.24 and older onnx packages still use.
for name, kind in {"float": float, "int": int, "bool": bool, "object": object, "str": str}.items():
    if name not in np.__dict__:
        setattr(np, name, kind)

from onnx import numpy_helper  # noqa: E402
from onnx.backend.test.case.node import collect_testcases  # noqa: E402


def files(prefix, declared, values):
    """Each tensor's file of a data set; None for what is no plain tensor (sequences, optionals, maps)."""
    for i, (info, value) in enumerate(zip(declared, values)):
        if not info.type.HasField("tensor_type") or isinstance(value, (list, dict)) or value is None:
            yield None
        else:
            tensor = value if hasattr(value, "SerializeToString") else numpy_helper.from_array(value, info.name)
            yield f"{prefix}_{i}.pb", tensor.SerializeToString()


def collect():
    """All node tests; from onnx 1.13 on the collection wants an operator, None for all."""
    try:
        return collect_testcases()
    except TypeError:
        return collect_testcases(None)


def main(out):
    written = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in collect():
            if case.model is None or not case.data_sets:
                continue
            inputs, outputs = case.data_sets[0]
            graph = case.model.graph
            data = [*files("input", graph.input, inputs), *files("output", graph.output, outputs)]
            if None in data:
                continue
            folder = out / case.name / "test_data_set_0"
            folder.mkdir(parents=True, exist_ok=True)
            (folder.parent / "model.onnx").write_bytes(case.model.SerializeToString())
            for name, content in data:
                (folder / name).write_bytes(content)
            written += 1
    print(f"{written} node tests in {out}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
