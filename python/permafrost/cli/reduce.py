"""From events to the state of a run (src/runs/reduce)."""

from __future__ import annotations

from .ranks import rank_of
from .read_event import Event
from .reduce_models import reduce_models
from .state import ProcessState, RunState

_OF_MODELS = ("model", "epoch-started", "progress", "epoch-ended", "verified")
# How far back the message of another rank is looked for: a script can warn at every batch.
_REMEMBERED = 500


def reduce(state: RunState, event: Event) -> None:
    """Takes one more event into the state."""
    kind = event["type"]
    if kind == "run-started":
        state.rules = event["rules"]
        state.started_at = event["t"]
    elif kind == "process-started":
        _start_process(state, event)
    elif kind == "process-ended":
        process = state.processes.get(event["proc"])
        if process is not None:
            process.ended, process.exit_code = True, event["code"]
    elif kind == "engine":
        # Of several ranks the first one speaks for all, whenever it is read.
        if state.engine is None or not rank_of(event["proc"]):
            state.engine = event
    elif kind == "message":
        _add_message(state, event)
    elif kind == "config-error":
        state.config_error = event
    elif kind == "stopped":
        _stop(state, event)
    elif kind == "run-ended":
        _end(state, event)
    elif kind in _OF_MODELS:
        reduce_models(state, event)
        if state.status == "starting":
            state.status = "training"


def _start_process(state: RunState, event: Event) -> None:
    rank = event.get("rank")
    state.processes.setdefault(
        event["proc"],
        ProcessState(
            event["runtime"],
            rank_of(event["proc"]) if rank is None else rank,
            event.get("worldSize"),
            event.get("attempt") or 1,
        ),
    )


def _add_message(state: RunState, event: Event) -> None:
    rank = rank_of(event["proc"])
    if rank is None:
        state.messages.append(event)
        return
    for known in reversed(state.messages[-_REMEMBERED:]):
        if (
            rank not in known.get("ranks", (rank,))
            and known["code"] == event["code"]
            and known["text"] == event["text"]
            and known.get("advice") == event.get("advice")
        ):
            known["ranks"].append(rank)
            return
    state.messages.append({**event, "ranks": [rank]})


def _stop(state: RunState, event: Event) -> None:
    if event["reason"] == "inspected":
        return
    # The file of a further rank may be read after the launcher's last line.
    late = (rank_of(event["proc"]) or 0) > 0 and event["t"] <= (state.ended_at or 0)
    if not state.over or late:
        state.status = "stopped"


def _end(state: RunState, event: Event) -> None:
    if state.over:
        return
    state.ended_at = event["t"]
    state.exit_code = event["code"]
    state.signal = event.get("signal")
    known = event["code"]
    if known is None:
        # A launcher that cannot tell leaves it to what the last process said, of ranks the first.
        codes = [each.exit_code for each in state.processes.values() if not each.rank]
        known = codes[-1] if codes else None
    if state.status == "stopped":
        return
    if event.get("cancelled"):
        state.status = "cancelled"
    elif state.signal is not None:
        state.status = "failed"
    else:
        state.status = "lost" if known is None else "finished" if known == 0 else "failed"
