"""Writes elementValues.json: what PyTorch and ml_dtypes decode from bytes of each element type.

Run with an interpreter that has either library (the newest torch; Keras's environment has
ml_dtypes); each adds what it knows.
"""

import json
from pathlib import Path

TARGET = Path(__file__).with_suffix(".json")
ALL_CODES = "float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu".split()
SOME = (
    "bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 bfloat16 float32 float64 "
    "complex32 complex64 complex128 bcomplex32"
).split()
PACKED = {
    "float4_e2m1": ("float4_e2m1fn", 4),
    "float6_e2m3": ("float6_e2m3fn", 6),
    "float6_e3m2": ("float6_e3m2fn", 6),
    "int4": ("int4", 4),
    "uint4": ("uint4", 4),
}


def by_torch():
    import torch

    torch.manual_seed(3)
    for name in ALL_CODES + SOME:
        dtype = getattr(torch, name)
        size = torch.empty(0, dtype=dtype).element_size()
        raw = torch.randint(0, 256, (48 * size,), dtype=torch.uint8)
        if name in ALL_CODES:
            raw = torch.arange(256, dtype=torch.uint8)
        if name == "bool":
            raw &= 1
        tensor = raw.view(dtype)
        if dtype.is_complex:
            tensor = torch.view_as_real(tensor.to(torch.complex128)).flatten()
        yield name, raw.numpy().tobytes(), [float(value) for value in tensor.tolist()]


def by_ml_dtypes():
    import ml_dtypes
    import numpy

    for name, (theirs, bits) in PACKED.items():
        codes = numpy.arange(1 << bits, dtype=numpy.uint8)
        packed = sum(int(code) << (bits * at) for at, code in enumerate(codes))
        values = codes.view(getattr(ml_dtypes, theirs)).astype(numpy.float64)
        yield name, packed.to_bytes((1 << bits) * bits // 8, "little"), values.tolist()


def written(value):
    return repr(value).replace("nan", "NaN").replace("inf", "Infinity")


known = json.loads(TARGET.read_text()) if TARGET.exists() else {}
for source in (by_torch, by_ml_dtypes):
    try:
        for name, raw, values in source():
            known[name] = {"bytes": raw.hex(), "values": " ".join(map(written, values))}
    except ImportError as error:
        print(error)
TARGET.write_text(json.dumps(known, indent=2) + "\n")
