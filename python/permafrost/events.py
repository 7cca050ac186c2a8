"""Writes events: the only channel out of a training process."""

from __future__ import annotations

import atexit
import json
import math
import os
import sys
import time
from typing import Any

from .settings import Settings

EVENT_VERSION = 1


class EventSink:
    """Appends events to the file of this process, each a whole line in one write.

    What was written before a kill stays readable, and the lines of several processes do not mix.
    Nothing is kept open: a script may close all files, or fork. Never raises: a run whose events
    cannot be written goes on, says so once on stderr when the process ends, and is not verified.
    """

    def __init__(self, settings: Settings) -> None:
        self._file = settings.events_file
        self._proc = settings.proc
        self._torn = False
        self._untold = 0
        self._reason = ""
        self.lost = 0
        """How many events could not be written."""

    def reopen(self, settings: Settings) -> None:
        """Goes on as another process: after a fork, or when the rank has become known."""
        if os.path.dirname(settings.events_file) == os.path.dirname(self._file):
            self._torn = self._torn and settings.events_file == self._file
        self._file = settings.events_file
        self._proc = settings.proc

    def write(self, type: str, **fields: Any) -> None:
        """Appends one event; its time is now. NaN and infinity are written as words."""
        try:
            if self._untold > 0 and self._append(self._loss()):
                self._untold = 0
            if self._untold > 0 or not self._append({"type": type, **fields}):
                self._lose()
        except Exception as error:  # the training never suffers
            self._reason = f"{error.__class__.__name__}: {error}"
            self._lose()

    def _append(self, body: dict[str, Any]) -> bool:
        event = {"v": EVENT_VERSION, "t": int(time.time() * 1000), "proc": self._proc, **body}
        line = f"{_dumped(event)}\n".encode("ascii")
        if self._torn:
            line = b"\n" + line
        try:
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                written = os.write(file, line)
            finally:
                os.close(file)
        except OSError as error:
            self._reason = error.strerror or str(error)
            return False
        # A full disk takes a part of a line: the next one begins anew.
        self._torn = written < len(line) and (written > 0 or self._torn)
        if written < len(line):
            self._reason = "the disk is full"
        return written == len(line)

    def _lose(self) -> None:
        if self.lost == 0:
            atexit.register(self._say)
        self.lost += 1
        self._untold += 1

    def _loss(self) -> dict[str, Any]:
        return {
            "type": "message",
            "level": "error",
            "code": "hook-fault",
            "text": f"{self._untold} events could not be written ({self._reason})",
            "advice": "What they told is lost.",
        }

    def _say(self) -> None:
        try:
            sys.stderr.write(
                f"permafrost: cannot write {self._file} ({self._reason}); training went on, but "
                "this run is not verified.\n"
            )
            sys.stderr.flush()
        except Exception:  # closed
            pass


def _dumped(event: dict[str, Any]) -> str:
    try:
        return json.dumps(event, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return json.dumps(_plain(event), allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """The same as JSON can hold it: metrics of a script may be of any type."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return "NaN" if math.isnan(value) else "Infinity"
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    try:
        return _plain(float(value))
    except (TypeError, ValueError):
        return str(value)
