"""Tiny files of PyTorch and safetensors to be mutated: `corpus_torch_files.py FOLDER`."""

import json
import sys
import warnings
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 3)
        self.norm = nn.BatchNorm1d(3)
        self.out = nn.Linear(3, 2, bias=False)

    def forward(self, inputs):
        return self.out(self.norm(self.linear(inputs)))


def state():
    matrix = torch.randn(3, 4)
    return OrderedDict(
        {
            "a.weight": matrix,
            "a.transposed": matrix.t(),
            "a.row": matrix[1],
            "b": torch.randn(3).bfloat16(),
            "c": nn.Parameter(torch.ones(2, 2)),
            "empty": torch.empty(0, 2),
            "scalar": torch.tensor(3),
        }
    )


def checkpoint():
    model = Tiny()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.rand(4, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "state_dict": {f"module.{name}": value for name, value in model.state_dict().items()},
        "state_dict_ema": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }


def sharded(folder, kind):
    shards = {"first": {"a": torch.rand(2, 3)}, "second": {"b": torch.rand(4).half()}}
    weights = {}
    for number, tensors in enumerate(shards.values()):
        name = f"model-{number}.{kind}"
        if kind == "bin":
            torch.save(tensors, folder / name)
        else:
            save_file(tensors, folder / name)
        weights.update(dict.fromkeys(tensors, name))
    index = {"metadata": {"total_size": 32}, "weight_map": weights}
    (folder / f"model.{kind}.index.json").write_text(json.dumps(index))


def write(folder):
    names = ["torch", "torch-legacy", "torch-index", "safetensors", "safetensors-index"]
    paths = {name: folder / name for name in names}
    for path in paths.values():
        path.mkdir(parents=True, exist_ok=True)
    zipped = paths["torch"]
    torch.save(state(), zipped / "state.pt")
    torch.save(state(), zipped / "protocol-4.pt", pickle_protocol=4)
    torch.save(checkpoint(), zipped / "checkpoint.pt")
    torch.save(Tiny(), zipped / "module.pt")
    quantized = torch.quantize_per_channel(
        torch.randn(2, 3), torch.rand(2), torch.zeros(2), 0, torch.qint8
    )
    torch.save({"quantized": quantized}, zipped / "quantized.pt")
    torch.jit.script(nn.Linear(2, 2)).save(str(zipped / "script.pt"))
    old = {"_use_new_zipfile_serialization": False}
    torch.save(state(), paths["torch-legacy"] / "state.pt", **old)
    # It holds the source of classes and where that lies: not what is of this machine.
    torch.serialization.get_source_lines_and_file = lambda kind: ([f"class {kind.__name__}"], 1, "")
    torch.save(Tiny(), paths["torch-legacy"] / "module.pt", **old)
    sharded(paths["torch-index"], "bin")
    sharded(paths["safetensors-index"], "safetensors")
    packed = {name: value.detach().clone().contiguous() for name, value in state().items()}
    save_file(packed, paths["safetensors"] / "state.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    write(Path(sys.argv[1]))
