"""Files of torch.save that every version from 1.13 can write: `torch_files.py FOLDER`."""

import argparse
import pickle
import sys
from collections import OrderedDict
from pathlib import Path

import numpy
import torch
import torchvision
from torch import nn

from ledger import Ledger
from models import Net, Tied, prefixed, trained
from torch_tensors import contents

NEW = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 6)
LEGACY = {"_use_new_zipfile_serialization": False}
# Those of the legacy format, which knows a type by its class of storages.
OLD_DTYPES = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
DTYPES = list(OLD_DTYPES)
if NEW:
    DTYPES += [
        "uint16",
        "uint32",
        "uint64",
        "complex32",
        "float8_e4m3fn",
        "float8_e4m3fnuz",
        "float8_e5m2",
        "float8_e5m2fnuz",
        "float8_e8m0fnu",
        "float4_e2m1fn_x2",
    ]


def load(path):
    more = {"weights_only": False} if NEW else {}
    return torch.load(path, map_location="cpu", **more)


class Writer:
    def __init__(self, folder):
        self.ledger = Ledger(folder)

    def state(self, name, state, **options):
        """A state dict at the root."""
        self.save(name, state, lambda loaded: {"model": loaded}, **options)

    def save(self, name, value, states, epoch=None, copies=None, **options):
        """`states` finds the models' state dicts in what was loaded back."""
        path = self.ledger.path(name)
        torch.save(value, path, **options)
        found = {key: contents(state) for key, state in states(load(path)).items()}
        self.ledger.add(name, found, epoch=epoch, copies=copies or {})


def numbers(dtype, shape):
    """Random bits of the type, but for booleans, which are 0 or 1."""
    kind = getattr(torch, dtype)
    if kind == torch.bool:
        return torch.rand(shape) > 0.5
    if kind.is_complex:
        parts = {"complex32": torch.float16, "complex64": torch.float32}
        return torch.view_as_complex(torch.randn(*shape, 2).to(parts.get(dtype, torch.float64)))
    size = torch.empty(0, dtype=kind).element_size()
    return torch.randint(0, 256, (*shape[:-1], shape[-1] * size), dtype=torch.uint8).view(kind)


def views():
    base = torch.arange(60, dtype=torch.float32)
    square = torch.randn(6, 4)
    image = torch.randn(2, 3, 5, 4)
    shared = torch.randn(10)
    return {
        "transposed": square.t(),
        "permuted": image.permute(3, 0, 2, 1),
        "channels_last": image.contiguous(memory_format=torch.channels_last),
        "every_third": base[::3],
        "column": square[:, 2],
        "middle": base[10:50].view(8, 5)[2:6, 1:4],
        "expanded": torch.randn(3, 1).expand(3, 7),
        "expanded_scalar": torch.tensor(2.5).expand(2, 3),
        "diagonal": torch.randn(5, 5).diagonal(),
        "scalar": torch.tensor(7, dtype=torch.int64),
        "scalar_of_more": base[41],
        "empty": torch.empty(0),
        "empty_rows": torch.empty(0, 5, dtype=torch.int16),
        "empty_slice": base[60:],
        "one_by_one": torch.randn(1, 1, 1),
        "windows": base.unfold(0, 8, 3),
        "halves.a": shared[:5],
        "halves.b": shared[5:],
        "whole": shared,
        "same": shared,
    }


def quantized():
    values = torch.randn(4, 6)
    scales = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    zeros = torch.zeros(4, dtype=torch.int64)
    floats = torch.tensor([0.1, 0.2, 0.3, 0.4])
    return {
        "qint8": torch.quantize_per_tensor(values, 0.05, 0, torch.qint8),
        "quint8": torch.quantize_per_tensor(values, 0.05, 128, torch.quint8),
        "qint32": torch.quantize_per_tensor(values, 0.001, 0, torch.qint32),
        "per_channel": torch.quantize_per_channel(values, scales, zeros, 0, torch.qint8),
        "quint4x2": torch.quantize_per_channel(values, floats, torch.zeros(4), 0, torch.quint4x2),
    }


class Colored(torch.Tensor):
    """A tensor class of the user's own."""


