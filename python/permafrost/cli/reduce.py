"""From events to the state of a run (src/runs/reduce)."""

from __future__ import annotations

from typing import Any, Optional

from .frozen_count import FrozenSteps
from .read_event import Event
from .state import EpochState, ModelState, Movement, ProcessState, RunState

_WORST_FIRST = ("moved", "missing", "replaced", "not verified", "rebased")
_OF_MODELS = ("model", "epoch-started", "progress", "epoch-ended", "verified")


def reduce(state: RunState, event: Event) -> None:
    """Takes one more event into the state."""
    kind = event["type"]
    if kind == "run-started":
        state.rules = event["rules"]
        state.started_at = event["t"]
    elif kind == "process-started":
        state.processes.setdefault(event["proc"], ProcessState(event["runtime"]))
    elif kind == "process-ended":
        if event["proc"] in state.processes:
            state.processes[event["proc"]].exit_code = event["code"]
    elif kind == "engine":
        state.engine = event
    elif kind == "message":
        state.messages.append(event)
    elif kind == "config-error":
        state.config_error = event
    elif kind == "stopped":
        if event["reason"] != "inspected" and not state.over:
            state.status = "stopped"
    elif kind == "run-ended":
        _end(state, event)
    elif kind in _OF_MODELS:
        _reduce_models(state, event)
        if state.status == "starting":
            state.status = "training"


def current_model(state: RunState, event: Event) -> Optional[ModelState]:
    """The model that an event means: the last that its process announced by that name."""
    for model in reversed(state.models):
        if model.event_name == event["model"] and model.proc == event["proc"]:
            return model
    return None


def epoch_of(model: ModelState, number: int) -> Optional[EpochState]:
    """The epoch of that number; None when nothing was told of it."""
    return next((each for each in reversed(model.epochs) if each.epoch == number), None)


def _end(state: RunState, event: Event) -> None:
    if state.over:
        return
    state.ended_at = event["t"]
    state.exit_code = event["code"]
    state.signal = event.get("signal")
    known = event["code"]
    if known is None and state.processes:
        # A launcher that cannot tell leaves it to what the last process said.
        known = list(state.processes.values())[-1].exit_code
    if state.status == "stopped":
        return
    if event.get("cancelled"):
        state.status = "cancelled"
    elif state.signal is not None:
        state.status = "failed"
    else:
        state.status = "lost" if known is None else "finished" if known == 0 else "failed"


def _reduce_models(state: RunState, event: Event) -> None:
    model = current_model(state, event)
    if event["type"] == "model":
        frozen = FrozenSteps(event["frozen"])
        if model is not None and not model.epochs:
            model.frozen = frozen
        else:
            # A model that has trained keeps its epochs: the name announced again is another one.
            _add(state, event, frozen)
        return
    if model is None:
        model = _add(state, event, FrozenSteps({}))
    elif event["type"] == "epoch-started" and _is_restart(model, event):
        model = _add(state, event, model.frozen)
    if event["type"] == "progress":
        _epoch(model, event)
    elif event["type"] == "epoch-started":
        epoch = _epoch(model, event)
        epoch.previous = event.get("previous", epoch.previous)
        model.total_epochs = event["epochs"]
    elif event["type"] == "epoch-ended":
        _epoch(model, event).milliseconds = event["milliseconds"]
    else:
        epoch = _epoch(model, event)
        epoch.verification = _merged(epoch.verification, event)
        _note_movements(state, model, epoch)


def _add(state: RunState, event: Event, frozen: FrozenSteps) -> ModelState:
    taken = {model.name for model in state.models}
    name, number = event["model"], 2
    while name in taken:
        name = f"{event['model']} ({number})"
        number += 1
    model = ModelState(name, event["model"], event["proc"], frozen)
    state.models.append(model)
    return model


def _is_restart(model: ModelState, event: Event) -> bool:
    """An epoch that has ended starts anew: the model trains again from the beginning."""
    epoch = epoch_of(model, event["epoch"])
    return epoch is not None and epoch.milliseconds is not None and event["t"] > epoch.started_at


def _epoch(model: ModelState, event: Event) -> EpochState:
    """The epoch of an event; they stay in order, also when their events do not come so."""
    index = len(model.epochs)
    while index > 0 and model.epochs[index - 1].epoch > event["epoch"]:
        index -= 1
    if index > 0 and model.epochs[index - 1].epoch == event["epoch"]:
        return model.epochs[index - 1]
    model.epochs.insert(index, EpochState(event["epoch"], started_at=event["t"]))
    return model.epochs[index]


def _merged(earlier: Optional[dict[str, Any]], event: Event) -> dict[str, Any]:
    """What two verifications of one epoch say together: of each tensor the worse verdict."""
    if earlier is None:
        return event
    worst = {finding["name"]: finding for finding in earlier["findings"]}
    for finding in event["findings"]:
        known = worst.get(finding["name"])
        if known is None or _rank(finding) < _rank(known):
            worst[finding["name"]] = finding
    total = min(
        earlier["intact"] + len(earlier["findings"]), event["intact"] + len(event["findings"])
    )
    return {**event, "intact": max(0, total - len(worst)), "findings": list(worst.values())}


def _rank(finding: dict[str, Any]) -> int:
    return _WORST_FIRST.index(finding["verdict"])


def _note_movements(state: RunState, model: ModelState, epoch: EpochState) -> None:
    for finding in (epoch.verification or {}).get("findings", ()):
        key = (model.name, finding["name"])
        known = state.movements.get(key)
        # Events of several processes may arrive out of order.
        if finding["verdict"] == "moved" and (known is None or known.epoch > epoch.epoch):
            state.movements[key] = Movement(model.name, finding["name"], epoch.epoch, finding)
