"""The trainers of Ultralytics (YOLO)."""

from __future__ import annotations

from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in, numbers, whole

MODULES = ("ultralytics.engine.trainer",)


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps the calls of the callbacks; returns the names that this version lacks."""
    kind = getattr(module, "BaseTrainer", None)
    missing = missing_in(kind, "run_callbacks", "train")
    if missing:
        return missing

    def before(trainer: Any, event: str, *_: Any) -> None:
        if event == "on_train_epoch_start":
            loops.epoch_begins(
                trainer, trainer.model, int(trainer.epoch) + 1, whole(trainer.epochs)
            )

    def after(trainer: Any, event: str, *_: Any) -> None:
        # After validation and saving.
        if event == "on_fit_epoch_end":
            metrics = getattr(trainer, "metrics", None)
            loops.epoch_ends(trainer, faults.run("reading metrics", numbers, metrics, default={}))

    def finished(trainer: Any, *_: Any) -> None:
        loops.finished(trainer)

    label = "an epoch of Ultralytics"
    around(kind, "run_callbacks", faults, label, before=before, after=after)
    around(kind, "train", faults, label, always=finished)
    return []
