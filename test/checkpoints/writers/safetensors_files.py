"""Files of the safetensors library, by the newest PyTorch: `safetensors_files.py FOLDER`."""

import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file, save_model

from ledger import Ledger
from models import Net, Tied
from torch_files import DTYPES, numbers
from torch_tensors import contents

# What torch.save knows and the format does not.
OWN = {"complex32", "complex128"}


def add(ledger, name):
    with safe_open(ledger.path(name), framework="pt") as file:
        state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    ledger.add(name, {"model": contents(state)})


def write(ledger):
    torch.manual_seed(0)
    each = {name: numbers(name, (3, 4)) for name in DTYPES if name not in OWN}
    save_file(each, ledger.path("dtypes.safetensors"))
    save_file(
        Net().state_dict(),
        ledger.path("metadata.safetensors"),
        metadata={"format": "pt", "epoch": "5", "text": '{"quoted": "ü"}'},
    )
    save_model(Tied(), str(ledger.path("tied.safetensors")))
    odd = {"scalar": torch.tensor(3.5), "empty": torch.empty(0, 4), "ü.重み": torch.rand(2)}
    save_file(odd, ledger.path("odd.safetensors"))
    save_file({}, ledger.path("nothing.safetensors"))
    for file in ("dtypes", "metadata", "tied", "odd", "nothing"):
        add(ledger, f"{file}.safetensors")


if __name__ == "__main__":
    all_files = Ledger(sys.argv[1])
    write(all_files)
    all_files.close()
