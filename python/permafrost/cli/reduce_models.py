"""The models of a run, from their events (src/runs/reduce/reduceModels.ts, reduceRanks.ts)."""

from __future__ import annotations

from typing import Optional, Union

from .frozen_count import FrozenSteps
from .ranks import attempt_suffix, merge_ranks, merge_twice, rank_of
from .read_event import Event
from .state import EpochState, ModelState, Movement, RankEpoch, RankState, RunState


def current_model(state: RunState, event: Event) -> Optional[ModelState]:
    """The model that an event means: the last that its process announced by that name."""
    for model in reversed(state.models):
        if model.event_name == event["model"] and (
            model.proc == event["proc"]
            or any(rank.proc == event["proc"] for rank in model.ranks.values())
        ):
            return model
    return None


def epoch_of(model: ModelState, number: int) -> Optional[EpochState]:
    """The epoch of that number; None when nothing was told of it."""
    return next((each for each in reversed(model.epochs) if each.epoch == number), None)


def reduce_models(state: RunState, event: Event) -> None:
    """Takes one more event of a model into the state.

    Events of models that were never announced get one without tensors, so that nothing is dropped
    in silence.
    """
    rank = rank_of(event["proc"])
    model = _reduce_alone(state, event) if rank is None else _reduce_rank(state, event, rank)
    if event["type"] == "verified":
        epoch = epoch_of(model, event["epoch"])
        if epoch is not None:
            _note_movements(state, model, epoch)


def _reduce_alone(state: RunState, event: Event) -> ModelState:
    model = current_model(state, event)
    if event["type"] == "model":
        frozen = FrozenSteps(event["frozen"])
        # A model that has trained keeps its epochs: the name announced again is another one.
        if model is None or model.epochs:
            model = _add(state, event, frozen)
        model.frozen = frozen
        return model
    if model is None:
        model = _add(state, event, FrozenSteps({}))
    elif _starts_anew(epoch_of(model, event["epoch"]), event):
        model = _add(state, event, model.frozen)
    epoch = _epoch(model, event)
    if event["type"] == "verified":
        epoch.verification = merge_twice(epoch.verification, event)
    else:
        _take_course(epoch, event)
    if event["type"] == "epoch-started":
        model.total_epochs = event["epochs"]
    return model


def _reduce_rank(state: RunState, event: Event, rank: int) -> ModelState:
    """The n-th model of a name on one rank is the n-th of that name on every other rank of the
    same attempt; what is told of it as a whole comes from the lowest rank that announced it."""
    model = current_model(state, event)
    proc = event["proc"]
    if event["type"] == "model":
        if model is None or any(rank in epoch.ranks for epoch in model.epochs):
            model = _join(state, event, rank)
        _describe(model, rank, proc, FrozenSteps(event["frozen"]))
        return model
    own = None
    if model is None:
        model = _join(state, event, rank)
        model.ranks[rank] = RankState(proc, announced=False)
    else:
        known = epoch_of(model, event["epoch"])
        own = None if known is None else known.ranks.get(rank)
        if _starts_anew(own, event):
            before = model.ranks[rank]
            frozen = before.frozen or model.frozen
            model = _join(state, event, rank)
            if before.announced:
                _describe(model, rank, proc, frozen)
            else:
                model.ranks[rank] = RankState(proc, announced=False)
    leads = min(model.ranks) == rank
    if event["type"] == "progress" and (own is not None or not leads):
        return model
    _advance(model, event, rank)
    if event["type"] == "epoch-started" and leads:
        model.total_epochs = event["epochs"]
    return model


def _join(state: RunState, event: Event, rank: int) -> ModelState:
    """The first model of that name which the rank has not joined yet, or a new one."""
    attempt = _attempt_of(state, event["proc"])
    for model in state.models:
        if (
            model.event_name == event["model"]
            and model.attempt == attempt
            and model.ranks
            and rank not in model.ranks
        ):
            return model
    return _add(state, event, FrozenSteps({}))


def _describe(model: ModelState, rank: int, proc: str, frozen: FrozenSteps) -> None:
    """The model is what the lowest rank that announced it describes; others may freeze something
    else."""
    others = {
        other: known for other, known in model.ranks.items() if other != rank and known.announced
    }
    if any(other < rank for other in others):
        model.ranks[rank] = RankState(proc, frozen)
        return
    for known in others.values():
        known.frozen = known.frozen or model.frozen
    model.frozen = frozen
    model.ranks[rank] = RankState(proc)
    for epoch in model.epochs:
        epoch.verification = merge_ranks(model, epoch)


def _advance(model: ModelState, event: Event, rank: int) -> None:
    epoch = _epoch(model, event)
    lowest = all(rank <= other for other in epoch.ranks)
    own = epoch.ranks.get(rank)
    if own is None:
        own = epoch.ranks[rank] = RankEpoch(event["t"])
        if lowest:
            epoch.started_at, epoch.milliseconds, epoch.previous = own.started_at, None, None
    if event["type"] == "verified":
        own.verification = merge_twice(own.verification, event)
        epoch.verification = merge_ranks(model, epoch)
        return
    if event["type"] == "epoch-ended":
        own.milliseconds = event["milliseconds"]
    if lowest:
        _take_course(epoch, event)


def _take_course(epoch: EpochState, event: Event) -> None:
    """What the beginning or the end of an epoch told."""
    if event["type"] == "epoch-ended":
        epoch.milliseconds = event["milliseconds"]
    elif event["type"] == "epoch-started":
        epoch.previous = event.get("previous", epoch.previous)


def _attempt_of(state: RunState, proc: str) -> int:
    process = state.processes.get(proc)
    return 1 if process is None else process.attempt


def _add(state: RunState, event: Event, frozen: FrozenSteps) -> ModelState:
    attempt = _attempt_of(state, event["proc"])
    suffix = attempt_suffix(attempt)
    taken = {model.name for model in state.models}
    name, number = event["model"], 2
    while name + suffix in taken:
        name = f"{event['model']} ({number})"
        number += 1
    model = ModelState(name + suffix, event["model"], event["proc"], frozen, attempt)
    state.models.append(model)
    return model


def _starts_anew(epoch: Union[EpochState, RankEpoch, None], event: Event) -> bool:
    """An epoch that has ended starts anew: the model trains again from the beginning."""
    return (
        event["type"] == "epoch-started"
        and epoch is not None
        and epoch.milliseconds is not None
        and event["t"] > epoch.started_at
    )


def _epoch(model: ModelState, event: Event) -> EpochState:
    """The epoch of an event; they stay in order, also when their events do not come so."""
    index = len(model.epochs)
    while index > 0 and model.epochs[index - 1].epoch > event["epoch"]:
        index -= 1
    if index > 0 and model.epochs[index - 1].epoch == event["epoch"]:
        return model.epochs[index - 1]
    model.epochs.insert(index, EpochState(event["epoch"], started_at=event["t"]))
    return model.epochs[index]


def _note_movements(state: RunState, model: ModelState, epoch: EpochState) -> None:
    for finding in (epoch.verification or {}).get("findings", ()):
        if finding["verdict"] != "moved":
            continue
        key = (model.name, finding["name"])
        known = state.movements.get(key)
        # Events of several processes may arrive out of order.
        if (
            known is None
            or known.epoch > epoch.epoch
            or (known.epoch == epoch.epoch and known.finding.get("ranks") != finding.get("ranks"))
        ):
            state.movements[key] = Movement(model.name, finding["name"], epoch.epoch, finding)
