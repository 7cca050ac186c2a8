"""Rules that match and change nothing."""

from __future__ import annotations

from typing import Sequence

from .match import indices_of, matched_tensors, matching_rules
from .problem import ConfigProblem, problem_at
from .rule import Rule
from .spans import deciding_spans, frozen_spans, timeline
from .tensor import NamedModel


def check_effects(rules: Sequence[Rule], models: Sequence[NamedModel]) -> list[ConfigProblem]:
    """Warns of rules that match tensors but change nothing: a thaw, or a freeze with a window, that
    later rules override or that earlier rules make needless. A freeze without a window that changes
    nothing is harmless and not told.

    Raises PatternError for a rule that `parse_config` would have refused.
    """
    masks: dict[int, None] = {}
    for model in models:
        found = [matched_tensors(rule, model) for rule in rules]
        masks.update(dict.fromkeys(matching_rules(found, model)))
    groups = [indices_of(mask) for mask in masks]
    frozen = [timeline(frozen_spans(rules, group)) for group in groups]
    problems = []
    for index, rule in enumerate(rules):
        if rule.freeze and rule.from_ is None and rule.until is None:
            continue
        concerned = [at for at, group in enumerate(groups) if index in group]
        changes = any(
            timeline(frozen_spans(rules, [each for each in groups[at] if each != index]))
            != frozen[at]
            for at in concerned
        )
        if concerned and not changes:
            problems.append(_no_effect(rules, index, [groups[at] for at in concerned]))
    return problems


def _no_effect(
    rules: Sequence[Rule], index: int, concerned: Sequence[Sequence[int]]
) -> ConfigProblem:
    rule = rules[index]
    others = [each for group in concerned for each in group]
    if not any(span.rule == index for group in concerned for span in deciding_spans(rules, group)):
        later = next((each for each in others if each > index), index)
        reason = f"later rules decide about everything it matches, such as {_name(rules[later])}."
        advice = "Move it below them, or remove it."
    elif not rule.freeze:
        reason = "nothing that it matches is frozen by a rule before it."
        advice = "Move it below the rule that freezes, or remove it."
    else:
        earlier = next(
            (each for each in reversed(others) if each < index and rules[each].freeze), index
        )
        reason = f"{_name(rules[earlier])} freezes the same tensors in its epochs as well."
        advice = "Remove the one that is not meant."
    return problem_at(rule.place, "warning", f"{rule.text} has no effect: {reason}", advice)


def _name(rule: Rule) -> str:
    return f"{rule.text} in line {rule.place.line}"
