"""How many tensors are frozen in an epoch."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Mapping, Optional, Sequence


class FrozenSteps:
    """The spans of the tensors of a model, counted once: each verification asks for the count."""

    def __init__(self, frozen: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        changes: dict[int, int] = {}
        for spans in frozen.values():
            for start, end in _disjoint(spans):
                changes[start] = changes.get(start, 0) + 1
                if end is not None:
                    changes[end + 1] = changes.get(end + 1, 0) - 1
        self._epochs = sorted(changes)
        self._counts: list[int] = []
        count = 0
        for epoch in self._epochs:
            count += changes[epoch]
            self._counts.append(count)

    def at(self, epoch: int) -> int:
        """How many tensors are frozen in `epoch` (counted from 1)."""
        index = bisect_right(self._epochs, epoch)
        return self._counts[index - 1] if index > 0 else 0

    @property
    def first(self) -> Optional[int]:
        """The first epoch in which a tensor is frozen; None when none ever is."""
        return next((e for e, count in zip(self._epochs, self._counts) if count > 0), None)


def _disjoint(spans: Sequence[Mapping[str, Any]]) -> list[tuple[int, Optional[int]]]:
    """The same epochs by spans that do not overlap, so that no tensor counts twice."""
    merged: list[tuple[int, Optional[int]]] = []
    for span in sorted(spans, key=lambda each: int(each["from"])):
        start, end = span["from"], span["until"]
        if not merged or (merged[-1][1] is not None and merged[-1][1] < start):
            merged.append((start, end))
        elif merged[-1][1] is not None:
            merged[-1] = (merged[-1][0], None if end is None else max(merged[-1][1], end))
    return merged
