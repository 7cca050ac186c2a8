"""Names that come to mean another tensor, or none."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import prune

from .mover import Mover, Net


class ModuleReplaced(Mover):
    verdict = "replaced"

    def act(self, net: Any) -> None:
        net.conv = nn.Conv2d(1, 4, 3, padding=1)


class ParameterReplaced(Mover):
    verdict = "replaced"

    def act(self, net: Any) -> None:
        net.conv.weight = nn.Parameter(net.conv.weight.detach() + 1)


class BufferAssigned(Mover):
    """Layers assign their buffers anew as they go (`self.ema = ...`): the bytes count."""

    tensors = ("bn.running_mean",)

    def act(self, net: Any) -> None:
        net.bn.running_mean = torch.ones(4)


class BufferRegisteredAgain(Mover):
    tensors = ("bn.running_mean",)

    def act(self, net: Any) -> None:
        net.bn.register_buffer("running_mean", torch.ones(4))


class Scaled(Net):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(x)
        return y * self.scale if hasattr(self, "scale") else y


class BufferAssignedEqual(BufferAssigned):
    """Another object with the same bytes is no movement."""

    verdict = "held"

    def act(self, net: Any) -> None:
        net.bn.running_mean = net.bn.running_mean.clone()


class ParameterDeleted(Mover):
    verdict = "missing"
    tensors = ("scale",)
    frozen = ("scale",)

    def net(self) -> nn.Module:
        return Scaled()

    def act(self, net: Any) -> None:
        del net.scale


class LayerSetToIdentity(Mover):
    verdict = "missing"
    tensors = ("bn.weight", "bn.running_mean")

    def act(self, net: Any) -> None:
        net.bn = nn.Identity()


class Pruned(Mover):
    """Pruning takes the parameter away and leaves a plain attribute in its place."""

    verdict = "missing"

    def act(self, net: Any) -> None:
        prune.l1_unstructured(net.conv, "weight", amount=0.5)
