"""Layers that keep running statistics: telling them, and holding them in eval()."""

from __future__ import annotations

import weakref
from typing import Any, Callable, Optional

import torch
from torch.nn import Module
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.instancenorm import _InstanceNorm

from .patching import wrap
from .tracked import Norm, TrackedModel

_HELD_KINDS = ("batch", "instance", "power")


def buffers_of(module: Module) -> dict[str, Optional[torch.Tensor]]:
    """Its own buffers, by their names in it; those of a scripted module are no dictionary."""
    return dict(module._buffers.items())


def norm_kind(module: Module) -> Optional[str]:
    """How `module` keeps statistics; None when it is none of the layers that can be held.

    `batch`: BatchNorm of any kind, SyncBatchNorm, what derives from them or looks like them.
    `instance`: InstanceNorm with statistics. `frozen`: FrozenBatchNorm2d of torchvision, timm or
    detectron2, whose statistics nothing moves. `power`: the power iteration of spectral norm.
    """
    name = type(module).__name__
    if name.startswith("FrozenBatchNorm"):
        return "frozen"
    if isinstance(module, _InstanceNorm):
        return "instance" if module.running_mean is not None else None
    if isinstance(module, _NormBase):
        return "batch"
    buffers = buffers_of(module)
    if "running_mean" in buffers and ("running_var" in buffers or "running_std" in buffers):
        return "batch"
    if name == "_SpectralNorm" or any(each.endswith("_u") for each in buffers):
        return "power"
    if "observer" in name.lower() or "fakequant" in name.lower():
        return "power"
    return None


def normalises_with_batch(module: Module, kind: str) -> bool:
    """Whether a forward pass now would normalise with the statistics of the batch.

    As `_BatchNorm.forward`: in training, and in evaluation when there are no running ones.
    """
    if kind == "frozen":
        return False
    if module.training:
        return True
    buffers = buffers_of(module)
    return buffers.get("running_mean") is None and buffers.get("running_var") is None


class NormHolder:
    """Holds the layers whose statistics are frozen in eval(), whatever calls train() later.

    `Module.train` recurses through the class, so one patch there holds them; what assigns
    `.training` past it is put right before the next step and told by the verification.
    """

    def __init__(self) -> None:
        self._held: dict[int, "weakref.ref[Module]"] = {}
        self._holders: dict[int, "weakref.ref[TrackedModel]"] = {}
        """By id of a held layer, the model that holds it: others may have the layer too."""
        self._copies: dict[int, list[tuple["weakref.ref[Module]", str, torch.Tensor]]] = {}
        self._asked: dict[int, bool] = {}
        """By id of a held layer, whether the script would have it in training."""
        self._depth = 0
        self.on_mode: Callable[[Module, bool], None] = lambda module, training: None

    def install(self) -> None:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def train(module: Module, mode: bool = True) -> Module:
                asked = mode
                if self._held and self.holds(module):
                    self._asked[id(module)] = bool(mode)
                    mode = False
                self._depth += 1
                try:
                    result = original(module, mode)
                finally:
                    self._depth -= 1
                if self._depth == 0:
                    self.on_mode(module, bool(asked))
                return result

            return train

        wrap(Module, "train", make)

    def holds(self, module: Module) -> bool:
        held = self._held.get(id(module))
        return held is not None and held() is module

    def apply(self, model: TrackedModel) -> None:
        """Holds the layers of `model` whose statistics are frozen now, and lets the others go."""
        for norm in model.norms:
            module = norm.module()
            if module is None or norm.kind not in _HELD_KINDS:
                continue
            if norm.frozen:
                self._holders[id(module)] = weakref.ref(model)
            if norm.frozen and not self.holds(module):
                self._held[id(module)] = weakref.ref(module)
                self._asked[id(module)] = module.training
                module.training = False
                if norm.kind == "instance":
                    self._keep(module)
            elif not norm.frozen and self.holds(module):
                if self._holders[id(module)]() not in (model, None):
                    continue
                del self._held[id(module)], self._holders[id(module)]
                self._copies.pop(id(module), None)
                module.training = self._asked.pop(id(module), module.training)

    def look(self, model: TrackedModel) -> list[Norm]:
        """After a forward pass: notes how each layer normalised, and puts `eval()` back.

        Returns the held layers that something had put into training.
        """
        broken = []
        for norm in model.norms:
            module = norm.module()
            if module is None:
                continue
            if normalises_with_batch(module, norm.kind):
                norm.batch += 1
                if norm.frozen and self.holds(module) and module.training:
                    module.training = False
                    broken.append(norm)
            else:
                norm.running += 1
                if norm.kind == "instance" and id(module) in self._copies:
                    self._put_back(module)
        return broken

    def forget(self) -> None:
        """Lets go of layers that are gone: their ids may come again."""
        self._held = {key: ref for key, ref in self._held.items() if ref() is not None}
        self._holders = {key: self._holders[key] for key in self._held}

    def refresh(self, model: TrackedModel) -> None:
        """The script loaded other statistics: InstanceNorm is put back to these from now on."""
        for norm in model.norms:
            module = norm.module()
            if module is not None and id(module) in self._copies:
                self._keep(module)

    def _keep(self, module: Module) -> None:
        # Its kernel writes the mean of equal statistics back, which rounds: they drift in eval().
        self._copies[id(module)] = [
            (weakref.ref(module), name, buffer.detach().clone())
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]

    def _put_back(self, module: Module) -> None:
        with torch.no_grad():
            buffers = buffers_of(module)
            for _, name, kept in self._copies[id(module)]:
                buffer = buffers.get(name)
                if buffer is None or buffer.shape != kept.shape or buffer.dtype != kept.dtype:
                    continue
                # More than rounding is somebody's doing, and left for the verification to tell.
                if not torch.equal(buffer, kept) and torch.allclose(buffer, kept, atol=1e-6):
                    buffer.copy_(kept)
