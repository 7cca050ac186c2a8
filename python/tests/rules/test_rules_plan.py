"""Plans and checks: sentences, and the speed on large models."""

from __future__ import annotations

import json
import time
from typing import Any

from test_rules_vectors import MODELS

from permafrost.rules import (
    NamedModel,
    NamedTensor,
    Rule,
    Span,
    check_effects,
    check_rules,
    everything_frozen,
    is_frozen_at,
    parse_config,
    plan_model,
)

DIGITS = MODELS["digits"]


def rules_of(*freeze: Any) -> list[Rule]:
    config = parse_config(json.dumps({"freeze": freeze})).config
    assert config is not None
    return config.rules


def told(rule: Any, model: NamedModel = DIGITS) -> str:
    [problem] = check_rules(rules_of(rule), [model])
    return f"{problem.text} {problem.advice}"


def test_models_of_equal_names_are_not_confused() -> None:
    rules = rules_of({"match": "conv1/**", "type": "Conv2D"})
    other = NamedModel(
        "sequential_1",
        "Sequential",
        [NamedTensor("conv1/kernel", (), "parameter", "conv1", "Dense")],
    )
    assert plan_model(rules, DIGITS).matched == [2]
    assert plan_model(rules, other).matched == [0]


def test_two_stars_stand_for_no_part() -> None:
    names = ["bias", "a.bias", "a.b.bias", "abias"]
    model = NamedModel("m", "M", [NamedTensor(each, (), "parameter", "", "") for each in names])
    assert list(plan_model(rules_of("**.bias"), model).spans) == names[:3]
    assert list(plan_model(rules_of("a.**.bias"), model).spans) == names[1:3]
    assert list(plan_model(rules_of("a**.bias"), model).spans) == names[1:3]
    assert list(plan_model(rules_of("**.{bias,x}"), model).spans) == names[:3]


def test_is_frozen_at_both_ends_of_a_span() -> None:
    spans = (Span(2, 3, 0), Span(6, None, 1))
    assert [epoch for epoch in (1, 2, 3, 4, 5, 6, 99) if is_frozen_at(spans, epoch)] == [
        2,
        3,
        6,
        99,
    ]
    assert not is_frozen_at(None, 1)


def test_says_nothing_before_a_model_is_known() -> None:
    assert check_rules(rules_of("conv1"), []) == []
    assert check_effects(rules_of("!conv1"), []) == []


def test_names_what_was_meant() -> None:
    assert told("conv1/kernal") == (
        '"conv1/kernal" matches no tensor. Did you mean "conv1/kernel"? '
        "Nearest names: conv1/kernel, conv1/bias, dense/kernel."
    )
    assert 'Did you mean "!conv1/**"?' in told("!convv1/**")
    assert 'Did you mean "conv1/**"?' in told("Conv1/**")
    assert 'Did you mean "**/gamma"?' in told("gamma")
    assert told("conv1") == (
        '"conv1" matches no tensor: "conv1" is a module. Write "conv1/**" for everything in it.'
    )
    assert told("conv1", NamedModel("m", "M", [])) == (
        '"conv1" matches no tensor. The models have no tensors.'
    )


def test_tells_which_condition_keeps_a_rule_from_matching() -> None:
    assert told({"match": "conv*/**", "type": "Dense"}).endswith(
        'none of the 2 tensors its pattern matches is of type "Dense". Their types: Conv2D.'
    )
    assert "is a statistic. " in told({"match": "dense/**", "tensors": "statistics"})
    assert told({"match": "**", "model": "Generator"}).endswith(
        'no model has the name or class "Generator". Models: "sequential_1" (Sequential).'
    )


def test_tells_how_a_part_of_a_model_is_written() -> None:
    tensor = NamedTensor("generator/g1/kernel", (), "parameter", "generator/g1", "Dense")
    model = NamedModel("combined", "Model", [tensor])
    assert told({"match": "**", "model": "generator"}, model).endswith(
        'It is a part of a model: write "generator/**" without "model".'
    )


def test_braces_that_together_make_too_many_alternatives() -> None:
    many = f"{{{','.join(f'x{number}' for number in range(40))}}}"
    assert 'Models: "sequential_1"' in told({"match": many, "model": many})


def test_places_the_problem_at_the_rule() -> None:
    [problem] = check_rules(rules_of("conv1/**", "x"), [DIGITS])
    assert (problem.severity, problem.line, problem.column, problem.length) == ("error", 1, 25, 3)


def test_names_the_rule_that_makes_a_window_needless() -> None:
    [problem] = check_effects(rules_of("conv1/**", {"match": "conv1/**", "until": 5}), [DIGITS])
    assert problem.severity == "warning"
    assert problem.text == (
        '{"match": "conv1/**", "until": 5} has no effect: '
        '"conv1/**" in line 1 freezes the same tensors in its epochs as well.'
    )


def test_everything_frozen_tells_epochs_rule_and_a_way_out() -> None:
    rules = rules_of("conv1/**", {"match": "**", "from": 2, "until": 4}, {"match": "**", "from": 7})
    problem = everything_frozen(rules, plan_model(rules, DIGITS), DIGITS)
    assert problem is not None
    assert problem.column == 25
    assert problem.text == (
        'Every parameter of "sequential_1" is frozen in epochs 2 to 4 and every epoch from 7 on, '
        "so it cannot train."
    )
    assert problem.advice == 'Thaw what should train by a later rule, such as "!dense/**".'
    rules = rules_of("**", "!dense/bias")
    assert everything_frozen(rules, plan_model(rules, DIGITS), DIGITS) is None


def large_model() -> NamedModel:
    """100,000 tensors."""
    leaves = ["weight", "bias", "running_mean", "running_var"]
    return NamedModel(
        "net",
        "Net",
        [
            NamedTensor(
                f"layers.{layer}.{block}.{leaf}",
                (),
                "statistic" if "_" in leaf else "parameter",
                f"layers.{layer}.{block}",
                "BatchNorm2d",
            )
            for layer in range(5000)
            for block in ["conv", "norm1", "norm2", "down", "gate"]
            for leaf in leaves
        ],
    )


def test_plans_100000_tensors_in_less_than_a_second() -> None:
    rules = rules_of(
        "**.bias",
        {"match": "**", "type": "*BatchNorm*", "tensors": "statistics"},
        "layers.{0,1,2,3}.**",
        {"match": "**.norm1.*", "until": 5},
        "!layers.4999.**",
    )
    model = large_model()
    times = []
    for _ in range(3):
        fresh = NamedModel(model.name, model.class_name, model.tensors)
        began = time.process_time()
        plan = plan_model(rules, fresh)
        times.append(time.process_time() - began)
        assert plan.matched == [25_000, 50_000, 80, 20_000, 20]
    assert min(times) < 0.7


def test_a_rule_for_each_of_many_modules_is_fast() -> None:
    rules = [Rule(f"layers.{layer}.**") for layer in range(1000)]
    model = large_model()
    began = time.process_time()
    plan = plan_model(rules, model)
    assert time.process_time() - began < 1
    assert plan.matched == [20] * 1000
