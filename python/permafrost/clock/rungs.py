"""The ladder of clocks."""

from __future__ import annotations

from typing import Optional

RUNGS = ("exit", "steps", "scheduler", "train", "evaluate", "dataset", "fit")
"""What tells epochs, worst first (docs/events.md)."""

_RANK = {name: rank for rank, name in enumerate(RUNGS)}


def better(clock: str, than: Optional[str]) -> bool:
    """Whether `clock` stands higher on the ladder than `than`; None stands below it."""
    return than is None or _RANK[clock] > _RANK[than]
