"""Tokens of JSON with comments, as the editor's JSON scanner (jsonc-parser) cuts them."""

from __future__ import annotations

import re
from dataclasses import dataclass

EOF = ""
"""Kind of the token at the end."""
UNKNOWN = "unknown"
COMMENT = "comment"
STRING = "string"
NUMBER = "number"

_SPACE = re.compile(r"[ \t\r\n]+")
_WORD = re.compile(r'[^ \t\r\n{}\[\]":,/]+')
_WHOLE = r"-?(?:0|[1-9][0-9]*)"
_NUMBER = re.compile(rf"{_WHOLE}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CUT_NUMBER = re.compile(
    rf"{_WHOLE}(?:\.(?![0-9])|(?:\.[0-9]+)?[eE](?:[+-](?![0-9])|(?![+-]|[0-9])))"
)
_LINE_COMMENT = re.compile(r"//[^\r\n]*")
_BLOCK_COMMENT = re.compile(r"/\*[\s\S]*?\*/")
_PLAIN = re.compile(r'[^"\\\u0000-\u001f]*')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")


@dataclass(frozen=True)
class Token:
    """A token; white space is none, comments are."""

    kind: str
    """One of the constants, `true`, `false`, `null`, or the punctuation itself."""
    offset: int
    length: int
    value: str = ""
    """Of a string its decoded value (UTF-16 code units), of a number its text."""
    error: str = ""
    """Name of what is wrong within the token, as jsonc-parser calls it."""


def scan(units: str, at: int) -> Token:
    """The token at or behind an offset, both in UTF-16 code units."""
    space = _SPACE.match(units, at)
    at = space.end() if space else at
    if at >= len(units):
        return Token(EOF, len(units), 0)
    char = units[at]
    if char in "{}[]:,":
        return Token(char, at, 1)
    if char == '"':
        return _string(units, at)
    if char == "/":
        return _slash(units, at)
    if re.match(r"-?[0-9]", units[at : at + 2]):
        cut = _CUT_NUMBER.match(units, at)
        number = cut or _NUMBER.match(units, at)
        assert number is not None
        error = "UnexpectedEndOfNumber" if cut else ""
        return Token(NUMBER, at, number.end() - at, number[0], error)
    if char == "-":
        return Token(UNKNOWN, at, 1)
    word = _WORD.match(units, at)
    assert word is not None
    return Token(word[0] if word[0] in ("true", "false", "null") else UNKNOWN, at, len(word[0]))


def _slash(units: str, at: int) -> Token:
    line = _LINE_COMMENT.match(units, at)
    if line:
        return Token(COMMENT, at, line.end() - at)
    if not units.startswith("/*", at):
        return Token(UNKNOWN, at, 1)
    block = _BLOCK_COMMENT.match(units, at)
    if block:
        return Token(COMMENT, at, block.end() - at)
    return Token(COMMENT, at, len(units) - at, error="UnexpectedEndOfComment")


def _string(units: str, start: int) -> Token:
    parts: list[str] = []
    error = ""
    at = start + 1
    while True:
        plain = _PLAIN.match(units, at)
        assert plain is not None
        parts.append(plain[0])
        at = plain.end()
        char = units[at : at + 1]
        if char == '"':
            return Token(STRING, start, at + 1 - start, "".join(parts), error)
        if char in ("", "\r", "\n") or (char == "\\" and at + 1 == len(units)):
            at += char == "\\"
            return Token(STRING, start, at - start, "".join(parts), "UnexpectedEndOfString")
        if char != "\\":
            error = "InvalidCharacter"
            parts.append(char)
            at += 1
            continue
        escape = units[at + 1]
        at += 2
        if escape in _ESCAPES:
            parts.append(_ESCAPES[escape])
            continue
        if escape != "u":
            error = "InvalidEscapeCharacter"
            continue
        digits = _HEX.match(units, at)
        if digits:
            parts.append(chr(int(digits[0], 16)))
            at = digits.end()
            continue
        error = "InvalidUnicode"
        bad = re.compile(r"[0-9a-fA-F]{0,3}").match(units, at)
        at = bad.end() if bad else at