def plain(writer):
    torch.manual_seed(1)
    model = torchvision.models.shufflenet_v2_x0_5(num_classes=10)
    writer.state("shufflenet.pth", model.state_dict())
    writer.state("dtypes.pt", {name: numbers(name, (3, 4)) for name in DTYPES})
    writer.state("views.pt", views())
    writer.state("quantized.pt", quantized())
    writer.state("tied.pt", Tied().state_dict())
    writer.state("parameters.bin", dict(Net().named_parameters()))
    writer.state("ordered.pt", OrderedDict(a=torch.rand(2), b=torch.rand(3)))
    writer.state(
        "names.pt", {"a.ü.重み": torch.rand(2), "": torch.rand(1), "x" * 300: torch.rand(1)}
    )
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        state = {**Net().state_dict(), **views()}
        writer.state(f"protocol-{protocol}.pt", state, pickle_protocol=protocol)
    own = torch.rand(2, 3).as_subclass(Colored)
    own.color = "blue"
    writer.state("subclass.pt", {"own": own, "plain": torch.rand(2)})


def legacy(writer):
    writer.state("legacy.pt", Net().state_dict(), **LEGACY)
    writer.state("legacy-views.pt", views(), **LEGACY)
    kept = {name: numbers(name, (3, 4)) for name in OLD_DTYPES}
    writer.state("legacy-dtypes.pt", kept, **LEGACY)
    writer.state("legacy-tied.pt", Tied().state_dict(), pickle_protocol=4, **LEGACY)
    writer.save("legacy-module.pt", Net(), lambda net: {"model": held(net)}, **LEGACY)


def held(module):
    """What a pickled module has, as for the hook: buffers too that its state dict leaves out."""
    return {**module.state_dict(), **dict(module.named_buffers())}


def training(writer):
    model, optimizer = trained()
    writer.save(
        "loop.tar",
        {
            "epoch": 7,
            "arch": "net",
            "state_dict": model.state_dict(),
            "best_acc1": torch.tensor(61.5),
            "optimizer": optimizer.state_dict(),
        },
        lambda loaded: {"model": loaded["state_dict"]},
        epoch=7,
    )
    writer.save(
        "objects.pth",
        {
            "epoch": numpy.int64(3),
            "loss": numpy.float64(0.25),
            "history": numpy.arange(6, dtype=numpy.float32),
            "args": argparse.Namespace(lr=0.1, data=Path("data")),
            "device": torch.device("cpu"),
            "size": torch.Size([1, 2]),
            "dtype": torch.float16,
            "rng": torch.get_rng_state(),
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
        },
        lambda loaded: {"model": loaded["model_state_dict"]},
        epoch=3,
    )
    other, _ = trained(Net(3, 2))
    writer.save(
        "gan.pt",
        {
            "generator": model.state_dict(),
            "discriminator": other.state_dict(),
            "optimizer_g": optimizer.state_dict(),
        },
        lambda loaded: {key: loaded[key] for key in ("generator", "discriminator")},
    )
    writer.save("module.pt", model, lambda net: {"model": held(net)})
    tied = Tied()
    writer.save("module-tied.pt", tied, lambda net: {"model": held(net)})
    writer.save(
        "parallel.pt",
        nn.DataParallel(model),
        lambda net: {"model": held(net.module)},
    )
    half = {
        "epoch": 4,
        "model": Net().half(),
        "ema": Net().half(),
        "updates": 12,
        "optimizer": None,
    }
    writer.save(
        "ultralytics.pt",
        half,
        lambda loaded: {key: held(loaded[key]) for key in ("model", "ema")},
        epoch=4,
        copies={"ema": "model"},
    )


def wrappers(writer):
    model = Net()
    for name, prefix in (
        ("ddp.pt", "module."),
        ("compiled.pt", "_orig_mod."),
        ("both.pt", "module._orig_mod."),
    ):
        writer.save(
            name,
            prefixed(prefix, model.state_dict()),
            lambda loaded, prefix=prefix: {
                "model": {key[len(prefix) :]: value for key, value in loaded.items()}
            },
        )


def script(writer):
    path = writer.ledger.path("script.pt")
    torch.jit.script(Net().eval()).save(str(path))
    loaded = torch.jit.load(str(path)).state_dict()
    writer.ledger.add("script.pt", {"model": contents(loaded)}, epoch=None, copies={})


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    all_files = Writer(sys.argv[1])
    for write in (plain, legacy, training, wrappers, script):
        write(all_files)
    all_files.ledger.close()
