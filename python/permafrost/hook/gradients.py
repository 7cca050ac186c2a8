"""The gradients of frozen parameters, after every backward pass."""

from __future__ import annotations

from typing import Any, Callable

import torch

from .faults import Faults
from .patching import wrap
from .reads_gradients import ScriptGradients
from .tracked import TrackedModel


class Gradients:
    """Takes gradients away from frozen parameters, or gives them zeros where the script needs some.

    None is what a hand freeze leaves, and what every optimizer of torch passes over. A script that
    reads the gradient of every parameter would die of it: for that one, and only for parameters
    that are in no optimizer (decay would move them), it is a tensor of zeros, as large as the
    gradient that the script would have without Permafrost.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.on_backward: Callable[[], None] = lambda: None
        self.on_zeros: Callable[[str, int], None] = lambda file, line: None
        self.script = ScriptGradients()
        self.looked = self._told = False

    def install(self) -> None:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def backward(*args: Any, **kwargs: Any) -> Any:
                result = original(*args, **kwargs)
                self._faults.run("the end of a backward pass", self.on_backward)
                return result

            return backward

        wrap(torch.autograd, "backward", make)

    def drop(self, model: TrackedModel) -> None:
        """After a backward pass, and before a step: no frozen parameter has a gradient."""
        zeros = self._script_reads()
        for tracked in model.frozen_parameters:
            tensor = tracked.tensor()
            if tensor is None:
                continue
            zero = tracked.keeps_zeros or (zeros and tracked.always_frozen)
            if zero and not model.sharded:
                self._zero(tensor)
            elif tensor.grad is not None:
                tensor.grad = None

    def _zero(self, tensor: torch.Tensor) -> None:
        gradient = tensor.grad
        if gradient is None:
            if tensor.is_floating_point() or tensor.is_complex():
                tensor.grad = torch.zeros_like(tensor)
        elif tensor.requires_grad:  # the script has thawed it: this one is real
            gradient.detach_().zero_()

    def look(self) -> None:
        """Reads what the script has loaded since the last look."""
        self.looked = True
        self._faults.run("reading the script", self.script.look)

    def _script_reads(self) -> bool:
        if not self.looked:
            self.look()
        if self.script.place is not None and not self._told:
            self._told = True
            self.on_zeros(*self.script.place)
        return self.script.place is not None
