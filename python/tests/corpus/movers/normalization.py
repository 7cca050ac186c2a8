"""Layers that move their own tensors while they run."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.quantization import MinMaxObserver
from torch.optim.swa_utils import update_bn

from .mover import Mover, Net

STATISTICS = ("bn.running_mean", "bn.running_var", "bn.num_batches_tracked")


class BatchNormInTrainMode(Mover):
    verdict = "held"
    tensors = STATISTICS
    epoch = 1


class BatchNormWithoutMomentum(Mover):
    verdict = "held"
    tensors = STATISTICS
    epoch = 1

    def net(self) -> nn.Module:
        net = Net()
        net.bn = nn.BatchNorm2d(4, momentum=None)
        return net


class BatchNormWithZeroMomentum(Mover):
    """Keeps mean and variance but counts batches."""

    verdict = "held"
    tensors = ("bn.num_batches_tracked",)
    epoch = 1

    def net(self) -> nn.Module:
        net = Net()
        net.bn = nn.BatchNorm2d(4, momentum=0.0)
        return net


class BatchNormUnderNoGrad(Mover):
    verdict = "held"
    tensors = STATISTICS

    def act(self, net: Any) -> None:
        net.train()
        with torch.no_grad():
            net(torch.randn(8, 1, 6, 6))


class TrainingSetDirectly(Mover):
    verdict = "either"
    tensors = STATISTICS
    causes = ("batch-norm",)

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        if epoch == 2:
            for module in net.modules():
                module.training = True


class Overriding(Net):
    """Its `train` has other arguments and never calls the one of `nn.Module`."""

    def train(self, mode: bool = True, everything: bool = True) -> Any:
        for module in self.modules():
            module.training = mode
        return self


class TrainOverridden(Mover):
    verdict = "either"
    tensors = STATISTICS
    causes = ("batch-norm",)
    epoch = 1

    def net(self) -> nn.Module:
        return Overriding()


class FunctionalBatchNorm(Mover):
    tensors = ("bn.running_mean", "bn.running_var")
    causes = ("in-place", "batch-norm")

    def act(self, net: Any) -> None:
        F.batch_norm(
            torch.randn(8, 4, 6, 6), net.bn.running_mean, net.bn.running_var, training=True
        )


class StatisticsUpdatedByHand(Mover):
    tensors = ("bn.running_var",)
    causes = ("in-place",)

    def act(self, net: Any) -> None:
        net.bn.running_var.lerp_(torch.full((4,), 2.0), 0.1)


class StatisticsReset(Mover):
    tensors = ("bn.running_mean", "bn.running_var")
    causes = ("in-place",)

    def net(self) -> nn.Module:
        net = Net()
        net.bn.running_mean.fill_(0.3)
        net.bn.running_var.fill_(2.0)
        return net

    def act(self, net: Any) -> None:
        net.bn.reset_running_stats()


class UpdateBn(StatisticsReset):
    """Averaged weights are in use: the statistics are measured anew."""

    verdict = "either"
    causes = ("in-place", "batch-norm")

    def act(self, net: Any) -> None:
        update_bn(torch.randn(2, 8, 1, 6, 6).unbind(), net)
        net.train()


class InstanceNormStatistics(Mover):
    verdict = "either"
    tensors = ("bn.running_mean", "bn.running_var")
    epoch = 1

    def net(self) -> nn.Module:
        net = Net()
        net.bn = nn.InstanceNorm2d(4, affine=True, track_running_stats=True)
        return net


class SpectralNorm(Mover):
    """The old one: `weight_u` and the plain attribute `weight` change in each forward."""

    verdict = "either"
    tensors = ("conv.weight_u",)
    causes = ("normalization",)
    epoch = 1

    def net(self) -> nn.Module:
        net = Net()
        torch.nn.utils.spectral_norm(net.conv)
        return net


class SpectralNormParametrized(SpectralNorm):
    tensors = ("conv.parametrizations.weight.0._u",)

    def net(self) -> nn.Module:
        net = Net()
        torch.nn.utils.parametrizations.spectral_norm(net.conv)
        return net


class WeightNormScaled(Mover):
    tensors = ("conv.weight_g",)
    causes = ("in-place",)

    def net(self) -> nn.Module:
        net = Net()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.nn.utils.weight_norm(net.conv)
        return net

    def act(self, net: Any) -> None:
        net.conv.weight_g.data.mul_(2)


class Embedded(Net):
    """Row 7 is longer than the limit allows; the first epoch does not look it up."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(8, 4, max_norm=1.0)
        self.embed.weight.data.mul_(0.01)
        self.embed.weight.data[7] = 5.0
        self.row = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = torch.full((len(x),), self.row)
        return super().forward(x) + self.embed(rows).sum(1, keepdim=True)


class MaxNorm(Mover):
    tensors = ("embed.weight",)
    frozen = ("embed.",)
    causes = ("max-norm",)
    elements = 4

    def net(self) -> nn.Module:
        return Embedded()

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        net.row = 7 if epoch == 2 else 0


class Observed(Net):
    """A quantization observer notes the range of what passes, in eval mode too."""

    def __init__(self) -> None:
        super().__init__()
        self.observer = MinMaxObserver()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(self.observer(x))


class QuantizationObserver(Mover):
    tensors = ("observer.min_val", "observer.max_val")
    frozen = ("observer.",)
    epoch = 1

    def net(self) -> nn.Module:
        return Observed()
