"""The Trainer of Hugging Face transformers, and what is built on it (TRL, SetFit)."""

from __future__ import annotations

import math
import weakref
from typing import Any

from ..loops import Loops
from ..ports import FaultsPort
from .around import around, missing_in, numbers, whole

MODULES = ("transformers.trainer",)

# Of the logs, what is no measure of the model.
_NO_METRICS = ("epoch", "step", "total_flos")
_NO_METRICS_AT_END = ("_runtime", "_per_second")


def attach(module: Any, loops: Loops, faults: FaultsPort) -> list[str]:
    """Wraps the calls of the callbacks; returns the names that this version lacks."""
    trainer, handler = getattr(module, "Trainer", None), getattr(module, "CallbackHandler", None)
    missing = missing_in(handler, "on_epoch_begin", "on_epoch_end")
    missing += missing_in(trainer, "_maybe_log_save_evaluate", "train")
    if missing:
        return missing
    ending: "weakref.WeakSet[Any]" = weakref.WeakSet()
    numbered: "weakref.WeakKeyDictionary[Any, int]" = weakref.WeakKeyDictionary()

    def begins(callbacks: Any, args: Any, state: Any, *_: Any) -> None:
        # `state.epoch` is a fraction: where in training it is, also after a resume.
        epoch = numbered.get(callbacks, math.floor((state.epoch or 0) + 1e-6)) + 1
        numbered[callbacks] = epoch
        ending.discard(callbacks)
        loops.epoch_begins(callbacks, callbacks.model, epoch, whole(state.num_train_epochs))

    def ends(callbacks: Any, *_: Any) -> None:
        ending.add(callbacks)

    def evaluated(owner: Any, *_: Any) -> None:
        # The Trainer logs, evaluates and saves after its callbacks have heard of the end.
        callbacks = owner.callback_handler
        if callbacks in ending:
            ending.discard(callbacks)
            epoch = numbered.get(callbacks, 1)
            metrics = faults.run("reading metrics", _metrics, owner.state, epoch, default={})
            loops.epoch_ends(callbacks, metrics)

    def trained(owner: Any, *_: Any) -> None:
        numbered.pop(owner.callback_handler, None)
        loops.finished(owner.callback_handler)

    label = "an epoch of the Trainer"
    around(handler, "on_epoch_begin", faults, label, before=begins)
    around(handler, "on_epoch_end", faults, label, after=ends)
    around(trainer, "_maybe_log_save_evaluate", faults, label, after=evaluated)
    around(trainer, "train", faults, label, always=trained)
    return []


def _metrics(state: Any, epoch: int) -> dict[str, float]:
    """What was logged in the epoch, the last value of each name."""
    found: dict[str, float] = {}
    for entry in state.log_history:
        if entry.get("epoch", 0) > epoch - 1:
            found.update(numbers(entry))
    return {
        key: value
        for key, value in found.items()
        if key not in _NO_METRICS and not key.endswith(_NO_METRICS_AT_END)
    }
