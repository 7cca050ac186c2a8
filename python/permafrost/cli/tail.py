"""Follows the events files of a run."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Iterator, Optional

_CHUNK = 1 << 20
_HEAD = 512
_LONGEST = 128 << 20
_MAIN = "events.jsonl"
_OF_RANK = re.compile(r"events\.rank\d+\.jsonl")
TOO_LONG = "line too long"
"""Stands for a line that was too long to be kept."""


@dataclass
class _File:
    offset: int = 0
    head: bytes = b""
    """First bytes as they were read: a file written anew may get the same inode."""
    torn: bytearray = field(default_factory=bytearray)
    too_long: bool = False


class EventTail:
    """The lines of the launcher's file and of every rank's, as they come."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._files: dict[str, _File] = {}

    def read(self) -> tuple[bool, list[str]]:
        """New complete lines, and whether a file began anew.

        Truncated, replaced or deleted: all lines told before are void then, and the lines of all
        files are told again. A fault may pass: the next call tries again.
        """
        # The file with the launcher's last line is read last, and only as far as it was written
        # before the others: whoever reads of the run's end has read all that ranks told before it.
        limit = self._size(_MAIN)
        names = self._names()
        reset = any(self._began_anew(name) for name in self._files)
        if reset:
            self._files = {}
        lines: list[str] = []
        for name in names:
            lines.extend(self._lines(name, self._files.setdefault(name, _File()), None))
        if limit > 0:
            lines.extend(self._lines(_MAIN, self._files.setdefault(_MAIN, _File()), limit))
        return reset, lines

    def _size(self, name: str) -> int:
        try:
            return os.stat(os.path.join(self._directory, name)).st_size
        except OSError:
            return 0

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._directory) if _OF_RANK.fullmatch(name))
        except OSError:
            return []

    def _began_anew(self, name: str) -> bool:
        known = self._files[name]
        try:
            with open(os.path.join(self._directory, name), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                return size < known.offset or file.read(len(known.head)) != known.head
        except (FileNotFoundError, NotADirectoryError):
            return known.offset > 0
        except OSError:
            return False

    def _lines(self, name: str, known: _File, limit: Optional[int]) -> Iterator[str]:
        try:
            with open(os.path.join(self._directory, name), "rb") as file:
                file.seek(known.offset)
                while True:
                    left = _CHUNK if limit is None else min(_CHUNK, limit - known.offset)
                    chunk = file.read(max(0, left))
                    if not chunk:
                        return
                    known.offset += len(chunk)
                    known.head += chunk[: _HEAD - len(known.head)]
                    yield from _cut(known, chunk)
        except OSError:
            return


def _cut(known: _File, chunk: bytes) -> Iterator[str]:
    """The lines that `chunk` completes; split as bytes, so that no character is cut."""
    *complete, rest = chunk.split(b"\n")
    for part in complete:
        known.torn += part
        yield TOO_LONG if known.too_long else known.torn.decode("utf-8", "replace")
        known.torn = bytearray()
        known.too_long = False
    known.torn += rest
    if len(known.torn) > _LONGEST:
        known.torn = bytearray()
        known.too_long = True
