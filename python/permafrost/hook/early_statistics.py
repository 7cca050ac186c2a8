"""Running statistics before the first backward pass of a script without an optimizer.

Such a script shows what it trains only when gradients arrive, after a forward pass in which
BatchNorm has already taken the batch in. What it had before is kept until then.
"""

from __future__ import annotations

import weakref

import torch
from torch.nn import Module
from torch.nn.parameter import UninitializedBuffer

from .norms import buffers_of, norm_kind
from .tracked import TrackedModel


class EarlyStatistics:
    """The statistics of the latest outermost training forward, from before it."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple["weakref.ref[Module]", dict[str, torch.Tensor]]] = {}

    def before_forward(self, module: Module) -> None:
        """Keeps what the layers in `module` have now."""
        for each in module.modules():
            if each._buffers and each.training and norm_kind(each) in ("batch", "instance"):
                buffers = {
                    name: buffer.detach().clone()
                    for name, buffer in each._buffers.items()
                    # A lazy one has no values before its first forward pass.
                    if buffer is not None and type(buffer) is not UninitializedBuffer
                }
                self._kept[id(each)] = (weakref.ref(each), buffers)

    def put_back(self, model: TrackedModel) -> None:
        """Gives the frozen layers of `model` what they had: they were never to take it in."""
        with torch.no_grad():
            for norm in model.norms:
                module = norm.module()
                if module is None or not norm.frozen:
                    continue
                buffers = buffers_of(module)
                entry = self._kept.get(id(module))
                if entry is None or entry[0]() is not module:
                    continue
                norm.batch += 1
                for name, kept in entry[1].items():
                    buffer = buffers.get(name)
                    if buffer is not None and buffer.shape == kept.shape:
                        buffer.copy_(kept)

    def clear(self) -> None:
        self._kept.clear()
