"""Permafrost's own options, and where the user's command begins."""

from __future__ import annotations

from typing import Mapping, Sequence, Union

from ..rules.nearest import nearest_word
from .errors import UsageError

Values = dict[str, Union[str, bool]]


def parse_arguments(command: str, args: Sequence[str], options: Mapping[str, bool]) -> Values:
    """The options in `args`; `options` says of each whether it takes a value.

    Raises UsageError naming the nearest option.
    """
    advice = f"See permafrost {command} --help."
    values: Values = {}
    index = 0
    while index < len(args):
        name, equals, value = args[index].partition("=")
        key = name[2:]
        if not name.startswith("--") or key not in options:
            known = [f"--{each}" for each in options]
            raise UsageError(
                f"permafrost {command} has no option {name}.", did_you_mean(name, known) + advice
            )
        if not options[key]:
            if equals:
                raise UsageError(f"Option '{name}' does not take an argument.", advice)
            values[key] = True
        else:
            if not equals:
                index += 1
                if index == len(args):
                    raise UsageError(f"Option '{name} <value>' argument missing.", advice)
                value = args[index]
            values[key] = value
        index += 1
    return values


def split_command(
    args: Sequence[str], options: Mapping[str, bool]
) -> tuple[Sequence[str], Sequence[str]]:
    """Parts our own options from the user's command.

    It begins after `--`, or with the first word that is not an option.
    """
    index = 0
    while index < len(args):
        word = args[index]
        if word == "--":
            return args[:index], args[index + 1 :]
        if not word.startswith("-"):
            return args[:index], args[index:]
        if options.get(word[2:] if word.startswith("--") else word):
            index += 1
        index += 1
    return args, []


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`Did you mean …? ` for a mistyped word; empty when none of the known words is near."""
    nearest = nearest_word(word, known)
    return "" if nearest is None else f"Did you mean {nearest}? "
