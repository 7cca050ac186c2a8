"""Writing into the memory of a parameter."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import torch

from .mover import Mover

IN_PLACE = ("in-place",)


class DataAdd(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        net.conv.weight.data.add_(1e-3)


class DataAddInTheFirstBatch(Mover):
    causes = IN_PLACE
    epoch = 1

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        if epoch == 1 and batch == 0:
            net.conv.weight.data.add_(1e-3)


class DataAddAfterTheLastBatch(Mover):
    causes = IN_PLACE
    epoch = 3

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        if epoch == 3 and batch == 3:
            net.conv.weight.data.add_(1e-3)


class CopyUnderNoGrad(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        with torch.no_grad():
            net.conv.weight.copy_(torch.randn_like(net.conv.weight))


class DataSetToAnotherTensor(Mover):
    causes = ("in-place", "assign")

    def act(self, net: Any) -> None:
        net.conv.weight.data = net.conv.weight.data + 1e-4


class ThroughAView(Mover):
    causes = IN_PLACE
    elements = 1

    def act(self, net: Any) -> None:
        with torch.no_grad():
            net.conv.weight.view(-1)[3] += 1e-3


class ThroughNumpy(Mover):
    causes = IN_PLACE
    elements = 1

    def act(self, net: Any) -> None:
        net.conv.weight.detach().numpy()[0, 0, 0, 0] += 1


class ThroughTheStateDict(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        net.state_dict()["conv.weight"].mul_(1.01)


class ThroughRawMemory(Mover):
    causes = IN_PLACE
    elements = 1

    def act(self, net: Any) -> None:
        ctypes.memset(net.conv.weight.data_ptr(), 0, 4)


class ByAnotherThread(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        writer = threading.Thread(target=lambda: net.conv.weight.data.add_(1e-3))
        writer.start()
        writer.join()


class ClampedAfterTheStep(Mover):
    causes = IN_PLACE
    epoch = 1

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        for p in net.parameters():
            p.data.clamp_(-0.05, 0.05)


class ClippedToUnitNorm(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        with torch.no_grad():
            net.conv.weight.div_(net.conv.weight.norm())


class InitializedMidRun(Mover):
    causes = IN_PLACE

    def act(self, net: Any) -> None:
        torch.nn.init.kaiming_normal_(net.conv.weight)


class ResetParameters(Mover):
    causes = IN_PLACE
    tensors = ("conv.weight", "conv.bias")

    def act(self, net: Any) -> None:
        net.conv.reset_parameters()


class MovedAndUndone(Mover):
    """Caught, or nothing is said, since only the ends of epochs are looked at: the docs say so."""

    verdict = "either"

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        if epoch == 2 and batch == 0:
            self.kept = net.conv.weight.detach().clone()
            net.conv.weight.data.zero_()
        if epoch == 2 and batch == 2:
            net.conv.weight.data.copy_(self.kept)


class AfterTraining(Mover):
    """The last epoch has been verified already; what is saved after it is not what was trained."""

    causes = IN_PLACE
    epoch = 3

    def act(self, net: Any) -> None:
        pass

    def after_training(self, net: Any) -> None:
        net.conv.weight.data.mul_(0.5)
