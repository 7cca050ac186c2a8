"""Files of Keras 3, and legacy HDF5 as Keras still writes it: `keras_files.py FOLDER`."""

import os
import sys
import warnings

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np
from keras import layers

from ledger import Ledger, tensor


def convolutional(dtype="float32"):
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, dtype=dtype),
            layers.BatchNormalization(dtype=dtype),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(2, dtype=dtype),
        ],
        name="digits",
    )


def trained():
    """With an optimizer's state and moved statistics."""
    model = convolutional()
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.random((8, 8, 8, 1)), rng.random((8, 2)), verbose=0)
    return model


def nested():
    """Recurrent, attending and wrapped layers, and a model inside that is called twice."""
    inside = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4, name="first"), layers.Dense(6)], name="inside"
    )
    inputs = keras.Input((5, 6))
    hidden = layers.TimeDistributed(layers.Dense(6), name="each")(inputs)
    hidden = layers.MultiHeadAttention(2, 3, name="attention")(hidden, hidden)
    hidden = layers.Bidirectional(layers.LSTM(3), name="both_ways")(hidden)
    outputs = inside(layers.Add()([hidden, inside(hidden)]))
    return keras.Model(inputs, outputs, name="nested")


def whole():
    inputs = keras.Input((4,))
    inside = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="in")], name="inside")
    return keras.Model(inputs, layers.Dense(2, name="head")(inside(inputs)), name="whole")


def contents(model):
    """By the path of a variable without its model."""
    found = {}
    for variable in model.weights:
        value = np.asarray(variable.value)
        path = variable.path.removeprefix(model.name + "/")
        found[path] = tensor(str(variable.dtype), value.shape, value.tobytes())
    return found


def add(ledger, name, model, build=None, named=True):
    """`build` makes the model for weights alone; a path tells less than a name unless `named`."""
    path = ledger.path(name)
    if build is None:
        model.save(path)
        loaded = keras.models.load_model(path, compile=False)
    else:
        model.save_weights(path)
        loaded = build()
        loaded.load_weights(path)
    ledger.add(name, {loaded.name: contents(loaded)}, named=named)


def write(ledger):
    model = trained()
    add(ledger, "sequential.keras", model)
    add(ledger, "sequential.weights.h5", model, convolutional, named=False)
    add(ledger, "sequential.h5", model)
    add(ledger, "nested.keras", nested(), named=False)
    add(ledger, "nested.weights.h5", nested(), nested, named=False)
    add(ledger, "whole.keras", whole(), named=False)
    for dtype in ("float16", "bfloat16", "float64"):
        add(ledger, f"{dtype}.keras", convolutional(dtype))
    for bits in ("int8", "int4"):
        quantized = whole()
        quantized.quantize(bits)
        add(ledger, f"{bits}.keras", quantized, named=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    keras.utils.set_random_seed(0)
    all_files = Ledger(sys.argv[1])
    write(all_files)
    all_files.close()
