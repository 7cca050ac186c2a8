"""Passes signals of the launcher on to the command."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any, Optional

from .process_tree import end_trees, gone, signal_tree, tree_of

_GRACE_SECONDS = 2.0


class Interrupts:
    """The first signal is passed on as it is, and the script may take its time to save.

    The second ends the tree by SIGTERM, the third by SIGKILL. `pid` is the command's.
    """

    def __init__(self, pid: int) -> None:
        self.received: Optional[str] = None
        """The first signal; None when none came."""
        self._pid = pid
        self._count = 0
        self._members: set[int] = set()
        # Ctrl+C in a terminal reaches each process of the foreground group without us.
        self._in_terminal = any(_is_terminal(number) for number in (0, 1, 2))
        self._before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
                number = getattr(signal, name, None)
                if number is not None:
                    self._before[number] = signal.signal(number, self._receive)

    def finish(self) -> None:
        """Ends what the command has left behind after a signal; signals act as before."""
        if self.received is not None:
            left = sorted(self._members)
            if not gone(left, _GRACE_SECONDS):
                end_trees(left)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: Any) -> None:
        self._count += 1
        if self._count == 1:
            self.received = signal.Signals(number).name
            reached = number == signal.SIGINT and self._in_terminal
            roots = [self._pid]
            self._members.update(tree_of(roots) if reached else signal_tree(roots, number))
            return
        harder = signal.SIGTERM if self._count == 2 else getattr(signal, "SIGKILL", signal.SIGTERM)
        self._members.update(signal_tree({self._pid, *self._members}, harder))


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False
