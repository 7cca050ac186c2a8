"""`python -m permafrost inspect`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from typing import IO, Optional, Sequence

from .arguments import parse_arguments, split_command
from .child import Ending, ending_of, exit_code_of, start_command, start_failure
from .command_line import command_of
from .follower import Follower
from .inspection_text import inspection_text
from .interrupts import Interrupts
from .launch import PreparedRun, prepare_run
from .not_loaded import hook_not_loaded
from .output import message_line, note, say, show_output
from .project import Project, open_project, read_inspection, shown

SUMMARY = "print the named tensors of the models that a command builds"

HELP = """Usage: permafrost inspect [--config FILE] [--json] [--] [COMMAND...]

Runs COMMAND (or the config's "command") until its models are built, ends it before it
trains, and prints their named tensors with what the rules freeze. Keeps them in
.permafrost/model.json, which the editor reads. The command's own output is shown only
when it fails.

  --config FILE  the config; permafrost.json in this folder when not given
  --json         print the inspection as JSON

Exit code: 0; the command's own when it fails; 1 when no model was seen.
"""

_OPTIONS = {"config": True, "json": False}
_SHOWN_BYTES = 1 << 20
"""How much of a failing command's output is shown."""


def inspect(args: Sequence[str]) -> int:
    """Does the work; `args` is what stands after `inspect`. Returns the exit code."""
    own, words = split_command(args, _OPTIONS)
    values = parse_arguments("inspect", own, _OPTIONS)
    option = values.get("config")
    project = open_project(None if option is None else str(option))
    command, cwd = command_of(project, words, "inspect")
    prepared = prepare_run(project, command.text, cwd, "inspect")
    started_at = time.time() * 1000
    output = bytearray()
    received: Optional[str] = None
    try:
        process = start_command(
            command,
            cwd,
            {**os.environ, **prepared.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        ending = Ending(None, None, error)
    else:
        interrupts = Interrupts(process.pid)
        reader = threading.Thread(target=_keep, args=(process.stdout, output), daemon=True)
        reader.start()
        process.wait()
        interrupts.finish()
        # What the command has left behind may hold the pipe open.
        reader.join(1.0)
        ending, received = ending_of(process), interrupts.received
    advice = _advice(prepared, command.text, ending)
    shutil.rmtree(prepared.directory, ignore_errors=True)
    if received is not None:
        return exit_code_of(ending, received)
    code = exit_code_of(ending)
    if code != 0:
        show_output(bytes(output))
        failed = f"error: {command.text} failed (exit code {code})"
        note(start_failure(command, ending) or failed)
        _note_all(advice)
        return code
    inspection = read_inspection(project.inspection_file)
    if inspection is None or inspection["time"] < int(started_at):
        show_output(bytes(output))
        note(
            "error: no model was seen. The command ended without training a model of PyTorch or "
            "TensorFlow.js; name the script that trains."
        )
        _note_all(advice)
        return 1
    _tell(inspection, project, bool(values.get("json")))
    return 0


def _keep(stream: IO[bytes], output: bytearray) -> None:
    """Keeps the last part of what is printed: the output of a failing script is told by its end."""
    while True:
        chunk = os.read(stream.fileno(), 1 << 16)
        if not chunk:
            return
        output += chunk
        if len(output) > 2 * _SHOWN_BYTES:
            del output[:-_SHOWN_BYTES]


def _advice(prepared: PreparedRun, command: str, ending: Ending) -> list[str]:
    """What the events tell of why no model came."""
    state = Follower(prepared.directory, quiet=True).read_silently()
    told = [
        message_line(each["level"], each["text"], each.get("advice"))
        for each in state.messages
        if each["level"] != "info"
    ]
    why = hook_not_loaded(command, state, ending.code) if ending.failure is None else None
    return told if why is None else [*told, message_line("warning", *why)]


def _note_all(lines: Sequence[str]) -> None:
    for line in lines:
        note(line)


def _tell(inspection: "dict[str, object]", project: Project, as_json: bool) -> None:
    if as_json:
        say(json.dumps(inspection, indent=2, ensure_ascii=False))
        return
    say(inspection_text(inspection, project.config))
    note(f"written to {shown(project.inspection_file)}")
