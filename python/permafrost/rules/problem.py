"""What is wrong with a config, in the words that people read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, Sequence

from .place import Place


@dataclass(frozen=True)
class ConfigProblem:
    """Something wrong with the config, and the way out. Places as in `Place`."""

    text: str
    advice: str
    severity: Literal["error", "warning"]
    line: int
    column: int
    offset: int
    length: int


@dataclass(frozen=True)
class RawProblem:
    """A problem whose line and column are not worked out yet; UTF-16 code units from 0."""

    offset: int
    length: int
    text: str
    advice: str


def problem_at(
    place: Place, severity: Literal["error", "warning"], text: str, advice: str
) -> ConfigProblem:
    """The problem at a place."""
    return ConfigProblem(
        text, advice, severity, place.line, place.column, place.offset, place.length
    )


def format_problem(file: str, problem: ConfigProblem) -> str:
    """One line for a terminal: `permafrost.json:4:5: error: What is wrong. The way out.`"""
    place = f"{file}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {problem.text} {problem.advice}".rstrip()


def one_of(choices: Sequence[str]) -> str:
    """The words for a list of choices: `a, b or c`."""
    if len(choices) < 2:
        return "".join(choices)
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def quoted(words: Sequence[str]) -> list[str]:
    """The words in double quotes."""
    return [f'"{word}"' for word in words]


def json_text(value: str) -> str:
    """A string as `JSON.stringify` writes it: only what must be escaped is."""
    written = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda each: f"\\u{ord(each[0]):04x}", written)


def number_text(value: float) -> str:
    """A number as JavaScript writes it: `5`, `0.5`, `1e+21`, `Infinity`."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), "NaN")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value!r}e0".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent.partition("e")[0])
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        padded = digits.ljust(point, "0")
        return sign + padded[:point] + (f".{padded[point:]}" if padded[point:] else "")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
