"""Files of numpy.savez: `numpy_files.py FOLDER`."""

import sys

import numpy as np

from ledger import Ledger, tensor

DTYPES = [
    "bool",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


def add(ledger, name):
    with np.load(ledger.path(name)) as loaded:
        found = {}
        for key in loaded.files:
            # The readers give the bytes as a machine keeps them that has the low ones first.
            little = loaded[key].astype(loaded[key].dtype.newbyteorder("<"))
            content = np.ascontiguousarray(little).tobytes()
            found[key] = tensor(loaded[key].dtype.name, loaded[key].shape, content)
    ledger.add(name, {"model": found})


def write(ledger):
    rng = np.random.default_rng(0)
    numbers = {name: (rng.random((3, 5)) * 100).astype(name) for name in DTYPES}
    np.savez(ledger.path("dtypes.npz"), **numbers)
    np.savez_compressed(ledger.path("compressed.npz"), **numbers)
    big = {key: value.astype(value.dtype.newbyteorder(">")) for key, value in numbers.items()}
    np.savez(ledger.path("big-endian.npz"), **big)
    fortran = {key: np.asfortranarray(value) for key, value in numbers.items()}
    fortran["cube"] = np.asfortranarray(rng.random((2, 3, 4)))
    np.savez(ledger.path("fortran.npz"), **fortran)
    both = {"matrix": np.asfortranarray(rng.random((3, 4)).astype(">f8"))}
    np.savez_compressed(ledger.path("fortran-big-endian.npz"), **both)
    views = {
        "scalar": np.float32(2.5),
        "empty": np.empty((0, 3), np.int16),
        "strided": rng.random(20)[::3],
        "block/kernel": rng.random((2, 2)),
    }
    np.savez(ledger.path("odd.npz"), **views)
    for file in ("dtypes", "compressed", "big-endian", "fortran", "fortran-big-endian", "odd"):
        add(ledger, f"{file}.npz")


if __name__ == "__main__":
    all_files = Ledger(sys.argv[1])
    write(all_files)
    all_files.close()
