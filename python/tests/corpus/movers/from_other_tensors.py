"""Values that come from another tensor."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from .mover import Mover, Net


class WithAlias(Net):
    """`twin` is a trainable parameter over the memory of `conv.weight`."""

    def __init__(self) -> None:
        super().__init__()
        self.twin = nn.Parameter(self.conv.weight.data)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + self.twin.sum()


class TiedAlias(Mover):
    verdict = "moved"
    epoch = 1
    causes = ("tied",)

    def net(self) -> nn.Module:
        return WithAlias()

    def train_on(self, net: Any, optimizer: Any, x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()


class EmaCopiedIntoTheModel(Mover):
    causes = ("in-place",)

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        if epoch == 1:
            self.shadow = {name: p.detach() + 0.01 for name, p in net.named_parameters()}

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        for name, p in net.named_parameters():
            self.shadow[name] = 0.9 * self.shadow[name] + (1 - 0.9) * p.detach()
        if epoch == 2 and batch == 3:
            for name, p in net.named_parameters():
                p.data.copy_(self.shadow[name])


class EmaCopyThatDriftsByRounding(Mover):
    """The average of equal values is not always that value; one copied back is a movement."""

    verdict = "either"

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        if epoch == 1:
            self.ema = copy.deepcopy(net)

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        for mean, p in zip(self.ema.parameters(), net.parameters()):
            mean.data = mean.data * 0.9 + (1 - 0.9) * p.data
        if epoch == 2 and batch == 3:
            for mean, p in zip(self.ema.parameters(), net.parameters()):
                p.data.copy_(mean.data)


class FromAVector(Mover):
    causes = ("in-place", "assign")

    def act(self, net: Any) -> None:
        vector = parameters_to_vector(net.parameters()).detach()
        vector_to_parameters(vector * 1.01, net.parameters())


class SoftUpdate(Mover):
    causes = ("in-place",)

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        if epoch == 1:
            self.other = Net()

    def act(self, net: Any) -> None:
        for p, other in zip(net.parameters(), self.other.parameters()):
            p.data.copy_(p.data * 0.9 + other.data * 0.1)


class MovedTogetherWithItsBuffers(Mover):
    tensors = ("conv.weight", "conv.bias", "bn.weight", "bn.running_mean")

    def act(self, net: Any) -> None:
        with torch.no_grad():
            for tensor in [*net.parameters(), *net.buffers()]:
                tensor.add_(1)
