"""The Learner of fastai."""

from __future__ import annotations

from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in, whole

MODULES = ("fastai.learner",)


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps what runs the events; returns the names that this version lacks."""
    kind = getattr(module, "Learner", None)
    missing = missing_in(kind, "_with_events")
    if missing:
        return missing

    def before(learner: Any, work: Any, event: str, *_: Any) -> None:
        if event == "epoch":
            loops.epoch_begins(
                learner, learner.model, int(learner.epoch) + 1, whole(learner.n_epoch)
            )

    def after(learner: Any, work: Any, event: str, *_: Any) -> None:
        if event == "epoch":
            loops.epoch_ends(learner)

    def always(learner: Any, work: Any, event: str, *_: Any) -> None:
        if event == "fit":
            loops.finished(learner)

    label = "an epoch of fastai"
    around(kind, "_with_events", faults, label, before=before, after=after, always=always)
    return []
