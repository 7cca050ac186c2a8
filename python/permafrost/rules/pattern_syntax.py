"""Reads patterns: braces, classes, escapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Union

from .utf16 import from_units, length_in_units


class PatternError(Exception):
    """A pattern cannot be read."""

    def __init__(self, problem: str, advice: str, offset: int) -> None:
        super().__init__(f"{problem} {advice}")
        self.problem = problem
        """What is wrong, as a sentence."""
        self.advice = advice
        """The way out, as a sentence."""
        self.offset = offset
        """Where in the pattern, in UTF-16 code units from 0."""


@dataclass(frozen=True)
class Char:
    """A character that matches itself."""

    char: str


@dataclass(frozen=True)
class Separator:
    """`.` or `/`. `exact` is set when it was escaped, and then matches only itself."""

    char: str
    exact: bool


@dataclass(frozen=True)
class Wild:
    """`?`, or one `*`: two of them in a row make a `**`."""

    star: bool


@dataclass(frozen=True)
class Class:
    """`[a-z]`; both ends of each range belong to it."""

    negated: bool
    ranges: tuple[tuple[str, str], ...]


Token = Union[Char, Separator, Wild, Class]


@dataclass(frozen=True)
class _Braces:
    offset: int
    alternatives: list[list[_Node]]


_Node = Union[Token, _Braces]

# More alternatives than a person writes by hand; keeps the regular expression small.
MOST_ALTERNATIVES = 1000
# Deeper than names are; the reader is recursive, and the script's own stack may be deep already.
_MOST_DEPTH = 64


def parse_pattern(pattern: str) -> list[list[Token]]:
    """Reads a pattern and expands its braces as a shell does, before anything else has a meaning:
    `x.{**,a}` is `x.**` or `x.a`. Returns the alternatives, each a list of tokens.

    Raises PatternError.
    """
    if pattern == "":
        raise PatternError("The pattern is empty.", 'Write "**" for every name.', 0)
    nodes = _Reader(pattern).read_all()
    if _count(nodes) > MOST_ALTERNATIVES:
        braces = next((each.offset for each in nodes if isinstance(each, _Braces)), 0)
        text = f"The braces make more than {MOST_ALTERNATIVES} alternatives."
        raise PatternError(text, "Write several rules.", braces)
    return _expand(nodes)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._text = from_units(pattern)
        self._at = 0
        self._depth = 0

    def read_all(self) -> list[_Node]:
        return self._sequence(False)

    def _sequence(self, in_braces: bool) -> list[_Node]:
        nodes: list[_Node] = []
        while self._peek() and not (in_braces and self._peek() in ",}"):
            nodes.append(self._node())
        return nodes

    def _node(self) -> _Node:
        char = self._peek()
        if char == "{":
            return self._braces()
        if char == "[":
            return self._class()
        escaped = char == "\\"
        read = self._take()
        if read in "./":
            return Separator(read, escaped)
        if not escaped and read in "*?":
            return Wild(read == "*")
        return Char(read)

    def _braces(self) -> _Braces:
        start = self._at
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise self._error("The braces are nested too deeply.", "Write several rules.", start)
        self._at += 1
        alternatives: list[list[_Node]] = []
        while True:
            alternatives.append(self._sequence(True))
            end = self._peek()
            if end == "":
                advice = 'Add "}", or write "\\{" for the brace itself.'
                raise self._error('"{" is not closed.', advice, start)
            self._at += 1
            if end == "}":
                self._depth -= 1
                return _Braces(self._offset(start), alternatives)

    def _class(self) -> Class:
        start = self._at
        self._at += 1
        negated = self._peek() == "!"
        self._at += negated
        ranges: list[tuple[str, str]] = []
        while self._peek() != "]":
            first = self._class_char(start)
            if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] == "]":
                ranges.append((first, first))
                continue
            dash = self._at
            self._at += 1
            last = self._class_char(start)
            if first > last:
                text = f'The range "{first}-{last}" runs backwards.'
                raise self._error(text, f'Write "{last}-{first}".', dash)
            ranges.append((first, last))
        self._at += 1
        if not ranges:
            advice = 'Write "\\[" for the bracket itself.'
            raise self._error("The class holds no character.", advice, start)
        return Class(negated, tuple(ranges))

    def _class_char(self, start: int) -> str:
        at = self._at
        if self._peek() == "":
            advice = 'Add "]", or write "\\[" for the bracket itself.'
            raise self._error('"[" is not closed.', advice, start)
        char = self._take()
        if char in "./":
            text = f'A class stays within a part of the name, so "{char}" cannot be in it.'
            advice = 'Remove it; "." and "/" outside of a class match either.'
            raise self._error(text, advice, at)
        return char

    def _take(self) -> str:
        """The next character without its backslash."""
        start = self._at
        char = self._peek()
        self._at += 1
        if char != "\\":
            return char
        escaped = self._peek()
        if escaped == "":
            advice = 'Write "\\\\" for the backslash itself.'
            raise self._error('The last "\\" escapes nothing.', advice, start)
        self._at += 1
        return escaped

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _offset(self, at: int) -> int:
        return length_in_units(self._text[:at])

    def _error(self, problem: str, advice: str, at: int) -> PatternError:
        return PatternError(problem, advice, self._offset(at))


def _count(nodes: Sequence[_Node]) -> int:
    count = 1
    for node in nodes:
        if isinstance(node, _Braces):
            count *= sum(map(_count, node.alternatives))
            if count > MOST_ALTERNATIVES:
                break
    return count


def _expand(nodes: Sequence[_Node]) -> list[list[Token]]:
    expanded: list[list[Token]] = [[]]
    for node in nodes:
        if isinstance(node, _Braces):
            tails = [tail for each in node.alternatives for tail in _expand(each)]
            expanded = [head + tail for head in expanded for tail in tails]
        else:
            for tokens in expanded:
                tokens.append(node)
    return expanded
