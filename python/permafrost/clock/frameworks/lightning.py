"""PyTorch Lightning, under both of its names."""

from __future__ import annotations

from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in, numbers, whole

MODULES = ("lightning.pytorch.loops.fit_loop", "pytorch_lightning.loops.fit_loop")


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps the loop over epochs; returns the names that this version lacks."""
    # Private since 2.0, public before.
    kind = getattr(module, "_FitLoop", None) or getattr(module, "FitLoop", None)
    missing = missing_in(kind, "on_advance_start", "on_advance_end", "run")
    if missing:
        return missing

    def begins(loop: Any, *_: Any) -> None:
        loops.epoch_begins(
            loop,
            loop.trainer.lightning_module,
            int(loop.trainer.current_epoch) + 1,
            whole(loop.max_epochs),
            whole(getattr(loop, "max_batches", None)),
        )

    def ends(loop: Any, *_: Any) -> None:
        connector = getattr(loop.trainer, "_logger_connector", None)
        # The public property would compute metrics anew.
        metrics = getattr(connector, "_callback_metrics", None)
        loops.epoch_ends(loop, faults.run("reading metrics", numbers, metrics, default={}))

    def finished(loop: Any, *_: Any) -> None:
        loops.finished(loop)

    label = "an epoch of Lightning"
    around(kind, "on_advance_start", faults, label, before=begins)
    around(kind, "on_advance_end", faults, label, after=ends)
    around(kind, "run", faults, label, always=finished)
    return []
