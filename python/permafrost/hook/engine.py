"""What computes: PyTorch, and the device that the model really lies on."""

from __future__ import annotations

import platform
from typing import Any

import torch

from .tracked import TrackedModel


def engine_facts(model: TrackedModel) -> dict[str, Any]:
    """The fields of the `engine` event."""
    device = next(
        (tensor.device for each in model.tensors if (tensor := each.tensor()) is not None),
        torch.device("cpu"),
    )
    return {
        "framework": "pytorch",
        "version": str(torch.__version__),
        "package": "torch",
        "backend": device.type,
        "device": _device_text(device),
    }


def _device_text(device: torch.device) -> str:
    if device.type == "cuda" and torch.cuda.is_available():
        return f"{torch.cuda.get_device_name(device)} ({device})"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"CPU ({platform.machine()}, {threads} thread{'' if threads == 1 else 's'})"
    return str(device)
