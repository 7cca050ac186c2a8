"""The rules resolved against a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from .match import indices_of, matched_tensors, matching_rules
from .rule import Rule
from .spans import Span, frozen_spans
from .tensor import NamedModel


@dataclass(frozen=True)
class ModelPlan:
    """The rules resolved against a model."""

    model: str
    """Name of the model."""
    spans: dict[str, tuple[Span, ...]]
    """By tensor name, the tensors that are frozen in some epoch."""
    matched: list[int]
    """How many tensors each rule matched, in the order of the rules."""


def plan_model(rules: Sequence[Rule], model: NamedModel) -> ModelPlan:
    """Resolves the rules against a model. Tensors that the same rules match share their spans.

    Raises PatternError for a rule that `parse_config` would have refused.
    """
    found = [matched_tensors(rule, model) for rule in rules]
    masks = matching_rules(found, model)
    known = {mask: frozen_spans(rules, indices_of(mask)) for mask in set(masks)}
    spans = {tensor.name: known[mask] for tensor, mask in zip(model.tensors, masks) if known[mask]}
    return ModelPlan(model.name, spans, [len(each) for each in found])
