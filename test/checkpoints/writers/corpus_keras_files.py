"""Tiny files of Keras, NumPy and TensorFlow.js's converter: `corpus_keras_files.py FOLDER`."""

import os
import sys
import warnings
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

import tfjs_quantized_files


def tiny():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.BatchNormalization()])
    model.compile("sgd")
    return model


def write(folder):
    for name in ("keras", "keras-weights", "keras-legacy", "npz"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    model = tiny()
    model.save(folder / "keras" / "model.keras")
    model.save_weights(folder / "keras-weights" / "model.weights.h5")
    model.save(folder / "keras-legacy" / "model.h5")
    arrays = {
        "a": np.arange(6, dtype="float32").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)),
        "scalar": np.array(True),
    }
    np.savez(folder / "npz" / "plain.npz", **arrays)
    np.savez_compressed(folder / "npz" / "compressed.npz", **arrays)
    floats = {"a/kernel": arrays["a"], "a/bias": np.arange(5, dtype="float32")}
    floats["scalar"] = np.array(0.5, "float32")
    quantization = {"uint8": ["a/kernel"], "float16": ["a/bias"]}
    tfjs_quantized_files.write(folder, "tfjs-graph", floats, quantization, shard=16)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    keras.utils.set_random_seed(0)
    write(Path(sys.argv[1]))
