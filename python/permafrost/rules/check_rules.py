"""Rules that match no tensor, each with what was most likely meant."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Sequence

from .match import matched_tensors, matches_model
from .nearest import nearest_names
from .pattern import read_pattern
from .pattern_syntax import PatternError
from .problem import ConfigProblem, problem_at
from .rule import Rule
from .tensor import NamedModel

_MOST_NAMES = 3


def check_rules(rules: Sequence[Rule], models: Sequence[NamedModel]) -> list[ConfigProblem]:
    """The rules that match no tensor of any model. Without models nothing is known or told.

    Raises PatternError for a rule that `parse_config` would have refused.
    """
    if not models:
        return []
    problems = []
    for rule in rules:
        if not _matches_any(rule, models):
            reason, advice = _explain(rule, models)
            text = f"{rule.text} matches no tensor{f': {reason}' if reason else ''}."
            problems.append(problem_at(rule.place, "error", text, advice))
    return problems


def _matches_any(rule: Rule, models: Sequence[NamedModel]) -> bool:
    return any(matched_tensors(rule, model) for model in models)


def _explain(rule: Rule, models: Sequence[NamedModel]) -> tuple[str, str]:
    """The reason, which may be empty, and the advice."""
    return (
        _model_explanation(rule, models)
        or _condition_explanation(rule, models)
        or _module_explanation(rule, models)
        or _name_explanation(rule, models)
    )


def _model_explanation(rule: Rule, models: Sequence[NamedModel]) -> tuple[str, str] | None:
    if rule.model is None:
        return None
    others = replace(rule, model=None)
    if not any(matches_model(rule, model) for model in models):
        reason = f'no model has the name or class "{rule.model}"'
        part = _as_part(rule.model, others, models)
        if part is not None:
            written = _prefixed(rule, part)
            return reason, f'It is a part of a model: write "{written}" without "model".'
        known = [f'"{model.name}" ({model.class_name})' for model in models]
        return reason, f"Models: {', '.join(known)}."
    home = next((model for model in models if matched_tensors(others, model)), None)
    if home is None:
        return None
    advice = f'The pattern matches in "{home.name}"; correct "model" or remove it.'
    return f'its tensors are not in the model "{rule.model}"', advice


def _as_part(wanted: str, rule: Rule, models: Sequence[NamedModel]) -> str | None:
    """The pattern that says the same of a model that is used as a module of another."""
    tensors = models[0].tensors
    separator = _separator_of(tensors[0].name if tensors else "")
    inside = f"{wanted}{separator}{rule.match}"
    for match in (inside, f"**{separator}{inside}"):
        try:
            if _matches_any(replace(rule, match=match), models):
                return match
        except PatternError:  # together their braces make too many alternatives
            return None
    return None


def _condition_explanation(rule: Rule, models: Sequence[NamedModel]) -> tuple[str, str] | None:
    others = replace(rule, type=None, tensors=None)
    types = [model.tensors[at].type for model in models for at in matched_tensors(others, model)]
    if not types:
        return None
    one = len(types) == 1
    count = "the 1 tensor" if one else f"none of the {len(types)} tensors"
    verb = "is not" if one else "is"
    if rule.type is not None and not any(map(read_pattern(rule.type).test, set(types))):
        known = [each or "(none)" for each in dict.fromkeys(types)]
        more = ", …" if len(known) > _MOST_NAMES else ""
        reason = f'{count} its pattern matches {verb} of type "{rule.type}"'
        return reason, f"Their types: {', '.join(known[:_MOST_NAMES])}{more}."
    if rule.tensors is None:
        return None
    kind = "parameter" if rule.tensors == "parameters" else "statistic"
    return f"{count} that it would match {verb} a {kind}", 'Remove "tensors", or the rule.'


def _module_explanation(rule: Rule, models: Sequence[NamedModel]) -> tuple[str, str] | None:
    test = read_pattern(rule.match).test
    seen: set[str] = set()
    for name in _all_names(models):
        for separator in re.finditer("[./]", name):
            module = name[: separator.start()]
            if module in seen:
                continue
            seen.add(module)
            inside = f"{rule.match}{separator[0]}**"
            if test(module) and _matches_any(replace(rule, match=inside), models):
                written = _prefixed(rule, inside)
                return f'"{module}" is a module', f'Write "{written}" for everything in it.'
    return None


def _name_explanation(rule: Rule, models: Sequence[NamedModel]) -> tuple[str, str]:
    names = _all_names(models)
    if not names:
        return "", "The models have no tensors."
    meant = next(
        (
            match
            for match in _corrections(rule.match, names)
            if _matches_any(replace(rule, match=match), models)
        ),
        None,
    )
    question = f'Did you mean "{_prefixed(rule, meant)}"? ' if meant is not None else ""
    nearest = nearest_names(rule.match, names, _MOST_NAMES)
    return "", f"{question}Nearest names: {', '.join(nearest)}."


def _corrections(match: str, names: Sequence[str]) -> list[str]:
    """Patterns with one unknown part replaced by a near one, and the pattern further down."""
    corrected = [f"**{_separator_of(names[0])}{match}"]
    if re.search(r"[\[\]{}\\]", match):
        return corrected
    known = dict.fromkeys(part for name in names for part in re.split("[./]", name))
    parts = re.split("([./])", match)
    for index in range(0, len(parts), 2):
        part = parts[index]
        if part in known or re.search("[*?]", part):
            continue
        for near in nearest_names(part, list(known), _MOST_NAMES):
            corrected.append("".join([*parts[:index], near, *parts[index + 1 :]]))
    return corrected


def _separator_of(name: str) -> str:
    """The separator that the framework uses, as seen in one of its names."""
    found = re.search("[./]", name)
    return found[0] if found else "."


def _prefixed(rule: Rule, match: str) -> str:
    return f"!{match}" if re.search(r'^"!|"match"\s*:\s*"!', rule.text) else match


def _all_names(models: Sequence[NamedModel]) -> list[str]:
    return list(
        dict.fromkeys(
            name
            for model in models
            for tensor in model.tensors
            for name in (tensor.name, *tensor.aliases)
        )
    )
