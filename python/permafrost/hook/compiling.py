"""Whether torch.compile is at work."""

from __future__ import annotations

import torch


def is_compiling() -> bool:
    """Whether torch.compile is tracing right now: nothing of ours may come into its graph."""
    compiler = getattr(torch, "compiler", None)
    asks = getattr(compiler, "is_compiling", None)
    return bool(asks()) if asks is not None else False
