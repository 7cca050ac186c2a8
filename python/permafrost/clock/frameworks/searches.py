"""Trial runs of frameworks, for a learning rate or a batch size: their steps are no epochs."""

from __future__ import annotations

from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in

_SEARCHES = {
    "lightning.pytorch.callbacks.lr_finder": ("LearningRateFinder", "lr_find"),
    "lightning.pytorch.callbacks.batch_size_finder": ("BatchSizeFinder", "scale_batch_size"),
    "pytorch_lightning.callbacks.lr_finder": ("LearningRateFinder", "lr_find"),
    "pytorch_lightning.callbacks.batch_size_finder": ("BatchSizeFinder", "scale_batch_size"),
    "fastai.callback.schedule": ("Learner", "lr_find"),
}
MODULES = tuple(_SEARCHES)


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps the search of the module; returns the names that this version lacks."""
    owner, name = _SEARCHES[module.__name__]
    kind = getattr(module, owner, None)
    missing = missing_in(kind, name)
    if missing:
        return missing

    def begins(*_: Any) -> None:
        loops.pause()

    def ends(*_: Any) -> None:
        loops.go_on()

    around(kind, name, faults, "a trial run", before=begins, always=ends)
    return []
