"""Which tensors a rule matches."""

from __future__ import annotations

from typing import Sequence

from .model_index import index_of
from .pattern import read_pattern
from .rule import Rule
from .tensor import NamedModel

_MOST_RESULTS = 500


def matched_tensors(rule: Rule, model: NamedModel) -> tuple[int, ...]:
    """The tensors of a model that a rule matches, as ascending indices into `model.tensors`.
    Statistics of a module come together.

    Raises PatternError for a rule that `parse_config` would have refused.
    """
    results = index_of(model).results
    key = (rule.match, rule.type, rule.tensors, rule.model)
    known = results.get(key)
    if known is None:
        known = _find(rule, model) if matches_model(rule, model) else ()
        if len(results) >= _MOST_RESULTS:
            results.clear()
        results[key] = known
    return known


def matches_model(rule: Rule, model: NamedModel) -> bool:
    """Whether the rule speaks of this model at all. Raises PatternError as above."""
    if rule.model is None:
        return True
    pattern = read_pattern(rule.model)
    return pattern.test(model.name) or pattern.test(model.class_name)


def matching_rules(found: Sequence[Sequence[int]], model: NamedModel) -> list[int]:
    """For each tensor of a model, the rules that match it, as bits: rule 0 is bit 0. `found`: for
    each rule its `matched_tensors`."""
    masks = [0] * len(model.tensors)
    for index, tensors in enumerate(found):
        bit = 1 << index
        for tensor in tensors:
            masks[tensor] |= bit
    return masks


def indices_of(mask: int) -> list[int]:
    """The rules of a mask, as ascending indices."""
    indices = []
    while mask:
        lowest = mask & -mask
        indices.append(lowest.bit_length() - 1)
        mask ^= lowest
    return indices


def _find(rule: Rule, model: NamedModel) -> tuple[int, ...]:
    index = index_of(model)
    found = index.named(read_pattern(rule.match))
    if rule.tensors is not None:
        kind = "parameter" if rule.tensors == "parameters" else "statistic"
        kinds = index.kinds
        found = {each for each in found if kinds[each] == kind}
    if rule.type is not None:
        pattern = read_pattern(rule.type)
        types = index.types
        fitting = {each for each in {types[each] for each in found} if pattern.test(each)}
        found = {each for each in found if types[each] in fitting}
    return tuple(sorted(index.with_siblings(found)))
