"""Why the hook may not have reached the command."""

from __future__ import annotations

import os
import re
from typing import Optional, Sequence

from .state import RunState

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?")
# What stands behind these letters belongs to them: the script's code, a warning filter.
_OPTION = re.compile("-([^cmWX]*)([cmWX]?)(.*)", re.DOTALL)
_LAUNCHERS = ("torchrun", "accelerate", "deepspeed", "uv", "conda", "poetry", "pipenv")
# They start the command with an environment of their own.
_CLEAN = ("sudo", "docker", "podman", "singularity", "apptainer", "ssh")
_TOLD = ("torch-missing", "hook-not-loaded", "hook-fault")

Advice = tuple[str, str]
"""What is wrong, as a sentence without a full stop, and the way out."""


def hook_not_loaded(command: str, state: RunState, code: Optional[int]) -> Optional[Advice]:
    """What to tell of a Python command of which no process had the hook; None when all is well.

    `code` is the exit code. A command that failed without a sign of isolation has told itself why.
    """
    if state.processes or any(message["code"] in _TOLD for message in state.messages):
        return None
    words = _words(command)
    if not any(_is_python(word) for word in words):
        return None
    flag = _isolating_flag(words)
    if flag is not None:
        return (
            f"The hook did not load: {flag} makes Python ignore it",
            f"Take {flag} out of the command; -I, -E and -S keep PYTHONPATH or sitecustomize out.",
        )
    clean = next((name for name in map(_name, words) if name in _CLEAN), None)
    if clean is not None:
        return (
            f"The hook did not load: {clean} does not pass on the environment",
            f"Run permafrost inside: {clean} … python -m permafrost run -- …",
        )
    if code != 0:
        return None
    return (
        "The hook did not load: no process of the command imported torch with it",
        "Either nothing imports torch, or the environment does not reach what does: env -i, a "
        "container or another machine, or an interpreter started with -I, -E or -S.",
    )


def _words(command: str) -> Sequence[str]:
    """The words of a command, as far as quotes tell them apart."""
    words = re.findall(r"""(?:[^\s"']+|"[^"]*"|'[^']*')+""", command)
    return [re.sub("[\"']", "", word) for word in words]


def _name(word: str) -> str:
    return os.path.basename(word)


def _is_python(word: str) -> bool:
    name = _name(word)
    return bool(_PYTHON.fullmatch(name)) or name in _LAUNCHERS or name.endswith(".py")


def _isolating_flag(words: Sequence[str]) -> Optional[str]:
    """The flag that an interpreter in the command gets: `-I`, `-sE`."""
    for index, word in enumerate(words):
        flag = _isolating_option(words[index + 1 :]) if _PYTHON.fullmatch(_name(word)) else None
        if flag is not None:
            return flag
    return None


def _isolating_option(words: Sequence[str]) -> Optional[str]:
    rest = iter(words)
    for option in rest:
        if not re.match("-[^-]", option):
            if option.startswith("--") and option != "--":
                continue
            return None
        own, last, behind = _OPTION.findall(option)[0]
        if re.search("[IES]", own):
            return option
        if last in ("c", "m"):
            return None
        if last and not behind:
            next(rest, None)
    return None
