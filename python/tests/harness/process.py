"""Starts scripts as a user would: plainly, and through `python -m permafrost run`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .ending import run_and_end

PYTHON_FOLDER = Path(__file__).resolve().parents[2]
SECONDS = 150
"""How long one script may take; they take a few seconds."""


@dataclass(frozen=True)
class Result:
    """What a process left behind."""

    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def own_lines(self) -> list[str]:
        """What Permafrost itself wrote to stderr."""
        return [line for line in self.stderr.splitlines() if line.startswith("permafrost:")]

    def of(self, type: str) -> list[dict[str, Any]]:
        """The events of one type, in the order of writing."""
        return [event for event in self.events if event["type"] == type]

    def messages(self, *codes: str) -> list[str]:
        """The texts of the messages with one of these codes; of all when none is given."""
        return [
            f"{event['code']}: {event['text']} {event.get('advice', '')}".strip()
            for event in self.of("message")
            if not codes or event["code"] in codes
        ]


def run_plain(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Result:
    """Runs `python <command>` in `folder` without Permafrost."""
    return _run([sys.executable, *command], folder, env, SECONDS)


def run_hooked(
    command: Sequence[str],
    folder: Path,
    config: Mapping[str, Any] | None,
    env: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Result:
    """Runs `python <command>` in `folder` through `python -m permafrost run`.

    `config` is written to `permafrost.json` there; without one there is no such file.
    """
    if config is not None:
        (folder / "permafrost.json").write_text(json.dumps(config))
    before = set(_events_files(folder))
    result = _run(
        [sys.executable, "-m", "permafrost", "run", "--", sys.executable, *command],
        folder,
        {"PYTHONPATH": str(PYTHON_FOLDER), **(env or {})},
        seconds,
    )
    events = [
        json.loads(line)
        for file in _events_files(folder)
        if file not in before
        for line in file.read_text().splitlines()
    ]
    return Result(result.code, result.stdout, result.stderr, events)


def _events_files(folder: Path) -> list[Path]:
    return sorted(folder.glob(".permafrost/runs/*/events*.jsonl"))


def _run(
    command: Sequence[str], folder: Path, env: Mapping[str, str] | None, seconds: float
) -> Result:
    done = run_and_end(command, seconds, folder, {**_environment(), **(env or {})})
    return Result(done.returncode, done.stdout, done.stderr)


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PERMA", "PYTHON", "PYTEST"))
    }
    # One thread, so that sums are bit-equal from run to run; no library may ask the network.
    return {
        **inherited,
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
