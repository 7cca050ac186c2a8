"""Where in the config's text something stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Place:
    """A stretch of the config's text, in UTF-16 code units as editors count."""

    line: int
    """From 1."""
    column: int
    """From 1; a byte order mark does not count."""
    offset: int
    """From 0."""
    length: int


def place_finder(units: str) -> Callable[[int, int], Place]:
    """Makes the function from offset and length to a place in `units` (see `to_units`).

    Lines end in CRLF, LF or CR.
    """
    starts = [1 if units.startswith("\ufeff") else 0]
    starts += [end.end() for end in re.finditer(r"\r\n|\n|\r", units)]

    def place(offset: int, length: int) -> Place:
        line = max(1, bisect_right(starts, offset))
        return Place(line, max(0, offset - starts[line - 1]) + 1, offset, length)

    return place
