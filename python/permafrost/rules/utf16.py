"""Text as JavaScript counts it: offsets and columns of problems are in UTF-16 code units."""

from __future__ import annotations

import re

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def to_units(text: str) -> str:
    """The text with one character for each UTF-16 code unit."""
    return text if text.isascii() else _ASTRAL.sub(_split, text)


def from_units(units: str) -> str:
    """The text that the code units make; the inverse of `to_units`."""
    return units if units.isascii() else _PAIR.sub(_join, units)


def length_in_units(text: str) -> int:
    """How many UTF-16 code units the text has."""
    return len(to_units(text))


def _split(match: re.Match[str]) -> str:
    code = ord(match[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def _join(match: re.Match[str]) -> str:
    high, low = map(ord, match[0])
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
