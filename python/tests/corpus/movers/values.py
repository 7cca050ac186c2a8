"""Changes that a comparison of values, of sums or of XORs does not see."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .mover import Mover, Net


class WithExtras(Net):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.arange(10))
        self.register_buffer("mask", torch.zeros(5, dtype=torch.bool))
        self.register_buffer("calls", torch.tensor(0))
        self.extra = nn.Parameter(torch.tensor([float("nan"), 1.0, 0.0]))


class SignOfZero(Mover):
    tensors = ("extra",)
    frozen = ("extra",)
    elements = 1
    max_delta = 0

    def net(self) -> nn.Module:
        return WithExtras()

    def act(self, net: Any) -> None:
        net.extra.data[2] = -0.0


class NanPayload(SignOfZero):
    max_delta = "NaN"

    def act(self, net: Any) -> None:
        net.extra.data.view(torch.int32)[0] ^= 1


class OneBit(Mover):
    elements = 1

    def act(self, net: Any) -> None:
        net.conv.weight.data.view(torch.int32)[1, 0, 2, 1] ^= 1


class RowsSwapped(Mover):
    elements = 18

    def act(self, net: Any) -> None:
        with torch.no_grad():
            net.conv.weight[[0, 1]] = net.conv.weight[[1, 0]]


class SumKept(Mover):
    elements = 2

    def act(self, net: Any) -> None:
        flat = net.conv.weight.data.view(-1)
        flat[0], flat[1] = flat[0] + 0.25, flat[1] - 0.25


class XorKept(Mover):
    """The same bit is flipped in two elements."""

    elements = 2

    def act(self, net: Any) -> None:
        net.conv.weight.data.view(torch.int32).view(-1)[:2] ^= 4096


class FrozenTensorsSwapped(Mover):
    tensors = ("conv.bias", "bn.bias")

    def act(self, net: Any) -> None:
        kept = net.conv.bias.detach().clone()
        net.conv.bias.data.copy_(net.bn.bias.data)
        net.bn.bias.data.copy_(kept)


class IntegerBuffer(Mover):
    tensors = ("table",)
    frozen = ("table",)
    elements = 1

    def net(self) -> nn.Module:
        return WithExtras()

    def act(self, net: Any) -> None:
        net.table[4] += 1


class BoolBuffer(IntegerBuffer):
    tensors = ("mask",)
    frozen = ("mask",)

    def act(self, net: Any) -> None:
        net.mask[0] = True


class CounterBuffer(IntegerBuffer):
    tensors = ("calls",)
    frozen = ("calls",)

    def act(self, net: Any) -> None:
        net.calls += 1


class SmallestChange(Mover):
    tensors = ("conv.bias",)
    elements = 1

    def act(self, net: Any) -> None:
        value = net.conv.bias.data[0]
        net.conv.bias.data[0] = torch.nextafter(value, torch.tensor(9.0))
