"""`python -m permafrost run`."""

from __future__ import annotations

import os
from typing import Optional, Sequence

from .arguments import parse_arguments, split_command
from .child import Ending, ending_of, exit_code_of, start_command, start_failure
from .command_line import CommandLine, command_of
from .follower import Follower
from .interrupts import Interrupts
from .launch import PreparedRun, append_event, prepare_run
from .not_loaded import hook_not_loaded
from .output import note
from .project import open_project, shown, warn_by_inspection
from .state import RunState
from .verdict import verdict_of
from .words import counted, verdict_sentence

SUMMARY = "run a training command with the rules of permafrost.json and verify every epoch"

HELP = """Usage: permafrost run [--config FILE] [--quiet] [--] [COMMAND...]

Runs COMMAND with the tensors frozen that the rules of the config name, and compares
them after every epoch with what they were. Without COMMAND, the config's "command"
runs, in the folder of the config. Verdicts go to stderr; the command's own output is
not touched.

  --config FILE  the config; permafrost.json in this folder when not given
  --quiet        tell only what is wrong

Several words after -- are run as they are; a single quoted string is run by a shell.

Exit code: the command's own; 3 when a frozen tensor moved; 2 when the config is not
valid (before anything starts); 127 when the command is not found; 128 and the
signal's number after a signal (130 for Ctrl+C).
"""

_OPTIONS = {"config": True, "quiet": False}
_MOVED = 3
"""Exit code when a frozen tensor moved, whatever the command's own is."""


def run(args: Sequence[str]) -> int:
    """Does the work; `args` is what stands after `run`. Returns the exit code."""
    own, words = split_command(args, _OPTIONS)
    values = parse_arguments("run", own, _OPTIONS)
    quiet = bool(values.get("quiet"))
    option = values.get("config")
    project = open_project(None if option is None else str(option))
    command, cwd = command_of(project, words, "run")
    if not quiet:
        warn_by_inspection(project, command.text)
        file = shown(project.config_file)
        note(
            f"no {file}: running with nothing frozen"
            if project.config is None
            else f"{counted(len(project.config.rules), 'rule')} of {file}; running {command.text}"
        )
    prepared = prepare_run(project, command.text, cwd, "run")
    follower = Follower(prepared.directory, quiet)
    ending, received = _perform(command, cwd, prepared, follower)
    state = _write_end(prepared, command, ending, received, follower)
    failure = start_failure(command, ending)
    if failure is not None:
        note(failure)
    else:
        _tell_end(state, prepared, quiet)
    return _MOVED if follower.moved else exit_code_of(ending, received)


def _perform(
    command: CommandLine, cwd: str, prepared: PreparedRun, follower: Follower
) -> tuple[Ending, Optional[str]]:
    """How the command ended, and the first signal that came."""
    try:
        process = start_command(command, cwd, {**os.environ, **prepared.env})
    except OSError as error:
        follower.start()
        return Ending(None, None, error), None
    interrupts = Interrupts(process.pid)
    follower.start()
    process.wait()
    interrupts.finish()
    return ending_of(process), interrupts.received


def _write_end(
    prepared: PreparedRun,
    command: CommandLine,
    ending: Ending,
    received: Optional[str],
    follower: Follower,
) -> RunState:
    if received is None and ending.failure is None:
        told = hook_not_loaded(command.text, follower.catch_up(), ending.code)
        if told is not None:
            text, advice = told
            append_event(
                prepared.events,
                "message",
                level="warning",
                code="hook-not-loaded",
                text=text,
                advice=advice,
            )
    append_event(
        prepared.events,
        "run-ended",
        code=ending.code if ending.failure is None else exit_code_of(ending),
        signal=ending.signal,
        cancelled=received is not None,
    )
    return follower.finish()


def _tell_end(state: RunState, prepared: PreparedRun, quiet: bool) -> None:
    if quiet and verdict_of(state).kind in ("intact", "nothing frozen"):
        return
    note(verdict_sentence(state))
    note(f"details: permafrost report {prepared.id} ({shown(prepared.directory)})")
