"""What the script itself loads or casts: a new reference, and no alarm."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from .mover import Mover, Net


class LoadOtherValues(Mover):
    verdict = "rebased"
    causes = ("load",)

    def act(self, net: Any) -> None:
        net.load_state_dict(
            {name: tensor + 1 for name, tensor in copy.deepcopy(net.state_dict()).items()}
        )


class LoadIntoALayer(Mover):
    verdict = "rebased"
    causes = ("load",)

    def act(self, net: Any) -> None:
        net.conv.load_state_dict(nn.Conv2d(1, 4, 3, padding=1).state_dict())


class RoundTripThroughHalf(Mover):
    verdict = "rebased"

    def act(self, net: Any) -> None:
        net.half()
        net.float()


class ToDouble(Mover):
    verdict = "rebased"

    def act(self, net: Any) -> None:
        net.double()


class MovedThenLoaded(Mover):
    """A write that a load covers up within the epoch is told all the same."""

    causes = ("in-place",)
    loaded_after = True

    def act(self, net: Any) -> None:
        net.conv.weight.data.add_(1)
        net.load_state_dict(Net().state_dict())


class LoadThenMoved(Mover):
    """Loading makes a new reference; what is written afterwards is a movement from it."""

    causes = ("in-place",)
    epoch = 3

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        if epoch == 1 and batch == 1:
            net.load_state_dict(copy.deepcopy(net.state_dict()))
        if epoch == 3 and batch == 1:
            net.conv.weight.data.add_(torch.ones(1))
