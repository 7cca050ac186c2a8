"""Holding the tensors that the plan freezes, and letting them go."""

from __future__ import annotations

import sys
import weakref

import torch

from ..distributed import set_requires_grad
from .norms import NormHolder
from .optimizers import Optimizers
from .tracked import TrackedModel, TrackedTensor


class Freezer:
    """Applies the plan of an epoch: `requires_grad`, gradients, optimizers, `eval()`."""

    def __init__(self, optimizers: Optimizers, norms: NormHolder) -> None:
        self._optimizers = optimizers
        self._norms = norms
        self._always: "weakref.WeakKeyDictionary[TrackedModel, set[int]]" = (
            weakref.WeakKeyDictionary()
        )
        """Ids of what each model has frozen for the whole run: another may have it too."""
        self.ddp: "weakref.WeakSet[torch.nn.Module]" = weakref.WeakSet()
        """What the script has put into DDP, each part that has a DDP of its own."""

    def apply(self, model: TrackedModel, epoch: int) -> list[TrackedTensor]:
        """Freezes and thaws for `epoch` (from 1); returns the tensors that are newly frozen."""
        newly: list[TrackedTensor] = []
        flipped = False
        whole = self._left_without(model, epoch)
        for tracked in model.tensors:
            freeze = tracked.frozen_at(epoch)
            if freeze and not tracked.frozen:
                newly.append(tracked)
                tracked.cause = tracked.rebased = tracked.early = None
            if tracked.info.kind == "parameter":
                tracked.keeps_gradient = freeze and (
                    id(tracked.tensor()) in whole or _learned_at_wrapping(model, tracked)
                )
                flipped |= self._freeze(tracked) if freeze else self._thaw(tracked)
            tracked.frozen = freeze
        model.frozen_parameters = [
            each for each in model.tensors if each.frozen and each.info.kind == "parameter"
        ]
        self._norms.apply(model)
        self.hide(model)
        if flipped and model.announced:
            _forget_compiled()
        return newly

    def _left_without(self, model: TrackedModel, epoch: int) -> set[int]:
        """Ids of the parameters without which a loss could not go backward.

        Where a whole model, or all that one optimizer has, is frozen, nothing else may ask for a
        gradient, and `backward()` would fail in the script (a GAN's discriminator).
        """
        trained = [each for each in model.tensors if each.script_trains]
        ids = {id(each.tensor()) for each in trained}
        frozen = {id(each.tensor()) for each in trained if each.frozen_at(epoch)}
        kept = set(frozen) if len(frozen) == len(trained) else set()
        for record in self._optimizers.all() if frozen and not kept else ():
            handed = {id(each) for each in record.parameters()}
            if handed and handed <= frozen:
                kept |= handed
        # DDP refuses a module in which nothing asks for a gradient; the last one is the cheapest.
        for module in list(self.ddp) if frozen else ():
            asking = [id(each) for each in module.parameters() if id(each) in ids]
            if asking and frozen.issuperset(asking) and not kept.intersection(asking):
                kept.add(asking[-1])
        return kept

    def hide(self, model: TrackedModel) -> None:
        """Takes what is frozen for the whole run out of every optimizer, and puts back the rest.

        Where all that an optimizer shows is frozen, one has zeros for a gradient: GradScaler fails
        at an optimizer without any. No step moves it.
        """
        parameters = [each for each in model.tensors if each.info.kind == "parameter"]
        always = {id(each.tensor()) for each in parameters if each.spans and each.always_frozen}
        self._always[model] = always
        records = [each for each in self._optimizers.all() if always or each.hides]
        if records:
            owned = {id(each.tensor()) for each in parameters}
            for other, theirs in list(self._always.items()):
                if other is not model:
                    owned -= theirs - always
            for record in records:
                record.hide(always, owned)
        frozen = {id(each.tensor()) for each in model.frozen_parameters}
        zeros = set()
        for record in self._optimizers.all() if frozen else ():
            shown = [id(each) for each in record.in_sight()]
            if shown and frozen.issuperset(shown):
                zeros.add(shown[0])
        for each in model.frozen_parameters:
            each.keeps_zeros = id(each.tensor()) in zeros

    def assert_frozen(self, model: TrackedModel) -> list[TrackedTensor]:
        """Puts `requires_grad` right where the script has set it back; returns these tensors."""
        thawed = []
        for tracked in model.frozen_parameters:
            tensor = tracked.tensor()
            if tensor is not None and tensor.requires_grad and not tracked.keeps_gradient:
                _set_requires_grad(tensor, False)
                thawed.append(tracked)
        return thawed

    def _freeze(self, tracked: TrackedTensor) -> bool:
        tensor = tracked.tensor()
        if tensor is None:
            return False
        if not tracked.frozen and tensor.grad is not None:
            tensor.grad = None
        if tracked.keeps_gradient:
            return self._thaw(tracked)
        if not tensor.requires_grad:
            return False
        tracked.flipped = True
        tracked.script_trains = True
        return _set_requires_grad(tensor, False)

    def _thaw(self, tracked: TrackedTensor) -> bool:
        tensor = tracked.tensor()
        if tensor is None or not tracked.flipped:
            return False
        tracked.flipped = False
        return _set_requires_grad(tensor, True)


def _learned_at_wrapping(model: TrackedModel, tracked: TrackedTensor) -> bool:
    """Whether a wrapper relies on the tensor asking for a gradient although it is frozen for now.

    DDP and FSDP1 learn at the wrapping which parameters have gradients to share and never ask
    again (torch/nn/parallel/distributed.py: "never try to change your model's parameters"): one
    that is thawed later would not be shared.
    """
    return bool(model.wraps & {"ddp", "fsdp1"}) and not tracked.always_frozen


def _set_requires_grad(tensor: torch.Tensor, value: bool) -> bool:
    if not tensor.is_leaf or tensor.requires_grad == value:
        return False
    if value and not (tensor.is_floating_point() or tensor.is_complex()):
        return False
    set_requires_grad(tensor, value)
    return True


def _forget_compiled() -> None:
    """Compiled code has no guard on `requires_grad` (pytorch #139476): it must be made anew."""
    dynamo = sys.modules.get("torch._dynamo")
    reset = getattr(dynamo, "reset", None)
    if reset is not None:
        reset()
