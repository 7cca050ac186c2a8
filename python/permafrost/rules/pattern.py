"""Patterns over whole names, ready to be matched."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Callable, Sequence

from .pattern_regex import stars_at, to_regex_source
from .pattern_syntax import Char, Separator, Token, Wild, parse_pattern

_STARS = [Wild(star=True)] * 2


class Look:
    """Those alternatives of a pattern that begin with the same characters."""

    def __init__(self, head: str, alternatives: Sequence[Sequence[Token]]) -> None:
        runs = [literal_runs(each) for each in alternatives]
        self.head = head
        """What every matching name begins with, separators written as `/`."""
        self.tails = tuple({each[-1] for each in runs})
        """One of these every matching name ends in, likewise."""
        common = set(runs[0]).intersection(*runs)
        self.inside = max(common - {head}, key=len, default="")
        """What every matching name holds, likewise."""
        self._alternatives = alternatives

    @cached_property
    def exact(self) -> bool:
        """Whether it matches `head` and nothing else."""
        return self._rest == []

    @cached_property
    def below(self) -> bool:
        """Whether it matches whatever is longer than `head`."""
        return (self.head == "" or self.head.endswith("/")) and self._rest == _STARS

    @cached_property
    def matches(self) -> Callable[[str], object]:
        """Whether it matches a name; truthy when it does."""
        return re.compile(to_regex_source(self._alternatives), re.DOTALL).fullmatch

    @cached_property
    def _rest(self) -> list[Token] | None:
        """What follows the head; None for several, or when an escape tells `.` from `/`."""
        tokens, *others = self._alternatives
        literal = tokens[: len(self.head)]
        if others or any(isinstance(each, Separator) and each.exact for each in literal):
            return None
        return list(tokens[len(self.head) :])


class Pattern:
    """A pattern ready to be matched."""

    def __init__(self, alternatives: list[list[Token]]) -> None:
        buckets: dict[str, list[list[Token]]] = {}
        for tokens in alternatives:
            buckets.setdefault(literal_runs(tokens)[0], []).append(tokens)
        self.looks = [Look(head, each) for head, each in buckets.items()]
        """The alternatives by their heads: a name matches when one of these does."""
        self._alternatives = alternatives

    @cached_property
    def _matches(self) -> Callable[[str], object]:
        return re.compile(to_regex_source(self._alternatives), re.DOTALL).fullmatch

    def test(self, name: str) -> bool:
        """Whether the pattern matches the whole name."""
        return self._matches(name) is not None


@lru_cache(maxsize=2000)
def read_pattern(pattern: str) -> Pattern:
    r"""Reads a pattern. `*` stays within a part, `**` crosses parts (as a part of its own it also
    stands for no part, except at the end), `?` is one character, `[a-z]` and `[!a-z]` are classes,
    `{a,b}` are alternatives, `\` escapes. `.` and `/` separate parts and match each other; escaped
    they match only themselves. A leading `!` has no meaning here.

    Raises PatternError. docs/config.md tells the language, test/vectors/pattern.json pins it.
    """
    return Pattern(parse_pattern(pattern))


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """The test of `read_pattern` alone. Raises PatternError."""
    return read_pattern(pattern).test


def escape_pattern(name: str) -> str:
    """The pattern that matches this name. A leading `!` is escaped for a rule, too."""
    escaped = re.sub(r"[*?\[\]{},\\]", r"\\\g<0>", name)
    return f"\\{escaped}" if escaped.startswith("!") else escaped


def unify_separators(name: str) -> str:
    """Writes the separators of a name alike, for look-ups that treat `.` and `/` alike."""
    return name.replace(".", "/")


def literal_runs(tokens: Sequence[Token]) -> list[str]:
    """The characters between the wildcards, separators written as `/`: every matching name begins
    with the first, ends in the last and holds the others."""
    runs = [""]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if isinstance(token, (Char, Separator)):
            runs[-1] += unify_separators(token.char)
            at += 1
            continue
        stars, whole = stars_at(tokens, at)
        # A whole `**` may stand for no part, and then takes the separator after it along.
        at += stars + 1 if stars > 1 and whole else max(stars, 1)
        runs.append("")
    return runs
