"""Names near to what was written, by Levenshtein distance."""

from __future__ import annotations

import re
from heapq import nsmallest
from typing import Sequence

from .utf16 import to_units


def nearest_word(word: str, known: Sequence[str]) -> str | None:
    """The known key or value that was most likely meant; None when none is near."""
    best = next(iter(nearest_names(word, known, 1)), None)
    if best is None:
        return None
    edits = _Distances(word.lower()).to(best.lower())
    return best if edits <= max(2, len(to_units(best)) // 3) else None


def nearest_names(word: str, names: Sequence[str], count: int) -> list[str]:
    """Up to `count` of the names, the nearest (case ignored) first."""
    distances = _Distances(word.lower())
    edits = [distances.to(name.lower()) for name in names]
    return [names[at] for at in nsmallest(count, range(len(names)), key=edits.__getitem__)]


# Positive and negative vertical differences, and the distance so far.
_State = tuple[int, int, int]


class _Distances:
    """Distances from one word, in UTF-16 code units, by Myers' bit-parallel algorithm.

    Names of a model begin with the same modules, so what it knows of a module it keeps.
    """

    def __init__(self, word: str) -> None:
        word = to_units(word)
        self._length = len(word)
        self._masks: dict[str, int] = {}
        for at, char in enumerate(word):
            self._masks[char] = self._masks.get(char, 0) | 1 << at
        self._states: dict[str, _State] = {"": ((1 << self._length) - 1, 0, self._length)}

    def to(self, name: str) -> int:
        """The distance to a name."""
        if self._length == 0:
            return len(to_units(name))
        return self._state(to_units(name))[2]

    def _state(self, name: str) -> _State:
        ends = [each.end() for each in re.finditer("[./]", name)]
        known = next((end for end in reversed(ends) if name[:end] in self._states), 0)
        state = self._states[name[:known]]
        for end in ends:
            if end > known:
                state = self._states[name[:end]] = self._extended(state, name[known:end])
                known = end
        return self._extended(state, name[known:])

    def _extended(self, state: _State, text: str) -> _State:
        plus, minus, distance = state
        every = (1 << self._length) - 1
        last = 1 << (self._length - 1)
        for char in text:
            equal = self._masks.get(char, 0)
            vertical = equal | minus
            horizontal = (((equal & plus) + plus) ^ plus) | equal
            up = minus | (~(horizontal | plus) & every)
            down = plus & horizontal
            if up & last:
                distance += 1
            elif down & last:
                distance -= 1
            up = (up << 1 | 1) & every
            down = (down << 1) & every
            plus = down | (~(vertical | up) & every)
            minus = up & vertical
        return plus, minus, distance
