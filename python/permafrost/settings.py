"""What the launcher of a run set in the environment."""

from __future__ import annotations

import os
import sys
from typing import Mapping, NamedTuple, Optional

DEFAULT_BUDGET = 2**30
"""Bytes of memory for kept references when nobody says otherwise."""


class Settings(NamedTuple):
    """The run that this process belongs to. Paths are absolute."""

    run_dir: str
    events_file: str
    """Where this process writes: `events.jsonl`, or `events.rank<N>.jsonl` from rank 1 on."""
    mode: str
    """`run` or `inspect`."""
    command: str
    """The command of the run, as a person would type it."""
    config_file: str
    """The user's config, for messages only."""
    config_text: Optional[str]
    """The config as it was when the run started; None when the copy cannot be read."""
    inspection: Optional[str]
    """Where the inspection is to be written; None when nobody asked."""
    budget: int
    """Bytes of memory for kept references."""
    proc: str
    """Who writes events: the process id, `r<rank>.<pid>` with a rank."""
    rank: Optional[int]
    world_size: Optional[int]
    attempt: Optional[int]
    """Counts the restarts of elastic training from 1; None where there are none."""
    launched: bool = True
    """Whether `permafrost run` started the process, or `permafrost.freeze` within it."""

    def ranked(
        self, rank: Optional[int], world_size: Optional[int], attempt: Optional[int] = None
    ) -> Settings:
        """The same with a rank that became known later: `init_process_group(rank=…)`."""
        name = f"events.rank{rank}.jsonl" if rank else "events.jsonl"
        return self._replace(
            events_file=os.path.join(self.run_dir, name),
            proc=str(os.getpid()) if rank is None else f"r{rank}.{os.getpid()}",
            rank=rank,
            world_size=world_size,
            attempt=self.attempt if attempt is None else attempt,
        )


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings | None:
    """Reads the environment of this process; None outside a run.

    Holds for this process only: a forked child has another id and reads again.
    """
    run_dir = environ.get("PERMAFROST_RUN_DIR")
    if not run_dir:
        return None
    run_dir = os.path.abspath(run_dir)
    rank, world_size = _rank(environ)
    settings = Settings(
        run_dir=run_dir,
        events_file="",
        mode="inspect" if environ.get("PERMAFROST_MODE") == "inspect" else "run",
        command=environ.get("PERMAFROST_COMMAND") or _command_line(),
        config_file=environ.get("PERMAFROST_CONFIG_FILE") or "permafrost.json",
        config_text=_read_text(os.path.join(run_dir, "permafrost.json")),
        inspection=environ.get("PERMAFROST_INSPECTION") or None,
        budget=_budget(environ.get("PERMAFROST_BUDGET")),
        proc="",
        rank=None,
        world_size=None,
        attempt=attempt_in(environ),
        launched="PERMAFROST_COMMAND" in environ,
    )
    return settings.ranked(rank, world_size)


def _rank(environ: Mapping[str, str]) -> tuple[Optional[int], Optional[int]]:
    """Rank and world size as a launcher told them; None twice for a process alone.

    torchrun, accelerate and deepspeed set RANK; Open MPI and Slurm have variables of their own. Of
    Slurm only the step counts: a batch script sees SLURM_PROCID too, and is no rank.
    """
    for rank_name, size_name in (
        ("RANK", "WORLD_SIZE"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    ):
        rank, size = count_in(environ, rank_name), count_in(environ, size_name)
        if rank is not None and (rank_name == "RANK" or (size or 0) > 1):
            return rank, size
    return None, None


def attempt_in(environ: Mapping[str, str]) -> Optional[int]:
    """Which start of elastic training this is, from 1; None where there are no restarts."""
    restarts = count_in(environ, "TORCHELASTIC_RESTART_COUNT")
    return None if restarts is None else restarts + 1


def count_in(environ: Mapping[str, str], name: str) -> Optional[int]:
    """The variable as a number of at least 0; None when it is none."""
    try:
        value = int(environ.get(name) or "")
    except ValueError:
        return None
    return value if value >= 0 else None


def _budget(text: Optional[str]) -> int:
    try:
        value = float(text or DEFAULT_BUDGET)
        return int(value) if value >= 0 else DEFAULT_BUDGET
    except (ValueError, OverflowError):
        return DEFAULT_BUDGET


def _command_line() -> str:
    import shlex  # a run has the command in its environment; this costs each start

    words = getattr(sys, "orig_argv", None) or [sys.executable, *getattr(sys, "argv", [])]
    return shlex.join(str(word) for word in words)


def _read_text(file: str) -> Optional[str]:
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, ValueError):
        return None
