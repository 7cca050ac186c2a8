"""Seeing forward passes, only while somebody has to."""

from __future__ import annotations

import functools
import sys
import threading
from typing import Any, Callable, Optional

import torch
from torch.nn import Module

from .compiling import is_compiling


class Calls:
    """Patches `Module.__call__` for as long as there is a listener.

    A global hook of torch would do, but makes compiled modules print a warning, and stays in what
    they compile. `listener(module, outermost)` is told before each forward pass that may train.
    """

    def __init__(self) -> None:
        self._original: Any = None
        self._local = threading.local()
        self.listener: Optional[Callable[[Module, bool], None]] = None

    def listen(self, listener: Callable[[Module, bool], None]) -> None:
        self.listener = listener
        if self._original is not None:
            return
        self._original = original = Module.__call__
        local = self._local

        @functools.wraps(original)
        def __call__(module: Module, *args: Any, **kwargs: Any) -> Any:
            if self.listener is None or is_compiling():
                return original(module, *args, **kwargs)
            depth = getattr(local, "depth", 0)
            if module.training and torch.is_grad_enabled() and not _in_loader_worker():
                self.listener(module, depth == 0)
            local.depth = depth + 1
            try:
                return original(module, *args, **kwargs)
            finally:
                local.depth = depth

        Module.__call__ = __call__

    def stop(self) -> None:
        """Puts `Module.__call__` back, so that nothing of ours is traced or timed."""
        self.listener = None
        if self._original is not None:
            Module.__call__ = self._original
            self._original = None


def _in_loader_worker() -> bool:
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None
