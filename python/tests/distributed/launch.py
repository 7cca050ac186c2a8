"""Starts scripts on several processes, as the launchers of PyTorch do."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence, TypeVar

from harness.ending import run_and_end
from harness.process import PYTHON_FOLDER, SECONDS, Result, run_hooked
from harness.torches import VERSION

ABORTED = "terminate called without an active exception"
"""What a rank says that torch 2.15 aborts at the end of the process, after Python has ended. On a
busy machine it does so without Permafrost too, in 10 of 41 starts of FSDP2 with gloo."""

Ended = TypeVar("Ended", bound=Any)

ROOMS = Path(__file__).parent / "rooms"
SCRIPTS = Path(__file__).parent / "scripts"


def torchrun(script: Path, *args: str, options: Sequence[str] = ()) -> list[str]:
    """The words after `python` that run a script on two gloo processes of this machine.

    torch 1.13's launcher fails under Python 3.11 when nothing is redirected (its flags changed
    there), so standard output is redirected and shown again.
    """
    redirect = ["-r", "1", "-t", "1"] if VERSION < (2, 0) else []
    return [
        "-m",
        "torch.distributed.run",
        "--nproc_per_node=2",
        "--master_addr=127.0.0.1",
        f"--master_port={free_port()}",
        *redirect,
        *options,
        str(script),
        *args,
    ]


def run_room(name: str, *args: str) -> str:
    """Runs a room's own test program on two ranks; what both wrote, or fails."""
    done = until_torch_ends(
        lambda: run_and_end(
            [sys.executable, *torchrun(ROOMS / name, *args)],
            seconds=100,
            env={**os.environ, "PYTHONPATH": str(PYTHON_FOLDER), "OMP_NUM_THREADS": "1"},
        )
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_ranks(
    script: str,
    folder: Path,
    config: Mapping[str, object],
    *args: str,
    options: Sequence[str] = (),
    seconds: float = SECONDS,
) -> Result:
    """Runs a user's script with torchrun on two ranks under the real hook."""

    def run() -> Result:
        shutil.rmtree(folder / "truth", ignore_errors=True)
        command = torchrun(SCRIPTS / script, *args, options=options)
        return run_hooked(command, folder, config, seconds=seconds)

    return until_torch_ends(run)


def until_torch_ends(run: Callable[[], Ended]) -> Ended:
    """What `run` returns; it runs again, three times at most, where torch itself aborts."""
    for _ in range(3):
        ended = run()
        if ABORTED not in ended.stderr:
            break
    return ended


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
