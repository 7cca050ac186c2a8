"""Strict JSON: what keeps a text from being it, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .json_parser import Finding, JsonNode, JsonParser, TooDeep
from .problem import RawProblem

_JAVASCRIPT_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


@dataclass(frozen=True)
class JsonText:
    """Strict JSON as a tree with positions, or what keeps it from being JSON."""

    root: JsonNode | None
    """None when the text is no JSON; set when only comments or trailing commas are wrong."""
    problems: list[RawProblem]


def read_json(units: str) -> JsonText:
    """Reads strict JSON, given in UTF-16 code units; a byte order mark in front is allowed."""
    units = re.sub("^\ufeff", " ", units)
    if units.strip(_JAVASCRIPT_SPACE) == "":
        advice = 'Write {"freeze": []} to begin with.'
        return JsonText(None, [RawProblem(0, 0, "The file is empty.", advice)])
    try:
        parser = JsonParser(units)
    except TooDeep:
        advice = "A config is an object with a list of rules."
        return JsonText(None, [RawProblem(0, len(units), "The JSON is nested too deeply.", advice)])
    problems: list[tuple[RawProblem, bool]] = [
        (_described(each, units), each.code not in ("Comment", "TrailingComma"))
        for each in parser.findings
    ]
    problems.sort(key=lambda each: each[0].offset)
    told: list[RawProblem] = []
    for problem, fatal in problems:
        told.append(problem)
        if fatal:
            # The structure of the text is unclear from here on.
            return JsonText(None, told)
    return JsonText(parser.root, told)


_WORDS = {
    "Comment": ("JSON allows no comments.", "Remove it, or keep the note in another file."),
    "TrailingComma": ("JSON allows no comma before a closing bracket.", "Remove it."),
    "UnexpectedEndOfNumber": ("{} is not a number of JSON.", "Write it like 5."),
    "PropertyNameExpected": ("Expected a key, found {}.", "Write the key in double quotes."),
    "ValueExpected": (
        "Expected a value, found {}.",
        "Add the value, or remove what asks for it.",
    ),
    "ColonExpected": ('Expected ":" after the key, found {}.', "Add the colon."),
    "CommaExpected": ('Expected "," before {}.', "Add the comma."),
    "CloseBraceExpected": ('Expected "}}", found {}.', "Close the object."),
    "CloseBracketExpected": ('Expected "]", found {}.', "Close the list."),
    "EndOfFileExpected": ("{} stands after the end of the JSON.", "Remove it."),
    "UnexpectedEndOfComment": ("JSON allows no comments, and this one has no end.", "Remove it."),
    "UnexpectedEndOfString": ("The string has no end.", "Close it with '\"' on the same line."),
}
_BAD_ESCAPE = re.compile(
    r'(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|[^\\])*(\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})[\s\S]?)'
)
_CONTROL = re.compile(r"[^\u0000-\u001f]*([\u0000-\u001f])")


def _described(finding: Finding, units: str) -> RawProblem:
    code, offset, length = finding.code, finding.offset, finding.length
    token = units[offset : offset + length]
    found = "the end of the file" if token == "" else _shortened(token)
    if code in ("InvalidEscapeCharacter", "InvalidUnicode"):
        bad = _BAD_ESCAPE.match(token)
        escape = bad[1] if bad else token
        text = f"{escape} is no escape of JSON."
        start = offset + (bad.start(1) if bad else 0)
        return RawProblem(start, len(escape), text, 'Write a backslash as "\\\\".')
    if code == "InvalidCharacter":
        bad = _CONTROL.match(token)
        start = offset + (bad.start(1) if bad else 0)
        text = "JSON allows no control character in a string."
        return RawProblem(start, 1, text, 'Write a tab as "\\t".')
    if code == "InvalidSymbol":
        return RawProblem(offset, length, f"{found} is not JSON.", _symbol_advice(token))
    if code == "CommaExpected" and token in ("}", "]"):
        opened, closer = ("list", "]") if token == "}" else ("object", "}")
        text = f'Expected "{closer}", found {found}.'
        return RawProblem(offset, length, text, f"Close the {opened} first.")
    text, advice = _WORDS[code]
    return RawProblem(offset, length, text.format(found), advice)


def _symbol_advice(token: str) -> str:
    if token.startswith("'"):
        return "Use double quotes."
    constant = token.lower()
    if constant in ("true", "false", "null", "none", "nil"):
        return f"Write {'null' if constant.startswith('n') else constant}."
    return "Text stands in double quotes."


def _shortened(token: str) -> str:
    line = re.split("[\n\r\u2028\u2029]", token, maxsplit=1)[0]
    short = f"{line[:30]}…" if len(line) > 30 else line
    return short if short.startswith('"') else f'"{short}"'
