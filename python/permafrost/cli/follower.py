"""Follows the events of a run and tells each epoch's verdict as it comes."""

from __future__ import annotations

import threading

from .output import message_line, note
from .ranks import is_announced, is_verified
from .read_event import Event, read_event
from .reduce import reduce
from .reduce_models import current_model, epoch_of
from .state import RunState
from .tail import EventTail
from .words import epoch_line

_POLL_SECONDS = 0.25


class Follower:
    """Reads in a thread of its own from `start` to `finish`."""

    def __init__(self, directory: str, quiet: bool) -> None:
        self.state = RunState()
        """Of what was read so far."""
        self._tail = EventTail(directory)
        self._quiet = quiet
        # What was told last of each epoch: a second verification that agrees is not news.
        self._told: dict[tuple[str, int], str] = {}
        self._moved_before = False
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="permafrost", daemon=True)

    @property
    def moved(self) -> bool:
        """Whether a frozen tensor moved, also when the events that told it are lost."""
        return self._moved_before or bool(self.state.movements)

    def start(self) -> None:
        self._thread.start()

    def catch_up(self) -> RunState:
        """The state of all that was written before the call."""
        with self._lock:
            reset, lines = self._tail.read()
            if reset:
                self._begin_anew()
            for line in lines:
                self._take(line)
        return self.state

    def finish(self) -> RunState:
        """Reads to the end, stops to follow and returns the last state."""
        self._stop.set()
        self._thread.join()
        return self.catch_up()

    def read_silently(self) -> RunState:
        """The state of all that was written, with nothing told."""
        for line in self._tail.read()[1]:
            self._take(line, tell=False)
        return self.state

    def _follow(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self.catch_up()

    def _begin_anew(self) -> None:
        note(
            "warning: the events file was cut or deleted by someone during the run; what it held "
            "is lost."
        )
        self._moved_before = self.moved
        self.state = RunState()

    def _take(self, line: str, tell: bool = True) -> None:
        if not line.strip():
            return
        try:
            event = read_event(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.state.garbled_lines += 1
            return
        if event is None:
            return
        before = len(self.state.messages)
        reduce(self.state, event)
        # What another rank has told already is no news.
        is_news = len(self.state.messages) > before
        if not tell:
            return
        if event["type"] == "verified":
            self._tell_epoch(event)
        # The hook itself tells why it refuses to train, also where nobody follows.
        elif event["type"] == "message" and event["level"] != "info" and is_news:
            note(message_line(event["level"], event["text"], event.get("advice")))

    def _tell_epoch(self, event: Event) -> None:
        model = current_model(self.state, event)
        epoch = None if model is None else epoch_of(model, event["epoch"])
        if model is None or epoch is None or epoch.verification is None:
            return
        line = epoch_line(model, epoch)
        key = (model.name, epoch.epoch)
        if self._told.get(key) == line:
            return
        bad = any(each["verdict"] != "rebased" for each in epoch.verification["findings"])
        # A good verdict is told once all ranks gave theirs, and one of them told what is frozen.
        if not bad and (self._quiet or not is_announced(model) or not is_verified(model, epoch)):
            return
        self._told[key] = line
        note(f"{model.name}: {line}" if len(self.state.models) > 1 else line)
