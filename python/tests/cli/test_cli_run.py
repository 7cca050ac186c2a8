"""What only the command line in Python can be asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_project import PYTHON_FOLDER, Project

from harness.bare_python import PYENV, python_without_torch
from permafrost.cli.not_loaded import hook_not_loaded
from permafrost.cli.state import RunState
from permafrost.version import VERSION

PY = sys.executable
VECTORS = PYTHON_FOLDER.parent / "test" / "vectors" / "hook-not-loaded.json"
CASES = json.loads(VECTORS.read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['command']} ({case['code']})")
def test_why_there_is_no_hook_is_said_as_in_typescript(case: dict) -> None:
    told = hook_not_loaded(case["command"], RunState(), case["code"])
    if case["says"] is None:
        assert told is None
    else:
        assert told is not None and case["says"] in told[0]


def test_an_epoch_is_told_while_the_command_still_runs(project: Project) -> None:
    project.trainer("epoch(1); time.sleep(1); print('end', file=sys.stderr); epoch(2)")
    stderr = project.permafrost("run", "--", PY, "train.py").stderr
    assert stderr.index("epoch 1/2") < stderr.index("end\n") < stderr.index("epoch 2/2")


def test_standard_input_is_the_commands(project: Project) -> None:
    process = subprocess.run(
        [PY, "-m", "permafrost", "run", "--quiet", "--", PY, "-c", "print(input())"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(PYTHON_FOLDER)},
        input="hello\n",
        capture_output=True,
        text=True,
    )
    assert process.stdout == "hello\n"


def test_a_run_goes_on_when_nobody_reads_what_it_says(project: Project) -> None:
    project.add("permafrost.json", '{ "freeze": ["a"] }')
    project.trainer("time.sleep(0.7); epoch(1); time.sleep(0.7); epoch(2, moved('a'))")
    process = subprocess.Popen(
        [PY, "-m", "permafrost", "run", "--", PY, "train.py"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(PYTHON_FOLDER)},
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert b"running" in process.stderr.readline()
    process.stderr.close()
    assert process.wait(timeout=60) == 3
    (events,) = project.folder.glob(".permafrost/runs/*/events.jsonl")
    assert json.loads(events.read_text().splitlines()[-1])["type"] == "run-ended"


def test_an_events_file_that_is_deleted_is_told(project: Project) -> None:
    project.add("permafrost.json", '{ "freeze": ["a"] }')
    project.trainer(
        "epoch(1, moved('a')); time.sleep(0.7); os.remove(file); time.sleep(0.7); epoch(2)"
    )
    ended = project.permafrost("run", "--", PY, "train.py")
    assert any(line.startswith("warning: the events file was cut") for line in ended.notes)
    assert ended.code == 3, "what was seen to move has moved"


def test_a_folder_that_cannot_be_written_is_named_and_nothing_starts(project: Project) -> None:
    project.add(".permafrost", "a file")
    process = project.start("run", "--", PY, "-c", "print(1)")
    ended_out, ended_err = process.communicate()
    assert (process.returncode, ended_out) == (1, "")
    assert f"error: Cannot write {project.folder / '.permafrost'}" in ended_err
    assert "Move the file away" in ended_err


def test_no_torch_in_that_python_is_told_with_its_path(project: Project) -> None:
    python = str(python_without_torch(project.folder.parent))
    ended = project.permafrost("run", "--", python, "-c", "import torch")
    assert ended.code == 1 and "ModuleNotFoundError: No module named 'torch'" in ended.stderr
    (line,) = [line for line in ended.notes if line.startswith("error:")]
    assert f"There is no torch in {python}" in line and ".venv/bin/python train.py" in line
    assert not any("hook did not load" in line for line in ended.notes)
    inspected = project.permafrost("inspect", "--", python, "-c", "import torch")
    assert inspected.code == 1 and any("There is no torch in" in line for line in inspected.notes)


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.13"])
def test_it_works_in_a_python_without_torch(project: Project, version: str) -> None:
    """A launcher's Python need not be the one that trains."""
    project.add("permafrost.json", '{ "freeze": ["a"] }')
    project.trainer("epoch(1)")
    found = next(PYENV.glob(f"{version}.*/bin/python"), None)
    if found is None:
        pytest.skip(f"there is no Python {version} of pyenv")
    project.commands["python"][0] = str(found)
    ended = project.permafrost("run", "--", PY, "train.py")
    assert ended.code == 0 and "2 frozen tensors intact over 1 epoch." in ended.notes


def test_the_launcher_never_imports_torch(project: Project) -> None:
    code = (
        "import sys\nfrom permafrost.cli.main import main\n"
        "main(['run', '--quiet', '--', 'true'])\nprint('torch' in sys.modules)"
    )
    done = subprocess.run(
        [PY, "-c", code],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(PYTHON_FOLDER)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "False\n", done.stderr


def test_a_terminal_of_another_encoding_does_not_end_the_run(project: Project) -> None:
    project.add("permafrost.json", '{ "freeze": ["a"] }')
    project.trainer("epoch(1, moved('a'))")
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ended = project.permafrost("run", "--", PY, "train.py", env=env)
    assert ended.code == 3 and "max |Δ| 1.0e-7" in ended.stderr


def test_an_installed_package_has_all_it_needs(project: Project, tmp_path: Path) -> None:
    """As `pip install ./python` leaves it: the console script, and the hook beside it."""
    source = tmp_path / "source"
    shutil.copytree(
        PYTHON_FOLDER, source, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.egg-info")
    )
    target = tmp_path / "installed"
    done = subprocess.run(
        [
            *(PY, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps"),
            *("--no-index", "--target", str(target), str(source)),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    shipped = {each.relative_to(source) for each in source.glob("permafrost/**/*.py")}
    installed = {each.relative_to(target) for each in target.glob("permafrost/**/*.py")}
    assert installed == shipped
    script = target / "bin" / "permafrost"
    env = {**os.environ, "PYTHONPATH": str(target)}
    version = subprocess.run([str(script), "--version"], env=env, capture_output=True, text=True)
    assert version.stdout == f"{VERSION}\n", version.stderr
    show = "import os; print(os.environ['PYTHONPATH'].split(os.pathsep)[0])"
    ran = subprocess.run(
        [str(script), "run", "--quiet", "--", PY, "-c", show],
        cwd=project.folder,
        env=env,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == f"{target / 'permafrost' / 'site'}\n"


@pytest.mark.parametrize("name", ["report", "runs", "ls", "diff", "verify"])
def test_what_only_node_has_says_so(project: Project, name: str) -> None:
    ended = project.permafrost(name, "a.pt", "b.pt")
    assert ended.code == 2
    assert ended.notes[0].startswith(f"error: permafrost {name} needs Node. Use the command line")
