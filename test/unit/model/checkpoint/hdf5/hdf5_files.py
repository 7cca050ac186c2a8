"""The files beside it, by h5py: `python3 hdf5_files.py`. They are kept in the repository."""

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent


def write(file):
    numbers = np.random.default_rng(0)
    whole = numbers.integers(0, 99, (9, 10, 11), "int32")
    with h5py.File(file, "w") as root:
        group = root.create_group("layers")
        group.attrs["names"] = ["a", "ü", ""]
        group.attrs["fixed"] = np.array([b"one", b"three"])
        group.attrs["text"] = "plain"
        group.attrs["number"] = 3
        for index in range(40):
            group.create_dataset(f"part_{index}", data=np.float32(index))
        group["again"] = group["part_0"]
        group["soft"] = h5py.SoftLink("/layers/part_1")
        for name in ("bool", "int8", "uint16", "int64", "float16", "float64", ">f4", ">i2"):
            root.create_dataset(f"types/{name}", data=whole[0, 0].astype(name))
        root.create_dataset("types/texts", data=["x", "y"])
        root.create_dataset("types/complex", data=np.ones(2, "complex64"))
        root.create_dataset("empty", data=np.zeros((0, 3), "float32"))
        root.create_dataset("never", (3, 4), "float32")
        root.create_dataset("plain", data=whole)
        root.create_dataset("chunked", data=whole, chunks=(4, 3, 5))
        filters = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        root.create_dataset("packed", data=whole, chunks=(4, 3, 5), **filters)
        root.create_dataset("row", data=whole.ravel(), chunks=(100,), compression="gzip")
        root.create_dataset("lzf", data=whole, compression="lzf")
        external = [("/etc/passwd", 0, 16)]
        root.create_dataset("elsewhere", (4,), "float32", external=external)
    with h5py.File(file) as root:
        found = {}

        def note(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf" and item.external is None:
                value = item[()]
                digest = hashlib.sha256(value.tobytes()).hexdigest()
                found[name] = {"shape": list(item.shape), "sha256": digest}

        root.visititems(note)
        return found


if __name__ == "__main__":
    expected = write(HERE / "usual.h5")
    (HERE / "usual.json").write_text(json.dumps(expected, indent=2) + "\n")
    with h5py.File(HERE / "latest.h5", "w", libver="latest") as newest:
        for part in range(10):
            newest[f"part_{part}"] = part
    with h5py.File(HERE / "linked.h5", "w") as linked:
        linked["own"] = np.float32(1)
        linked["far"] = h5py.ExternalLink("/etc/passwd", "/x")
