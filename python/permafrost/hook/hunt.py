"""Finding the line that writes to a frozen tensor, once one is known to be written to."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Iterable, Optional

import torch
from torch.overrides import TorchFunctionMode

from .places import script_place
from .tracked import TrackedTensor

_WRITES = {"copy_", "__setitem__", "set_", "index_put_"}


class _Watch(TorchFunctionMode):  # type: ignore[misc]
    """Looks at every call of a torch function from Python; slow, so only for an epoch or two."""

    def __init__(self, starts: dict[int, TrackedTensor]) -> None:
        super().__init__()
        self._starts = starts
        self.found: dict[int, tuple[Optional[str], Optional[int]]] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Optional[dict[str, Any]] = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        with contextlib.suppress(Exception):  # the training never suffers
            self._look(func, args, kwargs or {})
        return result

    def _look(self, func: Any, args: Any, kwargs: dict[str, Any]) -> None:
        name = getattr(func, "__name__", "")
        writes = name in _WRITES or (name.endswith("_") and not name.endswith("__"))
        target = args[0] if writes and args else kwargs.get("out")
        if not isinstance(target, torch.Tensor) or target.layout != torch.strided:
            return
        tracked = self._starts.get(target.data_ptr())
        if tracked is not None and id(tracked) not in self.found:
            place = script_place()
            if place[0] is not None:
                self.found[id(tracked)] = place


class Hunt:
    """One hunt at a time: begun when a movement has no place, ended with the next verification."""

    def __init__(self) -> None:
        self._watch: Optional[_Watch] = None
        self._tries = 2

    def begin(self, tensors: Iterable[TrackedTensor]) -> None:
        """Watches the memory of these tensors from now on, in this thread."""
        if self._watch is not None or self._tries == 0 or _compiles():
            return
        starts = {}
        for each in tensors:
            tensor = each.tensor()
            if tensor is not None and tensor.layout == torch.strided and tensor.numel() > 0:
                starts[tensor.data_ptr()] = each
        if starts:
            self._tries -= 1
            self._watch = _Watch(starts)
            self._watch.__enter__()

    def place(self, tracked: TrackedTensor) -> tuple[Optional[str], Optional[int]]:
        """File and line (from 1) that wrote to the tensor since the hunt began."""
        found = self._watch.found if self._watch is not None else {}
        return found.get(id(tracked), (None, None))

    def end(self) -> None:
        if self._watch is not None:
            watch, self._watch = self._watch, None
            watch.__exit__(None, None, None)


def _compiles() -> bool:
    """Whether the script uses torch.compile, which a function mode would send back to eager."""
    utils = sys.modules.get("torch._dynamo.utils")
    counters = getattr(utils, "counters", {})
    return bool(counters and counters.get("frames"))
