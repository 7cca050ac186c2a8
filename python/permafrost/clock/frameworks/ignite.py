"""The Engine of PyTorch Ignite; of several, the one in which steps happen is training."""

from __future__ import annotations

from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in, numbers, whole

MODULES = ("ignite.engine.engine",)


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps the firing of events; returns the names that this version lacks."""
    kind: Any = getattr(module, "Engine", None)
    events: Any = getattr(module, "Events", None)
    missing = missing_in(kind, "_fire_event", "run")
    missing += [] if hasattr(events, "EPOCH_COMPLETED") else ["Events.EPOCH_COMPLETED"]
    if missing:
        return missing

    def before(engine: Any, event: Any, *_: Any) -> None:
        if event == events.EPOCH_STARTED:
            state = engine.state
            batches = whole(getattr(state, "epoch_length", None))
            loops.epoch_begins(engine, None, state.epoch, whole(state.max_epochs), batches)

    def after(engine: Any, event: Any, *_: Any) -> None:
        if event == events.EPOCH_COMPLETED:
            metrics = getattr(engine.state, "metrics", None)
            loops.epoch_ends(engine, faults.run("reading metrics", numbers, metrics, default={}))

    def finished(engine: Any, *_: Any) -> None:
        loops.finished(engine)

    label = "an epoch of Ignite"
    around(kind, "_fire_event", faults, label, before=before, after=after)
    around(kind, "run", faults, label, always=finished)
    return []
