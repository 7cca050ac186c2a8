"""Ctrl+C, SIGTERM and kill -9: the script may save, nothing is left behind, the run is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from cli_project import PYTHON_FOLDER, Project, is_alive, wait_for

PY = sys.executable

SAVING = """
import signal
interrupts = 0
def interrupted(*_):
    global interrupts
    interrupts += 1
signal.signal(signal.SIGINT, interrupted)
epoch(1)
emit("epoch-started", model="net", epoch=2, epochs=2, clock="dataset")
open("ready", "w").write(str(os.getpid()))
while not interrupts:
    time.sleep(0.01)
time.sleep(0.3)
print("interrupts", interrupts)
"""

STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
{more}
open("ready", "w")
time.sleep(60)
"""

WITH_HELPER = r"""
import subprocess, sys, time
code = (
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "open('up', 'w'); time.sleep(60)"
)
helper = subprocess.Popen([sys.executable, "-c", code])
open("helper", "w").write(str(helper.pid))
time.sleep(60)
"""


@pytest.fixture
def saving(project: Project) -> Project:
    project.add("permafrost.json", '{ "freeze": ["a"] }')
    project.trainer(SAVING)
    return project


def test_sigint_reaches_the_script_once_and_it_may_save(saving: Project) -> None:
    process = saving.start("run", "--", PY, "train.py")
    wait_for(saving.folder, "ready")
    process.send_signal(signal.SIGINT)
    ended = saving.end(process)
    assert (ended.code, ended.stdout) == (130, "interrupts 1\n")
    assert (
        "2 frozen tensors intact over 1 epoch; the run was cancelled in epoch 2, which was not "
        "verified." in ended.notes
    )
    (last,) = ended.of("run-ended")
    assert (last["code"], last["signal"], last["cancelled"]) == (0, None, True)


def test_sigint_reaches_what_a_shell_has_started(saving: Project) -> None:
    process = saving.start("run", f"true && {PY} train.py && true")
    wait_for(saving.folder, "ready")
    process.send_signal(signal.SIGINT)
    ended = saving.end(process)
    assert (ended.code, ended.stdout) == (130, "interrupts 1\n")


def test_no_process_is_left_behind(project: Project) -> None:
    project.add("train.py", WITH_HELPER)
    process = project.start("run", "--", PY, "train.py")
    wait_for(project.folder, "up")
    process.send_signal(signal.SIGINT)
    assert project.end(process).code == 130
    assert not is_alive(int((project.folder / "helper").read_text()))


@pytest.mark.parametrize(
    "more, ended_by",
    [("", "SIGTERM"), ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "SIGKILL")],
)
def test_the_second_and_third_signal_end_by_force(
    project: Project, more: str, ended_by: str
) -> None:
    project.add("train.py", STUBBORN.format(more=more))
    process = project.start("run", "--", PY, "train.py")
    wait_for(project.folder, "ready")
    for _ in range(2 if ended_by == "SIGTERM" else 3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.4)
    ended = project.end(process)
    assert ended.code == 130
    (last,) = ended.of("run-ended")
    assert (last["code"], last["signal"], last["cancelled"]) == (None, ended_by, True)


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_are_passed_on(project: Project, number: int, code: int) -> None:
    project.add("train.py", "import time\nopen('ready', 'w')\ntime.sleep(60)")
    process = project.start("run", "--", PY, "train.py")
    wait_for(project.folder, "ready")
    process.send_signal(number)
    assert project.end(process).code == code


def test_kill_of_the_script_is_told_with_the_verdicts_until_then(saving: Project) -> None:
    process = saving.start("run", "--", PY, "train.py")
    wait_for(saving.folder, "ready")
    time.sleep(0.1)
    os.kill(int((saving.folder / "ready").read_text()), signal.SIGKILL)
    ended = saving.end(process)
    assert ended.code == 137
    assert (
        "2 frozen tensors intact over 1 epoch; the command failed (SIGKILL) in epoch 2, which was "
        "not verified." in ended.notes
    )


def test_ctrl_c_in_a_terminal_reaches_the_script_once(saving: Project) -> None:
    """`script` (util-linux) gives the command a terminal and hands the exit code on."""
    command = f'"{PY}" -m permafrost run "{PY}" train.py'
    terminal = subprocess.Popen(
        ["script", "-qefc", command, "/dev/null"],
        cwd=saving.folder,
        env={**os.environ, "PYTHONPATH": str(PYTHON_FOLDER)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert terminal.stdin is not None
    wait_for(saving.folder, "ready")
    time.sleep(0.2)
    terminal.stdin.write("\x03")
    terminal.stdin.flush()
    stdout, _ = terminal.communicate(timeout=60)
    assert "interrupts 1\n" in stdout.replace("\r\n", "\n")
    assert "the run was cancelled in epoch 2" in stdout and terminal.returncode == 130


def test_an_inspection_is_cancelled_too(project: Project) -> None:
    project.add(
        "train.py", "import time\nopen('ready', 'w')\nprint('mine', flush=True)\ntime.sleep(60)"
    )
    process = project.start("inspect", "--", PY, "train.py")
    wait_for(project.folder, "ready")
    process.send_signal(signal.SIGINT)
    ended = project.end(process)
    assert (ended.code, ended.stderr) == (130, "")
    assert not list((project.folder / ".permafrost" / "inspections").iterdir())
