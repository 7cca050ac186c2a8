"""What a script does before it trains: the signs by which the hook wakes."""

from __future__ import annotations

from typing import Any, Callable

import torch
from torch.nn import Module
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _BaseDataLoaderIter

from ..imports import when_imported
from .patching import stand_in_for

LIBRARIES = (
    "accelerate",
    "fastai",
    "ignite",
    "lightning",
    "pytorch_lightning",
    "timm",
    "torch.distributed._composable",
    "torch.distributed.fsdp",
    "transformers",
    "ultralytics",
)
"""Packages of which modules are patched as soon as they are imported."""


def watch(wake: Callable[[], None]) -> None:
    """Calls `wake()` before the script makes an optimizer or a loader, goes backward or wraps a
    model, and after it has imported a library that trains.

    The other functions that `wake` is going to patch have nothing to tell until then, but may be
    taken from their places.
    """
    for owner, name in (
        (Optimizer, "__init__"),
        (DataLoader, "__init__"),
        (_BaseDataLoaderIter, "__init__"),
        (torch.autograd, "backward"),
    ):
        stand_in_for(owner, name, wake)
    for owner, name in (
        (Optimizer, "add_param_group"),
        (Optimizer, "state_dict"),
        (Optimizer, "load_state_dict"),
        (Module, "train"),
        (Module, "load_state_dict"),
        (Module, "_apply"),
        (_BaseDataLoaderIter, "_reset"),
        (_BaseDataLoaderIter, "__next__"),
    ):
        stand_in_for(owner, name, None)

    def wrapper(module: Any) -> None:
        stand_in_for(module.DistributedDataParallel, "__init__", wake)

    def library(module: Any) -> None:
        wake()

    when_imported("torch.nn.parallel.distributed", wrapper)
    for each in LIBRARIES:
        when_imported(each, library)
