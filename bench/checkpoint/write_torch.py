"""The files of checkpointCrc.ts: write_torch.py FOLDER TENSORS MEGABYTES."""

import shutil
import sys
import zipfile
from pathlib import Path

import torch

folder, tensors, megabytes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
elements = megabytes * 2**20 // tensors // 4
state = {f"layers.{index}.weight": torch.randn(elements) for index in range(tensors)}
torch.save(state, folder / "before.pt")
shutil.copyfile(folder / "before.pt", folder / "same.pt")

with (
    zipfile.ZipFile(folder / "before.pt") as source,
    zipfile.ZipFile(folder / "reordered.pt", "w", zipfile.ZIP_STORED) as target,
):
    for entry in reversed(source.infolist()):
        target.writestr(entry.filename, source.read(entry))

bits = state["layers.7.weight"].view(torch.int32)
bits[elements // 2] ^= 1
torch.save(state, folder / "changed.pt")
