"""Evidence of what moved a frozen tensor."""

from __future__ import annotations

from typing import Any, Optional

import torch

from .hunt import Hunt
from .places import script_place
from .tracked import Cause, TrackedModel, TrackedTensor

# Reading the version counters of more tensors than this a step would be felt.
_WATCHED = 2000


class Causes:
    """Notes, step by step, which tensors an optimizer wrote to; tells the rest from what is there.

    Evidence is `Tensor._version`, which every in-place operation counts up but writing through
    `.data` or raw memory does not: without evidence the text says how the tensor was changed, not
    by whom.
    """

    def __init__(self) -> None:
        self.hunt = Hunt()
        self._versions: dict[int, dict[int, int]] = {}
        self._last: dict[int, list[int]] = {}
        """By id of the model, the versions after its last step."""

    def versions(self, model: TrackedModel) -> list[int]:
        """Of the frozen parameters, in their order; before a step.

        One that went up since the last step was written to by the script itself.
        """
        now = [_version(each.tensor()) for each in model.frozen_parameters[:_WATCHED]]
        last = self._last.get(id(model))
        if last is not None and last != now and len(last) == len(now):
            when = f"before step {model.steps + 1} of the epoch" if model.open else "before a step"
            text = f"it was written to in place, outside the optimizer, {when}"
            for tracked, before, after in zip(model.frozen_parameters, last, now):
                if before != after and tracked.cause is None:
                    tracked.cause = Cause("in-place", text)
        return now

    def stepped(self, model: TrackedModel, before: list[int], optimizer: Any) -> None:
        """After a step: whose version went up was written to by the optimizer."""
        now = [_version(each.tensor()) for each in model.frozen_parameters[:_WATCHED]]
        self._last[id(model)] = now
        if now == before:
            return
        for tracked, version, after in zip(model.frozen_parameters, before, now):
            if after != version and tracked.cause is None:
                tracked.cause = Cause("optimizer", _optimizer_text(optimizer), *script_place())

    def watch(self, model: TrackedModel) -> None:
        """Begins to note in-place writes between now and the next verification."""
        self._last.pop(id(model), None)
        self._versions[id(model)] = {
            id(each): _version(each.tensor()) for each in model.tensors if each.frozen
        }

    def of(self, model: TrackedModel, tracked: TrackedTensor) -> Cause:
        """The cause of a movement that was just found."""
        cause = self._of(model, tracked)
        if tracked.place[0] is None:
            tracked.place = self.hunt.place(tracked)
        if cause.kind == "in-place" and cause.file is None:
            return Cause(cause.kind, cause.text, *tracked.place)
        return cause

    def hunt_next(self, model: TrackedModel, names: set[str]) -> None:
        """Ends the hunt, and begins one for these tensors if they were moved by an unknown line."""
        self.hunt.end()
        self.hunt.begin(each for each in model.tensors if each.name in names)

    def _of(self, model: TrackedModel, tracked: TrackedTensor) -> Cause:
        shared = self._shared(model, tracked, tracked.tensor())
        if shared is not None:
            return Cause("tied", f"it shares memory with {shared}, which trains")
        if tracked.info.kind == "statistic":
            return self._of_statistic(model, tracked)
        owner = tracked.owner()
        if tracked.cause is not None and tracked.cause.kind == "optimizer":
            return tracked.cause
        if owner is not None and getattr(owner, "max_norm", None) is not None:
            return Cause(
                "max-norm",
                f"{tracked.info.type}(max_norm={owner.max_norm}) scales rows in its forward pass",
            )
        return tracked.cause or self._in_place(model, tracked)

    def _of_statistic(self, model: TrackedModel, tracked: TrackedTensor) -> Cause:
        norm = next((n for n in model.norms if any(s is tracked for s in n.statistics)), None)
        if norm is None:
            return self._in_place(model, tracked)
        if norm.kind == "power":
            return Cause(
                "normalization",
                f"{tracked.info.type} updates it in its forward pass in training mode",
            )
        if norm.batch > 0:
            return Cause("batch-norm", f"{norm.name} ran in training mode")
        return self._in_place(model, tracked)

    def _in_place(self, model: TrackedModel, tracked: TrackedTensor) -> Cause:
        before = self._versions.get(id(model), {}).get(id(tracked))
        if before is not None and before != _version(tracked.tensor()):
            return Cause("in-place", "it was written to in place, outside an optimizer step")
        return Cause("in-place", "its memory was written to past autograd, as `.data` does")

    def _shared(
        self, model: TrackedModel, tracked: TrackedTensor, tensor: Optional[torch.Tensor]
    ) -> Optional[str]:
        """The name of a trainable tensor that overlaps the memory of this one."""
        span = _memory(tensor)
        if span is None:
            return None
        for other in model.tensors:
            if other is tracked or other.frozen or not other.script_trains:
                continue
            theirs = _memory(other.tensor())
            if theirs is not None and span[0] < theirs[1] and theirs[0] < span[1]:
                return other.name
        return None


def _optimizer_text(optimizer: Any) -> str:
    name = type(optimizer).__name__
    groups = getattr(optimizer, "param_groups", None) or [{}]
    why = []
    if any(group.get("weight_decay") for group in groups):
        why.append("weight decay")
    if any(group.get("momentum") for group in groups):
        why.append("momentum")
    if any(group.get("betas") for group in groups):
        why.append("running estimates")
    return f"{name}.step() wrote to it" + (f" ({', '.join(why)})" if why else "")


def _version(tensor: Optional[torch.Tensor]) -> int:
    if tensor is None:
        return -1
    try:
        return int(tensor._version)
    except RuntimeError:  # inference tensors keep none
        return -1


def _memory(tensor: Optional[torch.Tensor]) -> Optional[tuple[int, int]]:
    """First and last address of the elements; None when it has no memory of its own."""
    if tensor is None or tensor.layout != torch.strided or tensor.numel() == 0:
        return None
    try:
        start = tensor.data_ptr()
        if start == 0:
            return None
        reach = sum((size - 1) * abs(step) for size, step in zip(tensor.shape, tensor.stride()))
        return start, start + (reach + 1) * tensor.element_size()
    except (RuntimeError, NotImplementedError):
        return None
