"""Starts the command and tells how it ended."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from .command_line import CommandLine
from .project import error_code


@dataclass(frozen=True)
class Ending:
    code: Optional[int]
    """Exit code; None when a signal ended it or it never started."""
    signal: Optional[str]
    """`SIGTERM`."""
    failure: Optional[OSError]
    """Why it could not be started."""


def start_command(
    command: CommandLine, cwd: str, env: Mapping[str, str], **streams: Any
) -> subprocess.Popen[bytes]:
    """Starts a command; `streams` as for Popen. Raises OSError."""
    what = command.text if command.shell else list(command.words)
    return subprocess.Popen(what, shell=command.shell, cwd=cwd, env=dict(env), **streams)


def ending_of(process: "subprocess.Popen[bytes]") -> Ending:
    """How a process that has ended did."""
    code = process.returncode
    if code >= 0:
        return Ending(code, None, None)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"SIG{-code}"
    return Ending(None, name, None)


def exit_code_of(ending: Ending, received: Optional[str] = None) -> int:
    """The exit code that a shell would give.

    128 and the number of the signal, `received` by the launcher before that of the command; 127 or
    126 when it did not start.
    """
    if received is not None:
        return 128 + signal.Signals[received]
    if ending.failure is not None:
        return 127 if error_code(ending.failure) == "ENOENT" else 126
    if ending.signal is not None:
        known = getattr(signal, ending.signal, None)
        return 128 + (int(known) if known is not None else int(ending.signal[3:]))
    return 1 if ending.code is None else ending.code


def start_failure(command: CommandLine, ending: Ending) -> Optional[str]:
    """Why a command did not start, and the way out; None when it did."""
    word = command.text.split()[0] if command.text.split() else command.text
    code = None if ending.failure is None else error_code(ending.failure)
    if code == "ENOENT" or (command.shell and ending.code == 127):
        return f"error: command not found: {word}. {not_found_advice(word)}"
    if code is not None:
        return (
            f"error: cannot start {word} ({code}). Make it executable, or put its interpreter "
            "before it."
        )
    return None


def not_found_advice(word: str) -> str:
    """The way out when there is no such command."""
    if word in ("python", "pip"):
        return (
            f"Many systems have {word}3 only: write {word}3, or the one of your environment, as in "
            f".venv/bin/{word}."
        )
    return (
        "Check its spelling and that it is on PATH; scripts need their interpreter before them, "
        "as in python train.py or node train.js."
    )
