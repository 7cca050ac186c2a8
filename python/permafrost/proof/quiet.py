"""Reading tensors without a trace in the script's torch."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import Iterator

import torch


@contextmanager
def quiet() -> Iterator[None]:
    """No autograd graph, no `__torch_function__` of subclasses, no modes of the script.

    A mode would count our operations (FlopCounterMode) or send them to another device
    (`torch.set_default_device`).
    """
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(torch._C.DisableTorchFunction())
        depth = getattr(torch._C, "_len_torch_dispatch_stack", None)
        if depth is not None and depth() > 0:
            from torch.utils._python_dispatch import _disable_current_modes

            stack.enter_context(_disable_current_modes())
        yield
