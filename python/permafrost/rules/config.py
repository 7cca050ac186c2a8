"""Reads `permafrost.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .json_parser import JsonNode
from .json_problems import read_json
from .place import Place, place_finder
from .problem import ConfigProblem, RawProblem, problem_at
from .rule import DEFAULT_EPOCH_STEPS, DEFAULT_ON_MOVE, FreezeConfig, Rule
from .rule_problems import rule_problems
from .shape import shape_problems
from .utf16 import from_units, to_units


@dataclass(frozen=True)
class ParsedConfig:
    """What a text says, and what is wrong with it in the order of the text."""

    config: FreezeConfig | None
    """None exactly when a problem is an error."""
    problems: list[ConfigProblem]


def parse_config(text: str) -> ParsedConfig:
    """Reads `permafrost.json`: strict JSON of a known shape. Reports all problems; never raises.

    `text` must hold the line ends of the file (open it with `newline=""`). docs/config.md tells
    the language, test/vectors/config.json pins it.
    """
    units = to_units(text)
    place = place_finder(units)
    read = read_json(units)
    root = read.root
    problems = list(read.problems)
    if root is not None:
        rules = root.get("freeze")
        problems += _duplicate_keys(root, units)
        problems += shape_problems(root)
        for rule in rules.items if rules is not None else []:
            problems += rule_problems(rule, units)
        problems.sort(key=lambda each: each.offset)
        if not problems:
            return ParsedConfig(_config(root, units), [])
    return ParsedConfig(
        None,
        [
            problem_at(
                place(each.offset, each.length),
                "error",
                from_units(each.text),
                from_units(each.advice),
            )
            for each in problems
        ],
    )


def _config(root: JsonNode, units: str) -> FreezeConfig:
    place = place_finder(units)
    values = _values(root)
    rules = root.get("freeze")
    return FreezeConfig(
        command=values.get("command"),
        model=values.get("model"),
        rules=[
            _rule(each, place(each.offset, each.length), units)
            for each in (rules.items if rules is not None else [])
        ],
        on_move=values.get("onMove", DEFAULT_ON_MOVE),
        epoch_steps=values.get("epochSteps", DEFAULT_EPOCH_STEPS),
        engine=values.get("engine"),
        cache=values.get("cache", "off"),
    )


def _rule(node: JsonNode, place: Place, units: str) -> Rule:
    written = from_units(units[node.offset : node.offset + node.length])
    values = _values(node) if node.kind == "object" else {"match": _plain(node)}
    match: str = values["match"]
    thaws = match.startswith("!")
    return Rule(
        match=match[1:] if thaws else match,
        freeze=values.get("freeze", True) and not thaws,
        type=values.get("type"),
        tensors=values.get("tensors"),
        model=values.get("model"),
        from_=values.get("from"),
        until=values.get("until"),
        text=re.sub(r"[ \t]*[\r\n][ \t\r\n]*", " ", written),
        place=place,
    )


def _values(node: JsonNode) -> dict[str, Any]:
    return {each.name: _plain(each.value) for each in node.properties}


def _plain(node: JsonNode) -> Any:
    if isinstance(node.value, str):
        return from_units(node.value)
    return int(node.value) if isinstance(node.value, float) else node.value


def _duplicate_keys(root: JsonNode, units: str) -> list[RawProblem]:
    place = place_finder(units)
    duplicates: list[RawProblem] = []
    nodes = [root]
    while nodes:
        node = nodes.pop()
        first: dict[str, JsonNode] = {}
        for each in node.properties:
            earlier = first.setdefault(each.name, each.key)
            if earlier is not each.key:
                line = place(earlier.offset, earlier.length).line
                text = f'The key "{each.name}" is there twice.'
                advice = f"Remove one of them; the first is in line {line}."
                duplicates.append(RawProblem(each.key.offset, each.key.length, text, advice))
        nodes += [*node.items, *(each.value for each in node.properties)]
    return duplicates
