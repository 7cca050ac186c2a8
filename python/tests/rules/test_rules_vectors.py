"""The vectors that every implementation of the config language runs unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from permafrost.rules import (
    ConfigProblem,
    NamedModel,
    NamedTensor,
    PatternError,
    Rule,
    check_effects,
    check_rules,
    compile_pattern,
    everything_frozen,
    parse_config,
    plan_model,
)

VECTORS = Path(__file__).parents[3] / "test" / "vectors"


def read_vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


PATTERNS = read_vectors("pattern")["cases"]
CONFIGS = read_vectors("config")["cases"]
PLANS = read_vectors("plan")
MODELS = {
    key: NamedModel(
        model["name"],
        model["className"],
        [
            NamedTensor(
                each["name"],
                tuple(each.get("aliases", ())),
                each["kind"],
                each["module"],
                each["type"],
            )
            for each in model["tensors"]
        ],
    )
    for key, model in PLANS["models"].items()
}


@pytest.mark.parametrize("case", PATTERNS, ids=lambda case: case["pattern"][:40])
def test_pattern(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(PatternError) as raised:
            compile_pattern(case["pattern"])
        assert raised.value.offset == case["error"]["offset"]
        return
    test = compile_pattern(case["pattern"])
    assert [name for name in case["matches"] if not test(name)] == []
    assert [name for name in case["rejects"] if test(name)] == []


def rule_as_written(rule: Rule) -> dict[str, Any]:
    said = {
        "match": rule.match,
        "type": rule.type,
        "tensors": rule.tensors,
        "model": rule.model,
        "from": rule.from_,
        "until": rule.until,
        "freeze": rule.freeze,
        "text": rule.text,
        "line": rule.place.line,
        "column": rule.place.column,
    }
    return {key: value for key, value in said.items() if value is not None}


@pytest.mark.parametrize("case", CONFIGS, ids=lambda case: case["name"])
def test_config(case: dict[str, Any]) -> None:
    parsed = parse_config(case["text"])
    told = [(each.severity, each.line, each.column) for each in parsed.problems]
    wanted = case.get("problems", [])
    assert told == [(each["severity"], each["line"], each["column"]) for each in wanted]
    for problem, expected in zip(parsed.problems, wanted):
        assert expected["says"] in problem.text
    if "config" not in case:
        assert parsed.config is None
        return
    assert parsed.config is not None
    said = {
        "command": parsed.config.command,
        "model": parsed.config.model,
        "rules": [rule_as_written(each) for each in parsed.config.rules],
        "onMove": parsed.config.on_move,
        "epochSteps": parsed.config.epoch_steps,
        "engine": parsed.config.engine,
        "cache": parsed.config.cache,
    }
    assert {key: value for key, value in said.items() if value is not None} == case["config"]


@pytest.mark.parametrize("case", PLANS["cases"], ids=lambda case: case["name"])
def test_plan(case: dict[str, Any]) -> None:
    parsed = parse_config(json.dumps({"freeze": case["freeze"]}))
    assert parsed.config is not None
    rules = parsed.config.rules
    models = [MODELS[name] for name in case["models"]]
    plans = [plan_model(rules, model) for model in models]

    def indices(problems: list[ConfigProblem]) -> list[int]:
        places = [rule.place.offset for rule in rules]
        return [places.index(problem.offset) for problem in problems]

    assert [
        {
            "spans": {
                name: [[span.from_, span.until, span.rule] for span in spans]
                for name, spans in plan.spans.items()
            },
            "matched": plan.matched,
        }
        for plan in plans
    ] == case["plans"]
    assert indices(check_rules(rules, models)) == case["dead"]
    assert indices(check_effects(rules, models)) == case["ineffective"]
    assert [
        everything_frozen(rules, plan, model) is not None for plan, model in zip(plans, models)
    ] == case["everythingFrozen"]
