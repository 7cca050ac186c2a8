"""Patterns: what keeps their matching fast and quiet."""

from __future__ import annotations

import time
import warnings

import pytest
from test_rules_vectors import PATTERNS

from permafrost.rules import NamedModel, NamedTensor, Rule, compile_pattern, escape_pattern
from permafrost.rules.match import matched_tensors

NAMES = ["a.b/c", "!a", "a!", "w[0]", "x{y,z}", "*?", "back\\slash", "a,b", "^$+()|", "a\n", " #"]


@pytest.mark.parametrize("name", NAMES)
def test_escaped_name_matches_itself_only(name: str) -> None:
    pattern = escape_pattern(name)
    assert [each for each in NAMES if compile_pattern(pattern)(each)] == [name]
    assert not pattern.startswith("!")


@pytest.mark.parametrize(
    "pattern",
    [
        "**a**a**a**a**a**a**a**a**b",
        "*a*a*a*a*a*a*a*a*a*b",
        "**.a*a*.**.a*a*.**.a*a*.**.z",
        "{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}*b",
        "**a**b",
    ],
)
def test_gives_up_on_long_names_without_trying_all_ways(pattern: str) -> None:
    test = compile_pattern(pattern)
    began = time.process_time()
    # Tried in all ways, one such name alone would take longer than the test may.
    for name in ["a" * 2000, "a." * 1000, "aa.a" * 500]:
        assert not test(name)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("case", [case for case in PATTERNS if "error" not in case])
def test_model_is_matched_as_single_names_are(case: dict[str, list[str]]) -> None:
    """The look-ups by beginning, end and middle lose no name and add none."""
    names = [name for each in PATTERNS for name in each.get("matches", [])]
    names = list(dict.fromkeys([*case["matches"], *case["rejects"], *names]))
    model = NamedModel("m", "M", [NamedTensor(name, (), "parameter", "", "") for name in names])
    pattern = str(case["pattern"])
    test = compile_pattern(pattern)
    found = [names[at] for at in matched_tensors(Rule(pattern), model)]
    assert found == [name for name in names if test(name)]


def test_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for pattern in ["[&&]", "[a||b]", "[~~]", "[[]", "[+--]", "[--]", "[!&&]"]:
            compile_pattern(pattern)("a")
