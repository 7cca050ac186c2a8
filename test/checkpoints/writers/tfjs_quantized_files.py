"""Weights as tensorflowjs_converter writes them: `tfjs_quantized_files.py FOLDER`.

The graph around them is made here. `tfjsFiles.mjs` loads it with TensorFlow.js and says what it is.
"""

import functools
import importlib
import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np


@functools.cache
def converter():
    """The writer without its package, which imports all of TensorFlow; it needs `GFile` alone."""
    gfile = types.SimpleNamespace(GFile=open)
    tensorflow = types.ModuleType("tensorflow")
    tensorflow.io = types.SimpleNamespace(gfile=gfile)
    package = types.ModuleType("tensorflowjs")
    package.__path__ = importlib.util.find_spec("tensorflowjs").submodule_search_locations
    sys.modules.update(tensorflow=tensorflow, tensorflowjs=package)
    return importlib.import_module("tensorflowjs.write_weights")


def graph(weights):
    """A graph whose constants are the weights."""
    types_of = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}
    nodes = []
    for weight in weights:
        kind = types_of[weight["dtype"]]
        shape = {"dim": [{"size": str(size)} for size in weight["shape"]]}
        value = {"tensor": {"dtype": kind, "tensorShape": shape}}
        attributes = {"dtype": {"type": kind}, "value": value}
        nodes.append({"name": weight["name"], "op": "Const", "attr": attributes})
    return {"node": nodes, "library": {}, "versions": {"producer": 1}}


def write(folder, name, arrays, quantization, shard=1 << 22):
    target = Path(folder) / name
    target.mkdir(parents=True, exist_ok=True)
    group = [{"name": key, "data": value} for key, value in arrays.items()]
    manifest = converter().write_weights(
        [group],
        str(target),
        shard_size_bytes=shard,
        write_manifest=False,
        quantization_dtype_map=quantization,
    )
    weights = [weight for part in manifest for weight in part["weights"]]
    model = {
        "format": "graph-model",
        "generatedBy": "test",
        "convertedBy": "TensorFlow.js Converter",
        "modelTopology": graph(weights),
        "weightsManifest": manifest,
    }
    (target / "model.json").write_text(json.dumps(model))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    floats = {
        "block/kernel": rng.normal(size=(3, 3, 2, 4)).astype("float32"),
        "block/bias": rng.normal(size=4).astype("float32"),
        "constant": np.full((2, 2), 1.25, "float32"),
        "positive": rng.random(7).astype("float32") + 3,
        "scalar": np.array(0.5, "float32"),
    }
    more = {**floats, "steps": np.arange(5, dtype="int32"), "flags": np.array([True, False])}
    write(sys.argv[1], "graph", more, None)
    write(sys.argv[1], "graph-shards", floats, None, shard=100)
    for kind in ("uint8", "uint16", "float16"):
        write(sys.argv[1], f"graph-{kind}", floats, {kind: True})
    write(sys.argv[1], "graph-mixed", floats, {"uint8": ["block/*"], "float16": ["positive"]})
