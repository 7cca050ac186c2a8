"""The command as it is to be started."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Sequence

from .errors import UsageError
from .project import Project, shown


@dataclass(frozen=True)
class CommandLine:
    text: str
    """As a person would type it."""
    words: tuple[str, ...]
    """Empty when a shell takes `text` apart."""

    @property
    def shell(self) -> bool:
        return not self.words


def words_command(words: Sequence[str]) -> CommandLine:
    """No shell touches several words; one with spaces is meant for a shell."""
    if len(words) == 1 and re.search(r"\s", words[0]):
        return CommandLine(words[0], ())
    return CommandLine(" ".join(map(_quoted, words)), tuple(words))


def command_of(project: Project, words: Sequence[str], subcommand: str) -> tuple[CommandLine, str]:
    """What to run and in which folder.

    The given words here, or the config's command in the config's folder, as the editor runs it.
    Raises UsageError when there is neither.
    """
    if words and words[0].strip():
        return words_command(words), os.getcwd()
    if project.config is not None and project.config.command is not None:
        return CommandLine(project.config.command, ()), project.folder
    lacking = (
        f"there is no {shown(project.config_file)}"
        if project.config is None
        else f'{shown(project.config_file)} has no "command"'
    )
    raise UsageError(
        f"No command: none was given, and {lacking}.",
        f'Write permafrost {subcommand} -- python train.py, or add "command" to the config.',
    )


def _quoted(word: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"
