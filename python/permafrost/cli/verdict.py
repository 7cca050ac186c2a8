"""The verdict over a run, worst first (src/runs/reduce/verdict.ts and doubts.ts)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Optional

from .ranks import (
    is_abandoned,
    is_awaited,
    is_verified,
    last_attempt,
    missing_ranks,
    name_in_any_attempt,
    rank_words,
)
from .state import EpochState, ModelState, RunState

# No training is larger; a line that says otherwise must not cost the reader's memory.
_MOST_RANKS = 100_000


@dataclass(frozen=True)
class Verdict:
    kind: str
    """`moved`, `not verified`, `intact`, `nothing frozen`, `no model` or `pending`."""
    reason: str = ""
    """Of `not verified`: a sentence without a full stop."""
    tensors: int = 0
    epochs: int = 0


def verdict_of(state: RunState) -> Verdict:
    """The verdict over all that a run has shown so far."""
    if state.movements:
        return Verdict("moved")
    reason = _doubt(state)
    if reason is not None:
        return Verdict("not verified", reason)
    if not state.models:
        return Verdict("no model" if state.over else "pending")
    # A model that was started again, all ranks at once, is the same model and counts once.
    most: dict[str, int] = {}
    verified: dict[str, set[int]] = {}
    for model in state.models:
        name = name_in_any_attempt(model)
        for epoch in model.epochs:
            frozen = model.frozen.at(epoch.epoch) if is_verified(model, epoch) else 0
            most[name] = max(most.get(name, 0), frozen)
            if frozen > 0:
                verified.setdefault(name, set()).add(epoch.epoch)
    if verified:
        epochs = max(len(each) for each in verified.values())
        return Verdict("intact", tensors=sum(most.values()), epochs=epochs)
    ever = any(model.frozen.first is not None for model in state.models)
    return Verdict("pending" if ever and not state.over else "nothing frozen")


def _doubt(state: RunState) -> Optional[str]:
    """Why a run cannot be called intact; None when nothing speaks against it."""
    if state.config_error is not None:
        return f"training was refused: {_without_stop(state.config_error['text'])}"
    doubts = [*_faults(state), *_rank_doubts(state)]
    for model in state.models:
        doubts.extend(_model_doubts(state, model))
    if not doubts and state.over and _something_frozen(state) and not _something_verified(state):
        doubts.append(("the command ended before an epoch was completed", 1))
    if state.garbled_lines > 0:
        lines = "1 line" if state.garbled_lines == 1 else f"{state.garbled_lines} lines"
        doubts.append((f"{lines} of the events file could not be read", 1))
    if state.over and state.started_at == 0:
        doubts.append(("the beginning of the events file is missing", 1))
    if not doubts:
        return None
    more = sum(count for _, count in doubts) - 1
    return doubts[0][0] if more == 0 else f"{doubts[0][0]}, and {more} more"


_Doubt = tuple[str, int]
"""A sentence without a full stop, and for how many tensors or epochs it stands."""


def _faults(state: RunState) -> Iterator[_Doubt]:
    """Faults of the hook matter where a rule froze something, or would have."""
    if state.rules or _something_frozen(state):
        for message in state.messages:
            if message["code"] == "hook-fault":
                yield _without_stop(message["text"]), 1


def _rank_doubts(state: RunState) -> Iterator[_Doubt]:
    """Ranks of the last attempt that should have trained and of which nothing is known.

    They wrote no event, as on a machine that does not share the run's folder, or died before.
    """
    models = [
        model
        for model in state.models
        if model.ranks and model.frozen.first is not None and not is_abandoned(state, model)
    ]
    if not models or not (state.over or any(len(model.epochs) > 2 for model in models)):
        return
    attempt = last_attempt(state)
    processes = {
        each.rank: each
        for each in state.processes.values()
        if each.rank is not None and each.attempt == attempt
    }
    size = min(max([0, *(each.world_size or 0 for each in processes.values())]), _MOST_RANKS)
    training = {rank for model in models for rank in model.ranks}
    silent = [rank for rank in range(size) if rank not in processes and rank not in training]
    if silent:
        yield f"{rank_words(silent)} of {size} told nothing", len(silent)
    dead = sorted(
        rank
        for rank, each in processes.items()
        if rank not in training and (each.exit_code != 0 if each.ended else state.over)
    )
    if dead:
        yield f"{rank_words(dead)} ended before training", len(dead)


def _model_doubts(state: RunState, model: ModelState) -> Iterator[_Doubt]:
    of = f" of {model.name}" if len(state.models) > 1 else ""
    if not model.epochs:
        if (
            state.status == "finished"
            and not is_abandoned(state, model)
            and model.frozen.first is not None
        ):
            yield f"no epoch{of} was completed", 1
        return
    before: Optional[EpochState] = None
    for index, epoch in enumerate(model.epochs):
        yield from _gap(model, before, epoch, of)
        yield from _epoch_doubts(state, model, index, f"epoch {epoch.epoch}{of}")
        before = epoch


def _gap(
    model: ModelState, before: Optional[EpochState], epoch: EpochState, of: str
) -> Iterator[_Doubt]:
    """A missing epoch was lost with a part of the file, unless the script itself jumped."""
    if epoch.previous == (before.epoch if before is not None else 0):
        return
    first = epoch.epoch if before is None else before.epoch + 1
    if first == epoch.epoch or model.frozen.at(first) == 0:
        return
    if epoch.epoch - first == 1:
        yield f"epoch {first}{of} is missing from the events", 1
    else:
        yield f"epochs {first} to {epoch.epoch - 1}{of} are missing from the events", 1


def _epoch_doubts(state: RunState, model: ModelState, index: int, where: str) -> Iterator[_Doubt]:
    epoch = model.epochs[index]
    frozen = model.frozen.at(epoch.epoch)
    found = epoch.verification
    late = frozen > 0 and not is_verified(model, epoch) and _is_past(state, model, index)
    if found is None:
        if late:
            yield f"{where} ended without a verification", 1
        return
    doubtful = [each for each in found["findings"] if each["verdict"] not in ("moved", "rebased")]
    told = found["intact"] + len(found["findings"])
    if doubtful:
        on = f" on {rank_words(doubtful[0]['ranks'])}" if len(model.ranks) > 1 else ""
        yield _finding_text(doubtful[0], f"{where}{on}"), len(doubtful)
    elif told != frozen:
        yield f"in {where}, {told} tensors were compared, but {frozen} were frozen", 1
    missing = missing_ranks(model, epoch)
    if late and missing:
        yield f"{where} was not verified on {rank_words(missing)}", 1


def _is_past(state: RunState, model: ModelState, index: int) -> bool:
    """Whether a verification is overdue. A crash in an epoch ends it before that."""
    abandoned = is_abandoned(state, model)
    ended = state.over or abandoned
    if index < len(model.epochs) - 1:
        return ended or not is_awaited(model, index)
    if state.status == "finished" and not abandoned:
        return True
    epoch = model.epochs[index]
    return ended and (
        epoch.milliseconds is not None
        or epoch.verification is not None
        or any(each.milliseconds is not None for each in epoch.ranks.values())
    )


def _finding_text(finding: dict[str, Any], where: str) -> str:
    name = finding["name"]
    if finding["verdict"] == "missing":
        return f"{name} was missing in {where}"
    if finding["verdict"] == "replaced":
        return f"another tensor bore the name {name} in {where}"
    return f"{name} was not compared in {where}: {_without_stop(finding['reason'])}"


def _something_frozen(state: RunState) -> bool:
    return any(
        model.frozen.first == 1
        if not model.epochs
        else any(model.frozen.at(each.epoch) > 0 for each in model.epochs)
        for model in state.models
    )


def _something_verified(state: RunState) -> bool:
    return any(
        each.verification is not None and model.frozen.at(each.epoch) > 0
        for model in state.models
        for each in model.epochs
    )


def _without_stop(text: str) -> str:
    return text[:-1] if text.endswith(".") else text
