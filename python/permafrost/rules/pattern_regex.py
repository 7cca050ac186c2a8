"""Translates patterns into regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Sequence

from .pattern_syntax import Char, Separator, Token, Wild

_ANYTHING = "."
_IN_PART = "[^./]"
_SEPARATOR = "[./]"


@dataclass
class _Segment:
    """What lies between two `**`: pieces of fixed width with a `*` between each two."""

    lead: str = ""
    """What the `**` before it becomes, empty for the first segment."""
    pieces: list[str] = field(default_factory=lambda: [""])


def to_regex_source(alternatives: Sequence[Sequence[Token]]) -> str:
    """The source of one regular expression for `re.fullmatch` with `re.DOTALL`.

    It cannot backtrack for long: every wildcard but the last takes the first place that fits and
    keeps it, by `(?=(?P<g>…))(?P=g)`, which Python before 3.11 reads as well as an atomic group.
    That loses no match: a `*` reaches no further than the separator after it and a `**` reaches
    everything, so what fits behind a later place fits behind the first one as well.
    """
    translator = _Translator()
    first, *others = alternatives
    if not others:
        return translator.translate(first)
    shared = _shared_parts(first, others)
    head = "".join(map(_single, first[:shared]))
    tails = [translator.translate(tokens[shared:]) for tokens in alternatives]
    return f"{head}(?:{'|'.join(tails)})"


def _shared_parts(first: Sequence[Token], others: Sequence[Sequence[Token]]) -> int:
    """How many tokens the alternatives have in common that make whole parts without a wildcard."""
    shared = 0
    for at, token in enumerate(first):
        if not isinstance(token, (Char, Separator)):
            break
        if any(len(other) <= at or other[at] != token for other in others):
            break
        if isinstance(token, Separator):
            shared = at + 1
    return shared


class _Translator:
    def __init__(self) -> None:
        self._groups = 0

    def translate(self, tokens: Sequence[Token]) -> str:
        segments, below = _split(tokens)
        wildcards = sum(len(each.pieces) for each in segments) - (not below)
        # Up to two wildcards backtrack at worst quadratically, and the plain form is faster, the
        # more so when it looks from the end.
        atomic = wildcards > 2
        parts = [
            self._segment(segment, atomic, index == len(segments) - 1 and not below)
            for index, segment in enumerate(segments)
        ]
        return "".join(parts) + (f"{_ANYTHING}+" if below else "")

    def _segment(self, segment: _Segment, atomic: bool, last: bool) -> str:
        source = segment.pieces[0]
        for index, piece in enumerate(segment.pieces[1:], 1):
            if atomic and not (last and index == len(segment.pieces) - 1):
                source += self._atomic(f"{_IN_PART}*?{piece}")
            else:
                source += f"{_IN_PART}*{piece}"
        if not atomic:
            return segment.lead.replace("*?", "*").replace("??", "?") + source
        source = segment.lead + source
        return self._atomic(source) if segment.lead and not last else source

    def _atomic(self, source: str) -> str:
        self._groups += 1
        # Named, since `re` reads \100 as an octal escape.
        return f"(?=(?P<g{self._groups}>{source}))(?P=g{self._groups})"


def _split(tokens: Sequence[Token]) -> tuple[list[_Segment], bool]:
    """The segments, and whether the pattern ends in `**` as a whole part."""
    segments = [_Segment()]
    at = 0
    while at < len(tokens):
        stars, whole = stars_at(tokens, at)
        if stars < 2:
            if stars == 1:
                segments[-1].pieces.append("")
            else:
                segments[-1].pieces[-1] += _single(tokens[at])
            at += 1
            continue
        at += stars
        if not whole:
            segments.append(_Segment(f"{_ANYTHING}*?"))
            continue
        if at == len(tokens):
            return segments, True
        separator = _single(tokens[at])
        at += 1
        # `**.**.` says no more than `**.`.
        if segments[-1].lead.endswith(")??") and segments[-1].pieces == [""]:
            segments.pop()
            separator = _SEPARATOR
        segments.append(_Segment(f"(?:{_ANYTHING}*?{separator})??"))
    return segments, False


def stars_at(tokens: Sequence[Token], at: int) -> tuple[int, bool]:
    """How many `*` stand in a row there, and whether they are a whole part."""
    end = at
    while end < len(tokens) and tokens[end] == Wild(star=True):
        end += 1
    whole = (at == 0 or isinstance(tokens[at - 1], Separator)) and (
        end == len(tokens) or isinstance(tokens[end], Separator)
    )
    return end - at, whole


def _single(token: Token) -> str:
    """The source for one token alone, which matches one character."""
    if isinstance(token, Char):
        return re.escape(token.char)
    if isinstance(token, Separator):
        return re.escape(token.char) if token.exact else _SEPARATOR
    if isinstance(token, Wild):
        return _IN_PART
    ranges = "".join(
        _in_class(first) if first == last else f"{_in_class(first)}-{_in_class(last)}"
        for first, last in token.ranges
    )
    # A range may run across the separators: [+-9].
    return f"[^./{ranges}]" if token.negated else f"(?![./])[{ranges}]"


def _in_class(char: str) -> str:
    # `&`, `~` and `|` twice in a class warn of a future meaning.
    return f"\\{char}" if char in "\\]^[-&~|" else char
