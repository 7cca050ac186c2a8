"""Both command lines side by side, and a trainer that writes events as the hook would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence

REPOSITORY = Path(__file__).resolve().parents[3]
PYTHON_FOLDER = REPOSITORY / "python"

TRAINER = '''
import json, os, sys, time
file = os.path.join(os.environ["PERMAFROST_RUN_DIR"], "events.jsonl")

def emit(type, into=file, proc=str(os.getpid()), **body):
    with open(into, "a") as stream:
        event = {"v": 1, "t": int(time.time() * 1000), "proc": proc, "type": type, **body}
        stream.write(json.dumps(event) + "\\n")

def announce(**more):
    span = [{"from": 1, "until": None, "rule": 0}]
    emit("model", model="net", className="Net", matched=[2], trainableBefore=6, trainableAfter=2,
         tensors=[{"name": name, "kind": "parameter", "module": "", "type": "Linear",
                   "dtype": "float32", "shape": [2]} for name in ("a", "b", "head")],
         frozen={"a": span, "b": span}, **more)

def epoch(number, *findings, previous=None, normalization=(), intact=None, **more):
    first = {} if previous is None else {"previous": previous}
    emit("epoch-started", model="net", epoch=number, epochs=2, clock="dataset", **first, **more)
    emit("epoch-ended", model="net", epoch=number, metrics={}, milliseconds=1, **more)
    verified(number, *findings, normalization=normalization, intact=intact, **more)

def verified(number, *findings, at="epoch-end", normalization=(), intact=None, **more):
    emit("verified", model="net", epoch=number, at=at, method="bytes", milliseconds=1, bytes=8,
         intact=2 - len(findings) if intact is None else intact, findings=list(findings),
         normalization=list(normalization), unmoved=[], **more)

def moved(name, **more):
    found = {"name": name, "verdict": "moved", "elements": 1, "maxDelta": 1e-7, "cause": None}
    return {**found, **more}

def message(level, code, text, advice=None, **more):
    more = {**more, **({"advice": advice} if advice else {})}
    emit("message", level=level, code=code, text=text, **more)

def begin(number, epochs=2):
    emit("epoch-started", model="net", epoch=number, epochs=epochs, clock="dataset")

def rank(number, size=2, attempt=1):
    """Where a rank writes; it says that it is there."""
    into = file if number == 0 else file.replace("events.", f"events.rank{number}.")
    more = {"into": into, "proc": f"r{number}.{100 * attempt + number}"}
    emit("process-started", pid=os.getpid(), runtime="python 3.11.2", argv=sys.argv, rank=number,
         worldSize=size, attempt=attempt, host="here", **more)
    return more
'''

ALONE = """
emit("process-started", pid=os.getpid(), runtime="python 3.11.2", argv=sys.argv)
announce()
"""


@dataclass
class Ended:
    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """The lines of stderr that are Permafrost's, without its name and the run's id."""
        lines = [line for line in self.stderr.splitlines() if line.startswith("permafrost: ")]
        return [without_id(line[len("permafrost: ") :]) for line in lines]

    def of(self, type: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == type]


def without_id(text: str) -> str:
    return re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "ID", text)


class Project:
    """A folder of a user, with a space in its name."""

    def __init__(self, folder: Path, node: Sequence[str]) -> None:
        self.folder = folder
        self.commands = {"python": [sys.executable, "-m", "permafrost"], "node": list(node)}

    def add(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def trainer(self, text: str) -> None:
        self.add("train.py", TRAINER + ALONE + text)

    def ranks(self, text: str) -> None:
        self.add("train.py", TRAINER + text)

    def start(self, *args: str, by: str = "python", **more: Any) -> "subprocess.Popen[str]":
        env = {**os.environ, **more.pop("env", {})}
        env["PYTHONPATH"] = str(PYTHON_FOLDER)
        return subprocess.Popen(
            [*self.commands[by], *args],
            cwd=more.pop("cwd", self.folder),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **more,
        )

    def end(self, process: "subprocess.Popen[str]") -> Ended:
        stdout, stderr = process.communicate(timeout=120)
        return Ended(process.returncode, stdout, stderr, self.events())

    def permafrost(self, *args: str, by: str = "python", **more: Any) -> Ended:
        """Runs one of the command lines to its end, with no run of earlier ones left."""
        shutil.rmtree(self.folder / ".permafrost", ignore_errors=True)
        return self.end(self.start(*args, by=by, **more))

    def runs(self) -> list[Path]:
        return sorted((self.folder / ".permafrost" / "runs").glob("*"))

    def events(self) -> list[dict[str, Any]]:
        events = []
        for run in self.runs()[-1:]:
            for file in sorted(run.glob("events*.jsonl")):
                for line in file.read_text().splitlines():
                    try:
                        events.append(json.loads(line))
                    except ValueError:
                        events.append({"type": "garbled"})
        return events


def wait_for(folder: Path, name: str) -> None:
    """Waits until the script has made the file `name`."""
    deadline = time.monotonic() + 60
    while not (folder / name).exists():
        assert time.monotonic() < deadline, f"{name} never came"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] != "Z"
