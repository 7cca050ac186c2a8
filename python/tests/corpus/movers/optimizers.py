"""Optimizers that move what has no gradient."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch.optim.sgd import sgd

from .mover import Mover


class WeightDecayOnZeroGradients(Mover):
    verdict = "held"
    epoch = 1

    def optimizer(self, net: Any) -> Any:
        return torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=0.1)

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        for p in net.parameters():
            p.grad = torch.zeros_like(p)

    def train_on(self, net: Any, optimizer: Any, x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad(set_to_none=False)
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


class SgdMomentumAfterRefreeze(WeightDecayOnZeroGradients):
    epoch = 2
    span = (2, None)

    def optimizer(self, net: Any) -> Any:
        return torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)


class AdamAfterRefreeze(WeightDecayOnZeroGradients):
    epoch = 2
    span = (2, None)

    def optimizer(self, net: Any) -> Any:
        return torch.optim.Adam(net.parameters(), lr=0.01)


class AdamWAfterRefreeze(WeightDecayOnZeroGradients):
    epoch = 2
    span = (2, None)

    def optimizer(self, net: Any) -> Any:
        return torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)


class RmspropWithMomentumAfterRefreeze(WeightDecayOnZeroGradients):
    epoch = 2
    span = (2, None)

    def optimizer(self, net: Any) -> Any:
        return torch.optim.RMSprop(net.parameters(), lr=0.01, momentum=0.9, weight_decay=0.01)


class Decaying(torch.optim.Optimizer):
    """Decays every parameter, whether it has a gradient or not."""

    def __init__(self, params: Any, lr: float = 0.05, decay: float = 0.1) -> None:
        super().__init__(params, {"lr": lr, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                p.mul_(1 - group["lr"] * group["decay"])
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])


class DecayWithoutGradient(Mover):
    verdict = "either"
    causes = ("optimizer",)
    epoch = 1

    def optimizer(self, net: Any) -> Any:
        return Decaying(net.parameters())


class DecayWithoutGradientAfterRefreeze(DecayWithoutGradient):
    epoch = 2
    span = (2, None)


class Keeping(Decaying):
    """Keeps a list of the parameters beside its groups, and decays what stands in it."""

    def __init__(self, params: Any) -> None:
        self.mine = list(params)
        super().__init__(self.mine)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for p in self.mine:
            p.mul_(0.999)
            if p.grad is not None:
                p.add_(p.grad, alpha=-0.05)


class OptimizerWithAListOfItsOwn(Mover):
    verdict = "either"
    causes = ("optimizer",)
    epoch = 1

    def optimizer(self, net: Any) -> Any:
        return Keeping(net.parameters())


class NoOptimizerClass:
    """Looks like an optimizer and inherits from nothing."""

    def __init__(self, params: Any) -> None:
        self.params = list(params)
        self.calls = 0

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        self.calls += 1
        for p in self.params:
            if p.grad is not None:
                p.sub_(0.05 * p.grad)
            if self.calls == 6:
                p.mul_(0.9)


class OptimizerThatIsNone(Mover):
    verdict = "either"
    causes = ("in-place", "optimizer")

    def optimizer(self, net: Any) -> Any:
        return NoOptimizerClass(net.parameters())


class ByHandBesideAnOptimizer(Mover):
    """The model moves by hand, and another one in the same loop by an optimizer."""

    def optimizer(self, net: Any) -> Any:
        self.other = torch.nn.Linear(36, 3)
        return torch.optim.SGD(self.other.parameters(), lr=0.05)

    def train_on(self, net: Any, optimizer: Any, x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        F.cross_entropy(self.other(x.flatten(1)), y).backward()
        optimizer.step()
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        for p in net.parameters():
            if p.grad is not None:
                p.data -= 0.05 * p.grad

    def act(self, net: Any) -> None:
        net.conv.weight.data.mul_(0.9)


class FunctionalStep(Mover):
    causes = ("in-place", "optimizer")

    def act(self, net: Any) -> None:
        with torch.no_grad():
            sgd(
                [net.conv.weight],
                [torch.zeros_like(net.conv.weight)],
                [None],
                weight_decay=0.1,
                momentum=0.0,
                lr=0.1,
                dampening=0.0,
                nesterov=False,
                maximize=False,
            )


class GradientAssignedByHand(Mover):
    verdict = "held"
    epoch = 1

    def train_on(self, net: Any, optimizer: Any, x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        net.conv.weight.grad = torch.ones_like(net.conv.weight)
        optimizer.step()


class ScriptThaws(Mover):
    verdict = "held"
    epoch = 1

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        for p in net.parameters():
            p.requires_grad_(True)


class ScriptAddsTheGroup(Mover):
    """A fine-tuning callback thaws by `add_param_group`."""

    verdict = "held"

    def optimizer(self, net: Any) -> Any:
        return torch.optim.SGD(
            [*net.hidden.parameters(), *net.fc.parameters()], lr=0.05, weight_decay=0.1
        )

    def at_epoch(self, net: Any, optimizer: Any, epoch: int) -> None:
        if epoch == 2:
            net.conv.requires_grad_(True)
            optimizer.add_param_group({"params": list(net.conv.parameters()), "lr": 0.01})


class GradientAccumulatedByHand(Mover):
    """Adds its own step for the parameters it was told to freeze, gathered over the batches."""

    causes = ("in-place",)

    def after_batch(self, net: Any, optimizer: Any, epoch: int, batch: int) -> None:
        if batch == 0:
            self.sum = torch.zeros_like(net.conv.weight)
        self.sum += 0.01
        if epoch == 2 and batch == 3:
            net.conv.weight.data.add_(self.sum, alpha=-0.1)
