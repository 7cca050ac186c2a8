"""The processes that a command has started, as a whole."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Iterable, Iterator, Sequence

_POLL_SECONDS = 0.05
_TERMINATE_SECONDS = 3.0
# A process in uninterruptible sleep ends only when its device answers.
_KILL_SECONDS = 5.0


def tree_of(roots: Iterable[int]) -> list[int]:
    """Process ids of the trees below `roots` as they are now, the roots where they live."""
    table = [(pid, parent) for pid, parent, zombie in _process_table() if not zombie]
    tree = set(roots)
    size = -1
    # Parents may come after their children in the table.
    while size != len(tree):
        size = len(tree)
        tree.update(pid for pid, parent in table if parent in tree)
    return [pid for pid, _ in table if pid in tree]


def signal_tree(roots: Iterable[int], number: int) -> list[int]:
    """Sends a signal to each process of the trees below `roots`, the roots included.

    Returns their ids: a child whose parent ends gets another parent, and is found later only when
    it is remembered.
    """
    if sys.platform == "win32":
        for root in roots:
            subprocess.run(["taskkill", "/pid", str(root), "/T", "/F"], capture_output=True)
        return []
    members = tree_of(roots)
    for pid in members:
        with suppress(OSError):  # it has ended in between
            os.kill(pid, number)
    return members


def end_trees(members: Sequence[int]) -> None:
    """Ends what is left of trees by SIGTERM, then by SIGKILL; returns when nothing is alive."""
    rest = signal_tree(members, signal.SIGTERM)
    if not gone(rest, _TERMINATE_SECONDS):
        gone(signal_tree(rest, signal.SIGKILL), _KILL_SECONDS)


def gone(members: Sequence[int], seconds: float) -> bool:
    """Waits until nothing of the trees below `members` is alive; False when time is up."""
    deadline = time.monotonic() + seconds
    while members and tree_of(members):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _process_table() -> Iterator[tuple[int, int, bool]]:
    """Id, parent, and whether it has ended and was not waited for."""
    if sys.platform.startswith("linux"):
        yield from _read_proc()
        return
    done = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        pid, parent, state = line.split(None, 2)
        yield int(pid), int(parent), state.startswith("Z")


def _read_proc() -> Iterator[tuple[int, int, bool]]:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                # `pid (name) state ppid …`, and the name may hold parentheses: proc_pid_stat(5).
                match = re.match(r"\d+ \(.*\) (\S) (\d+) ", file.read(), re.DOTALL)
        except OSError:
            continue
        if match is not None:
            yield int(name), int(match.group(2)), match.group(1) == "Z"
