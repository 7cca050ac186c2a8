"""What the vectors do not hold: advice, lengths, whole sentences, and input that must not raise."""

from __future__ import annotations

import sys

import pytest
from test_rules_vectors import CONFIGS

from permafrost.rules import format_problem, nearest_names, nearest_word, parse_config

FAILING = [case["text"] for case in CONFIGS if "problems" in case]


@pytest.mark.parametrize("text", FAILING)
def test_problem_lies_in_the_text_and_has_a_way_out(text: str) -> None:
    units = len(text.encode("utf-16-le")) // 2
    for problem in parse_config(text).problems:
        assert problem.advice[0].isupper() and problem.advice[-1] in ".?"
        assert problem.text.endswith(".")
        assert problem.offset + problem.length <= units


def test_problem_reads_as_one_line_of_a_terminal() -> None:
    [problem] = parse_config('{\n  "onMove": "stopp"\n}').problems
    assert format_problem("permafrost.json", problem) == (
        'permafrost.json:2:13: error: "onMove" is "stopp", but must be "stop" or "report". '
        'Did you mean "stop"?'
    )


@pytest.mark.parametrize(
    "text, advice",
    [
        ('{"onmove": "stop"}', 'Did you mean "onMove"?'),
        ('{"freeze": [{"match": "a", "form": 1}]}', 'Did you mean "from"?'),
        (
            '{"zzzzzzzz": 1}',
            'Known keys here: "$schema", "command", "model", "freeze", "onMove", "epochSteps", '
            '"engine", "cache".',
        ),
        ('{"freeze": [TRUE]}', "Write true."),
        ('{"freeze": [None]}', "Write null."),
        ("{'freeze': []}", "Use double quotes."),
        ('{"freeze": [1}', "Close the list first."),
        ('{"freeze": 1, "freeze": []}', "Write a list of rules."),
    ],
)
def test_first_advice(text: str, advice: str) -> None:
    assert parse_config(text).problems[0].advice == advice


@pytest.mark.parametrize(
    "text, marked",
    [
        ('{"freeze": ["a\\u005b"]}', ["\\u005b"]),
        ('{"freeze": [], "onMoved": "stop"}', ['"onMoved"']),
        ('{"freeze": ["a",]}', [","]),
        ('{"freeze": [{"match": "!a", "freeze": true}]}', ['"freeze": true']),
        ('{"freeze": ["a\\\\q\\z"]}', ["\\z"]),
        ('{"command": []}', ["[]"]),
        ("{} /*", ["/*"]),
    ],
)
def test_problem_covers_exactly_the_bad_part(text: str, marked: list[str]) -> None:
    problems = parse_config(text).problems
    assert [text[each.offset : each.offset + each.length] for each in problems] == marked


@pytest.mark.parametrize("depth", [1001, 3000, 100_000])
def test_brackets_nested_too_deeply(depth: int) -> None:
    for text in ["[" * depth, f'{{"freeze": {"[" * depth}{"]" * depth}}}']:
        [problem] = parse_config(text).problems
        assert problem.text == "The JSON is nested too deeply."


def test_needs_little_of_the_stack() -> None:
    """The script's own stack may be deep when its model is first seen."""
    braces = "{" * 64 + "}" * 64
    text = f'{{"freeze": ["{braces}", {{"match": {"[" * 900}{"]" * 900}}}]}}'

    def deep(frames: int) -> int:
        return deep(frames - 1) if frames else len(parse_config(text).problems)

    assert deep(sys.getrecursionlimit() - 500) == 1


def test_braces_nested_too_deeply() -> None:
    [problem] = parse_config(f'{{"freeze": ["{"{" * 100_000}"]}}').problems
    assert (problem.column, problem.text) == (78, "The braces are nested too deeply.")


def test_no_prefix_of_a_config_raises() -> None:
    text = '{"command": "x", "freeze": ["a.**", {"match": "[b]", "until": 5}], "onMove": "stop"}'
    for end in range(len(text)):
        assert parse_config(text[:end]).problems != [], text[:end]


def test_epochs_are_integers() -> None:
    config = parse_config('{"freeze": [{"match": "a", "from": 2.0}], "epochSteps": 1e2}').config
    assert config is not None
    assert [repr(config.rules[0].from_), repr(config.epoch_steps)] == ["2", "100"]


def test_nearest() -> None:
    assert nearest_names("conv1/kernal", ["bias", "conv2/kernel", "conv1/kernel"], 2) == [
        "conv1/kernel",
        "conv2/kernel",
    ]
    assert nearest_names("", ["abc", "b", "a"], 2) == ["b", "a"]
    assert nearest_names("x", [], 3) == []
    assert nearest_word("FREEZE", ["match", "freeze"]) == "freeze"
    assert nearest_word("something", ["match", "freeze"]) is None
