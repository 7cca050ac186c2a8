"""Prepares a run: its folder, the copy of the config, the environment of the command."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from ..rules import DEFAULT_ON_MOVE
from ..version import VERSION
from .errors import LaunchError
from .project import Project, error_code

SITE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "site")
"""The folder whose `sitecustomize.py` brings the hook into a Python process."""

_NO_RULES = '{\n  "freeze": []\n}\n'


@dataclass(frozen=True)
class PreparedRun:
    id: str
    directory: str
    env: dict[str, str]
    """Only what Permafrost adds to or changes in the environment of the command."""

    @property
    def events(self) -> str:
        """The events file of the launcher and of rank 0."""
        return os.path.join(self.directory, "events.jsonl")


def prepare_run(
    project: Project,
    command: str,
    cwd: str,
    mode: str,
    environ: Mapping[str, str] = os.environ,
    launcher: str = "cli",
) -> PreparedRun:
    """Makes the folder of a new run with a copy of the config and the `run-started` event.

    `mode` is `run` or `inspect`; inspections lie apart, so that they are not listed. Never touches
    another run. Raises LaunchError naming what cannot be written.
    """
    state = os.path.join(project.folder, ".permafrost")
    parent = os.path.join(state, "runs" if mode == "run" else "inspections")
    try:
        run_id, directory = _make_directory(state, parent)
        text = _NO_RULES if project.config_text is None else project.config_text
        with open(
            os.path.join(directory, "permafrost.json"), "w", encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        env = _environment(project, command, mode, directory, environ)
        run = PreparedRun(run_id, directory, env)
        config = project.config
        append_event(
            run.events,
            "run-started",
            id=run_id,
            command=command,
            cwd=cwd,
            launcher="editor" if environ.get("PERMAFROST_LAUNCHER") == "editor" else launcher,
            permafrost=VERSION,
            pid=os.getpid(),
            onMove=DEFAULT_ON_MOVE if config is None else config.on_move,
            rules=[] if config is None else [rule.text for rule in config.rules],
        )
        return run
    except OSError as error:
        code = error_code(error)
        path = error.filename or parent
        raise LaunchError(f"Cannot write {path} ({code}).", _advice_for(code)) from error


def append_event(file: str, type: str, **fields: Any) -> None:
    """Appends one event of the launcher, on a line of its own even behind a torn one.

    Raises OSError.
    """
    event = {"v": 1, "t": int(time.time() * 1000), "proc": "launcher", "type": type, **fields}
    line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    data = f"{line}\n".encode("utf-8", "backslashreplace")
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(handle).st_size
        if size > 0:
            os.lseek(handle, size - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":
                data = b"\n" + data
        # One write: O_APPEND then keeps it whole between the lines of other processes.
        os.write(handle, data)
    finally:
        os.close(handle)


def with_site(python_path: Optional[str], folder: str, separator: str = os.pathsep) -> str:
    """`PYTHONPATH` with `folder` first; what was there keeps its order, empty entries too."""
    before = python_path.split(separator) if python_path else []
    return separator.join([folder, *(entry for entry in before if entry != folder)])


def _environment(
    project: Project, command: str, mode: str, directory: str, environ: Mapping[str, str]
) -> dict[str, str]:
    return {
        "PERMAFROST_RUN_DIR": directory,
        "PERMAFROST_MODE": mode,
        "PERMAFROST_COMMAND": command,
        "PERMAFROST_CONFIG_FILE": project.config_file,
        "PERMAFROST_INSPECTION": project.inspection_file,
        "PYTHONPATH": with_site(environ.get("PYTHONPATH"), SITE),
    }


def _make_directory(state: str, parent: str) -> tuple[str, str]:
    os.makedirs(parent, exist_ok=True)
    try:
        with open(os.path.join(state, ".gitignore"), "x", encoding="utf-8") as file:
            file.write("*\n")
    except FileExistsError:
        pass
    while True:
        run_id = new_run_id()
        directory = os.path.join(parent, run_id)
        try:
            os.mkdir(directory)
            return run_id, directory
        except FileExistsError:
            continue


def new_run_id() -> str:
    """`20261124-181503-ab12`: local time, then four random hexadecimal digits."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _advice_for(code: str) -> str:
    if code in ("EEXIST", "ENOTDIR"):
        return "Move the file away that stands where Permafrost needs a folder."
    if code in ("ENOSPC", "EDQUOT"):
        return "Free some space on the disk."
    return "Make the folder writable, or work on a copy of the project in a folder that is."
