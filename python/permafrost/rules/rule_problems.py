"""What the shape of a rule cannot tell."""

from __future__ import annotations

from .json_parser import JsonNode, JsonProperty
from .pattern import read_pattern
from .pattern_syntax import PatternError
from .problem import RawProblem, number_text


def rule_problems(rule: JsonNode, units: str) -> list[RawProblem]:
    """Bad patterns, an empty window, two words on whether it freezes. Parts of a wrong shape are
    passed over."""
    if rule.kind == "string":
        return _pattern_problems(rule, units, True)
    # Of keys that are there twice the last counts here; the problem of the two is told anyway.
    properties = {each.name: each for each in rule.properties}
    values = {name: each.value for name, each in properties.items()}
    match = values.get("match")
    return [
        *_pattern_problems(match, units, True),
        *_pattern_problems(values.get("type"), units, False),
        *_pattern_problems(values.get("model"), units, False),
        *_window_problems(values.get("from"), values.get("until")),
        *_effect_problems(match, properties.get("freeze")),
    ]


def _pattern_problems(node: JsonNode | None, units: str, may_thaw: bool) -> list[RawProblem]:
    # The empty string is told by the shape.
    if node is None or not isinstance(node.value, str) or node.value == "":
        return []
    skipped = 1 if may_thaw and node.value.startswith("!") else 0
    try:
        read_pattern(node.value[skipped:])
    except PatternError as error:
        raw = units[node.offset + 1 : node.offset + node.length - 1]
        start = _raw_offset(raw, error.offset + skipped)
        end = _raw_offset(raw, error.offset + skipped + 1)
        place = node.offset + 1 + start
        return [RawProblem(place, end - start, error.problem, error.advice)]
    return []


def _raw_offset(raw: str, decoded: int) -> int:
    """Where a character of a string's value stands between the quotes, escapes as written."""
    at = 0
    for _ in range(decoded):
        if at >= len(raw):
            break
        at += 1 if raw[at] != "\\" else 6 if raw[at + 1] == "u" else 2
    return at


def _window_problems(first: JsonNode | None, last: JsonNode | None) -> list[RawProblem]:
    if first is None or last is None:
        return []
    start, end = first.value, last.value
    if not isinstance(start, float) or not isinstance(end, float) or start <= end:
        return []
    text = (
        f'"until" ({number_text(end)}) is before "from" ({number_text(start)}), '
        "so the rule never applies."
    )
    advice = "Exchange them; both epochs belong to the window."
    return [RawProblem(last.offset, last.length, text, advice)]


def _effect_problems(match: JsonNode | None, freeze: JsonProperty | None) -> list[RawProblem]:
    if match is None or freeze is None:
        return []
    if not isinstance(match.value, str) or not match.value.startswith("!"):
        return []
    start = freeze.key.offset
    length = freeze.value.offset + freeze.value.length - start
    text = '"!" and "freeze" both say whether the rule freezes.'
    return [RawProblem(start, length, text, 'Keep one: "!" in "match", or "freeze": false.')]
