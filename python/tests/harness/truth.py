"""What really moved: state dicts that the script itself saved, compared byte by byte."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch


class Truth:
    """The state dicts of one model, by epoch; epoch 0 is the state before training.

    `files` maps epochs to what the script saved with `torch.save(model.state_dict(), ...)`.
    """

    def __init__(self, files: dict[int, Path]) -> None:
        states = {epoch: torch.load(file) for epoch, file in sorted(files.items())}
        self._memory = {
            name: (tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())
            for name, tensor in states[0].items()
            if isinstance(tensor, torch.Tensor)
        }
        self._states = {epoch: _bytes_by_name(state) for epoch, state in states.items()}

    @property
    def epochs(self) -> list[int]:
        """The epochs after training began, ascending."""
        return [epoch for epoch in self._states if epoch > 0]

    @property
    def names(self) -> list[str]:
        """All names of the state dict."""
        return list(self._states[0])

    def distinct(self, names: Iterable[str]) -> int:
        """How many tensors bear these names: tied ones count once."""
        return len({self._memory[name] for name in names})

    def moved(self, epoch: int, since: int = 0) -> set[str]:
        """The names whose bytes after `epoch` differ from those after the epoch `since`."""
        before, after = self._states[since], self._states[epoch]
        return {name for name in before if before[name] != after.get(name)}


def same_truth(one: Path, other: Path) -> bool:
    """Whether two runs of a script saved the same bytes, after every epoch of every model."""
    mine, theirs = read_truth(one), read_truth(other)
    return mine.keys() == theirs.keys() and all(
        mine[label]._states == theirs[label]._states for label in mine
    )


def read_truth(folder: Path) -> dict[str, Truth]:
    """By label, what a script left in the folder of PERMA_TRUTH as `<label>.<epoch>.pt`."""
    files: dict[str, dict[int, Path]] = {}
    for file in folder.glob("*.pt"):
        label, epoch = file.stem.rsplit(".", 1)
        files.setdefault(label, {})[int(epoch)] = file
    return {label: Truth(each) for label, each in sorted(files.items())}


def _bytes_by_name(state: dict[str, torch.Tensor]) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (str(tensor.dtype), tuple(tensor.shape), _bytes(tensor))
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor)
    }


def _bytes(tensor: torch.Tensor) -> bytes:
    """The bytes in logical element order; by numpy, which the hook never uses."""
    plain = tensor.detach().cpu().contiguous()
    if plain.dtype == torch.bfloat16:
        plain = plain.view(torch.int16)
    return plain.numpy().tobytes()
