"""Processes that train a model together (src/runs/reduce/ranks.ts and mergeRanks.ts)."""

from __future__ import annotations

import re
from typing import Any, Optional, Sequence

from .state import EpochState, ModelState, RunState, Verification

WORST_FIRST = ("moved", "missing", "replaced", "not verified", "rebased")
"""The verdicts of a finding."""


def rank_of(proc: str) -> Optional[int]:
    """The rank of a process by its `proc`; None for one without."""
    match = re.match(r"r(\d+)\.", proc)
    return None if match is None else int(match.group(1))


def last_attempt(state: RunState) -> int:
    """What an earlier attempt left unfinished will not be finished."""
    processes = [each.attempt for each in state.processes.values()]
    return max([1, *processes, *(model.attempt for model in state.models)])


def is_abandoned(state: RunState, model: ModelState) -> bool:
    """Whether no more events of `model` are to be expected although the run goes on."""
    return model.attempt < last_attempt(state)


def attempt_suffix(attempt: int) -> str:
    """What tells a model of a later attempt from the one of the first."""
    return "" if attempt == 1 else f", attempt {attempt}"


def name_in_any_attempt(model: ModelState) -> str:
    """The name that a model has in every attempt."""
    suffix = attempt_suffix(model.attempt)
    return model.name[: -len(suffix)] if suffix else model.name


def is_announced(model: ModelState) -> bool:
    """Whether one of the ranks that train `model` told what it is; a process alone always does."""
    return not model.ranks or any(rank.announced for rank in model.ranks.values())


def missing_ranks(model: ModelState, epoch: EpochState) -> list[int]:
    """The ranks that train `model` and have not verified `epoch`."""
    return [
        rank
        for rank in sorted(model.ranks)
        if rank not in epoch.ranks or epoch.ranks[rank].verification is None
    ]


def is_verified(model: ModelState, epoch: EpochState) -> bool:
    """Whether an epoch was verified, on each rank that trains the model."""
    return epoch.verification is not None and not missing_ranks(model, epoch)


def is_awaited(model: ModelState, index: int) -> bool:
    """Whether a verdict on the epoch at `index` may still come while the run goes on.

    One rank may begin an epoch while another still verifies the one before.
    """
    return index >= len(model.epochs) - (2 if len(model.ranks) > 1 else 1)


def disagreeing_ranks(epoch: EpochState) -> list[int]:
    """Of each group of ranks that hold equal frozen tensors, the lowest; none when all agree."""
    groups: dict[str, int] = {}
    for rank in sorted(epoch.ranks):
        digest = (epoch.ranks[rank].verification or {}).get("digest")
        if digest is not None:
            groups.setdefault(digest, rank)
    return [] if len(groups) < 2 else sorted(groups.values())


def rank_words(ranks: Sequence[int]) -> str:
    """`rank 1`, `ranks 0, 1 and 2`, `ranks 0 to 7`, `ranks 0, 2, 4 and 5 more`."""
    if len(ranks) < 2:
        return f"rank {ranks[0] if ranks else 0}"
    if len(ranks) <= 4:
        return f"ranks {', '.join(map(str, ranks[:-1]))} and {ranks[-1]}"
    if ranks[-1] - ranks[0] == len(ranks) - 1:
        return f"ranks {ranks[0]} to {ranks[-1]}"
    return f"ranks {', '.join(map(str, ranks[:3]))} and {len(ranks) - 3} more"


def merge_twice(earlier: Optional[Verification], event: Verification) -> Verification:
    """What two verifications of one epoch say together: of each tensor the worse verdict."""
    if earlier is None:
        return event
    worst = {finding["name"]: finding for finding in earlier["findings"]}
    for finding in event["findings"]:
        known = worst.get(finding["name"])
        if known is None or _badness(finding) < _badness(known):
            worst[finding["name"]] = finding
    total = min(
        earlier["intact"] + len(earlier["findings"]), event["intact"] + len(event["findings"])
    )
    digest = {"digest": earlier["digest"]} if "digest" in earlier else {}
    return {
        **digest,
        **event,
        "intact": max(0, total - len(worst)),
        "findings": list(worst.values()),
    }


def merge_ranks(model: ModelState, epoch: EpochState) -> Optional[Verification]:
    """What the verifications of an epoch on several ranks say together; None without one.

    Of each tensor the worst that a rank found, with the ranks that did.
    """
    told = [
        (rank, found)
        for rank in sorted(epoch.ranks)
        if (found := epoch.ranks[rank].verification) is not None
    ]
    if not told:
        return None
    worst: dict[str, dict[str, Any]] = {}
    off = 0
    for rank, found in told:
        for finding in found["findings"]:
            known = worst.get(finding["name"])
            if known is None or _badness(finding) < _badness(known):
                worst[finding["name"]] = {**finding, "ranks": [rank]}
            elif known["verdict"] == finding["verdict"]:
                known["ranks"].append(rank)
        own = model.ranks[rank].frozen if rank in model.ranks else None
        frozen = (own or model.frozen).at(epoch.epoch)
        by = found["intact"] + len(found["findings"]) - frozen
        off = by if abs(by) > abs(off) else off
    accounted = model.frozen.at(epoch.epoch) + off
    return {
        "intact": max(0, accounted - len(worst)),
        "findings": list(worst.values()),
        "normalization": _merge_normalization([found for _, found in told]),
    }


def _merge_normalization(all_told: Sequence[Verification]) -> list[dict[str, Any]]:
    layers: dict[str, dict[str, Any]] = {}
    for found in all_told:
        for layer in found["normalization"]:
            known = layers.get(layer["module"], layer)
            layers[layer["module"]] = {
                "module": layer["module"],
                "mode": layer["mode"] if known["mode"] == layer["mode"] else "mixed",
                "frozen": known["frozen"] or layer["frozen"],
            }
    return list(layers.values())


def _badness(finding: dict[str, Any]) -> int:
    return WORST_FIRST.index(finding["verdict"])
