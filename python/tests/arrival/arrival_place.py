"""A copy of the package with a hook that only says that it is there, and a torch of one line."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from harness.ending import run_and_end

PACKAGE = Path(__file__).resolve().parents[2] / "permafrost"

HOOK = """
import os, sys
from ..events import EventSink

def install(torch, settings):
    if os.environ.get("FAKE_FAULT"):
        raise ValueError("as asked")
    EventSink(settings).write(
        "process-started",
        pid=os.getpid(),
        runtime="python",
        argv=sys.argv,
        version=torch.__version__,
    )
"""

TORCH = "__version__ = '0.0'\nnn = None\n"


@dataclass
class Ended:
    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]]

    def of(self, type: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == type]


class Place:
    """A folder with a run in `run`, the package in `ours`, fake libraries in `lib`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run = root / "run"
        self.ours = root / "ours" / "permafrost"
        self.lib = root / "lib"
        self.site = self.ours / "site"
        self.run.mkdir()
        self.add("lib/torch.py", TORCH)
        for each in (
            "version.py",
            "__init__.py",
            "settings.py",
            "events.py",
            "imports.py",
            "arrival.py",
            "early.py",
        ):
            self.ours.mkdir(parents=True, exist_ok=True)
            shutil.copy(PACKAGE / each, self.ours / each)
        shutil.copytree(PACKAGE / "site", self.site)
        self.add("ours/permafrost/hook/__init__.py", HOOK)

    def add(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def env(self, *behind: Path, **more: str) -> dict[str, str]:
        env = {**os.environ, "PERMAFROST_RUN_DIR": str(self.run), "OMP_NUM_THREADS": "1", **more}
        env["PYTHONPATH"] = os.pathsep.join(map(str, (self.site, *behind, self.lib)))
        return env

    def python(
        self,
        *args: str,
        program: Sequence[str] = (sys.executable,),
        env: Mapping[str, str] | None = None,
    ) -> Ended:
        done = run_and_end([*program, *args], 120, self.root, env or self.env())
        return Ended(done.returncode, done.stdout, done.stderr, self.events())

    def events(self, name: str = "events.jsonl") -> list[dict[str, Any]]:
        file = self.run / name
        if not file.is_file():
            return []
        return [json.loads(line) for line in file.read_text().splitlines()]
