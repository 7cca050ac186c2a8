"""The shape of `permafrost.json`, as src/freeze/format.ts defines it."""

from __future__ import annotations

from typing import Callable, Mapping, Sequence

from .json_parser import JsonNode
from .nearest import nearest_word
from .problem import RawProblem, json_text, number_text, one_of, quoted
from .utf16 import from_units

_Check = Callable[[JsonNode, str], "list[RawProblem]"]
_SAFE = 2**53 - 1


def shape_problems(root: JsonNode) -> list[RawProblem]:
    """What is wrong with the keys and the types of the values. Of keys that are there twice the
    first counts."""
    if root.kind != "object":
        return [_wrong(root, "The file", 'an object such as {"freeze": []}')]
    return _object(root, _CONFIG)


def _object(node: JsonNode, keys: Mapping[str, _Check]) -> list[RawProblem]:
    problems: list[RawProblem] = []
    for key, check in keys.items():
        value = node.get(key)
        if value is not None:
            problems += check(value, f'"{key}"')
    seen: set[str] = set(keys)
    for each in node.properties:
        if each.name not in seen:
            seen.add(each.name)
            problems.append(_unknown(each.key, list(keys)))
    return problems


def _text(least: int) -> _Check:
    def check(node: JsonNode, subject: str) -> list[RawProblem]:
        if node.kind != "string":
            return [_wrong(node, subject, "a string")]
        if least > 0 and node.value == "":
            return [_wrong(node, subject, "a string with text")]
        return []

    return check


def _path(node: JsonNode, subject: str) -> list[RawProblem]:
    if node.kind == "string" and "\0" in str(node.value):
        return [_wrong(node, subject, "a path without NUL characters")]
    return _text(1)(node, subject)


def _choice(*choices: str) -> _Check:
    def check(node: JsonNode, subject: str) -> list[RawProblem]:
        if node.value in choices:
            return []
        near = nearest_word(node.value, choices) if isinstance(node.value, str) else None
        return [_wrong(node, subject, one_of(quoted(choices)), near)]

    return check


def _boolean(node: JsonNode, subject: str) -> list[RawProblem]:
    return [] if node.kind == "boolean" else [_wrong(node, subject, "true or false")]


def _count(node: JsonNode, subject: str) -> list[RawProblem]:
    value = node.value
    if not isinstance(value, float) or not value.is_integer():
        return [_wrong(node, subject, "a whole number")]
    musts = []
    if value > _SAFE:
        musts.append(f"at most {_SAFE}")
    if value < -_SAFE:
        musts.append(f"at least {-_SAFE}")
    if value < 1:
        musts.append("at least 1")
    return [_wrong(node, subject, must) for must in musts]


def _rules(node: JsonNode, subject: str) -> list[RawProblem]:
    if node.kind != "array":
        return [_wrong(node, subject, "a list of rules")]
    return [
        problem
        for number, rule in enumerate(node.items, 1)
        for problem in _rule(rule, f"Rule {number}")
    ]


def _rule(node: JsonNode, subject: str) -> list[RawProblem]:
    if node.kind == "string":
        return _text(1)(node, subject)
    if node.kind != "object":
        return [_wrong(node, subject, 'a pattern or an object with "match"')]
    problems = _object(node, _RULE)
    if node.get("match") is None:
        advice = 'Add "match", such as "match": "**" for every name.'
        text = 'The rule has no "match".'
        problems.insert(0, RawProblem(node.offset, node.length, text, advice))
    return problems


_RULE: Mapping[str, _Check] = {
    "match": _text(1),
    "type": _text(1),
    "tensors": _choice("parameters", "statistics"),
    "model": _text(1),
    "from": _count,
    "until": _count,
    "freeze": _boolean,
}
_CONFIG: Mapping[str, _Check] = {
    "$schema": _text(0),
    "command": _text(1),
    "model": _path,
    "freeze": _rules,
    "onMove": _choice("stop", "report"),
    "epochSteps": _count,
    "engine": _choice("auto", "gpu", "webgpu", "node", "wasm", "cpu"),
    "cache": _choice("off", "auto", "on"),
}


def _wrong(node: JsonNode, subject: str, must: str, near: str | None = None) -> RawProblem:
    text = f"{subject} is {_described(node)}, but must be {must}."
    advice = f'Did you mean "{near}"?' if near else f"Write {must}."
    return RawProblem(node.offset, node.length, text, advice)


def _described(node: JsonNode) -> str:
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, str):
        return json_text(from_units(value)) if value else "empty"
    return {"array": "a list", "object": "an object"}.get(node.kind, "null")


def _unknown(key: JsonNode, known: Sequence[str]) -> RawProblem:
    name = str(key.value)
    near = nearest_word(name, known)
    advice = f'Did you mean "{near}"?' if near else f"Known keys here: {', '.join(quoted(known))}."
    return RawProblem(key.offset, key.length, f'Unknown key "{name}".', advice)
