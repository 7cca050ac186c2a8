"""Programs that a test starts: none outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

MARK = "HARNESS_PROCESS"
"""The environment variable by which all that this pytest starts is known."""

os.environ.setdefault(MARK, uuid.uuid4().hex)


def run_and_end(
    command: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a program with this environment; ends all that it started when it takes longer."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**(os.environ if env is None else env), MARK: os.environ[MARK]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except BaseException:
        end_all()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=10)
        raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def end_all() -> None:
    """Ends everything that this pytest has started.

    By its environment: torchrun gives each rank a session of its own, so that they outlive its
    group, hold its pipes and would be waited for without end.
    """
    wanted = f"{MARK}={os.environ[MARK]}".encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            pid = int(environ.parent.name)
            if pid != os.getpid() and wanted in environ.read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)
