"""Scripts in which nothing frozen moves, and that must raise no alarm.

The comments at the head of each say the class of the model, the rules, how many tensors are intact
in each epoch, how many epochs there are, the least torch version it `needs`, whether a load may be
told (`rebased`), classes of models that do not train and must be `untold`, and whether it must run
in a process of its own (`alone`).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.models import models_of
from harness.process import Result, run_hooked
from harness.torches import VERSION

QUIET = Path(__file__).parent / "quiet"
# As for the movers: importing a new torch takes seconds.
GROUP = int(os.environ.get("PERMAFROST_QUIET_A_PROCESS", "18"))
RUNNER = """
import runpy, sys, traceback
for file in sys.argv[1:]:
    try:
        runpy.run_path(file, run_name="__main__")
    except Exception:
        traceback.print_exc()
        print("failed:", file, file=sys.stderr)
"""


@dataclass(frozen=True)
class Script:
    """What the head of a script says."""

    file: Path
    head: dict[str, str]

    @property
    def needs(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.head.get("needs", "1.0").split("."))

    def rules(self) -> list[dict[str, Any]]:
        """Its rules, each for its own model only."""
        rules = [
            {"match": rule} if isinstance(rule, str) else rule
            for rule in json.loads(self.head["freeze"])
        ]
        return [{**rule, "model": self.head["model"]} for rule in rules]


def read_script(file: Path) -> Script:
    head = {}
    for line in file.read_text().splitlines():
        if not line.startswith("# "):
            break
        key, _, value = line[2:].partition(": ")
        head[key] = value
    return Script(file, head)


SCRIPTS = [read_script(file) for file in sorted(QUIET.glob("*.py"))]
RUNNABLE = [each for each in SCRIPTS if each.needs <= VERSION]
SHARING = [each for each in RUNNABLE if "alone" not in each.head]


def group_of(script: Script) -> list[Script]:
    if GROUP == 1 or script not in SHARING:
        return [script]
    start = SHARING.index(script) // GROUP * GROUP
    return SHARING[start : start + GROUP]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Gives the run of the group to which a script belongs."""
    kept: dict[str, Result] = {}

    def result_of(script: Script) -> Result:
        group = group_of(script)
        key = group[0].file.name
        if key not in kept:
            folder = tmp_path_factory.mktemp("run")
            config = {"freeze": [rule for each in group for rule in each.rules()]}
            files = [str(each.file) for each in group]
            if len(files) > 1:
                (folder / "runner.py").write_text(RUNNER)
                files = ["runner.py", *files]
            kept[key] = run_hooked(files, folder, config)
        return kept[key]

    return result_of


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.file.stem)
def test_no_false_alarm(script: Script, run: Any) -> None:
    if script.needs > VERSION:
        pytest.skip(f"needs torch {script.head['needs']}, this is {torch.__version__}")
    result = run(script)
    print(result.stdout[-2000:])
    print(result.stderr[-4000:])
    print("\n".join(result.messages()))
    assert f"failed: {script.file}" not in result.stderr
    assert result.code == 0
    assert result.messages("hook-fault", "hook-not-loaded") == []
    (model,) = [
        each for each in models_of(result.events) if each.class_name == script.head["model"]
    ]
    told_of = {event["className"] for event in result.of("model")}
    assert not told_of & set(script.head.get("untold", "").split())
    assert sorted(model.epochs) == list(range(1, int(script.head["epochs"]) + 1))
    for number, epoch in model.epochs.items():
        told = set(epoch.verdicts.values())
        if "rebased" in script.head:
            told.discard("rebased")
        assert not told, f"epoch {number}: {epoch.findings}"
        assert epoch.intact is not None
        found = len(epoch.findings)
        assert epoch.intact + found == int(script.head["intact"]), f"epoch {number}"


def test_there_are_as_many_as_promised() -> None:
    assert len(SCRIPTS) >= 20
