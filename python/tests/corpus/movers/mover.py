"""The common part of all movers: a small network that is trained for three epochs."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 3
BATCHES = 4


class Net(nn.Module):
    """A convolution and its BatchNorm, which are frozen, and two layers that train."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.hidden = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn(self.conv(x)))
        return self.fc(F.relu(self.hidden(x)).mean((2, 3)))


class Mover:
    """A way to move a frozen tensor, with what Permafrost must say about it.

    `verdict`: the kind of finding for `tensors` in `epoch`; `held` when Permafrost keeps the tensor
    from moving; `either` when both holding and catching are right, and the bytes decide which it
    was. `causes`: kinds of cause of which one must be told when it moved; empty when none is
    promised. `frozen`: prefixes of the frozen names, `span`: first and last epoch of the rules.
    `loaded_after`: the script then loads other values, which are a new reference.
    """

    verdict = "moved"
    tensors: tuple[str, ...] = ("conv.weight",)
    epoch = 2
    causes: tuple[str, ...] = ()
    place = False
    elements: int | None = None
    max_delta: Any = None
    frozen: tuple[str, ...] = ("conv.", "bn.")
    span: tuple[int, int | None] = (1, None)
    loaded_after = False

    def net(self) -> nn.Module:
        """The network, as the script would make it; its class gets the mover's name."""
        return Net()

    def optimizer(self, net: nn.Module) -> Any:
        return torch.optim.SGD(net.parameters(), lr=0.05)

    def loader(self) -> DataLoader:
        images = torch.randn(8 * BATCHES, 1, 6, 6)
        return DataLoader(TensorDataset(images, torch.arange(len(images)) % 3), batch_size=8)

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        """Before the first batch of each epoch."""

    def train_on(self, net: Any, optimizer: Any, x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        F.cross_entropy(net(x.to(net.fc.weight.dtype)), y).backward()
        optimizer.step()

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        """After each batch, counted from 0. Without an override, acts once in `self.epoch`."""
        if epoch == self.epoch and batch == 1:
            self.act(net)

    def act(self, net: Any) -> None:
        """Moves the tensor."""

    def after_training(self, net: Any) -> None:
        """When all epochs are over."""

    @classmethod
    def rules(cls) -> list[dict[str, Any]]:
        """The rules of the config that freeze `frozen` in this mover's model."""
        first, last = cls.span
        window = {**({"from": first} if first > 1 else {}), **({"until": last} if last else {})}
        return [
            {
                "match": f"{prefix}**" if prefix.endswith(".") else prefix,
                "model": cls.__name__,
                **window,
            }
            for prefix in cls.frozen
        ]
