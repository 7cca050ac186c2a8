"""Which rule decides about a tensor in which epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from .rule import Rule


@dataclass(frozen=True)
class Span:
    """A stretch of epochs in which one rule keeps a tensor frozen."""

    from_: int
    """First epoch, from 1."""
    until: int | None
    """Last epoch, inclusive; None when the span has no end."""
    rule: int
    """Index of the rule that decides."""


def deciding_spans(rules: Sequence[Rule], matching: Sequence[int]) -> tuple[Span, ...]:
    """Which rule decides when: in each epoch the last rule whose window holds that epoch. Adjacent
    spans of one rule are one. `matching`: the rules that match the tensor, ascending indices."""
    spans: list[Span] = []
    starts = _decision_starts(rules, matching)
    for index, start in enumerate(starts):
        rule = next((each for each in reversed(matching) if _applies(rules[each], start)), None)
        if rule is None:
            continue
        until = starts[index + 1] - 1 if index + 1 < len(starts) else None
        if spans and spans[-1].rule == rule and spans[-1].until == start - 1:
            spans[-1] = Span(spans[-1].from_, until, rule)
        else:
            spans.append(Span(start, until, rule))
    return tuple(spans)


def frozen_spans(rules: Sequence[Rule], matching: Sequence[int]) -> tuple[Span, ...]:
    """The `deciding_spans` whose rule freezes."""
    return tuple(each for each in deciding_spans(rules, matching) if rules[each.rule].freeze)


def is_frozen_at(spans: Sequence[Span] | None, epoch: int) -> bool:
    """Whether a tensor with these spans is frozen in an epoch (from 1)."""
    return any(
        each.from_ <= epoch and (each.until is None or epoch <= each.until) for each in spans or ()
    )


def timeline(spans: Sequence[Span]) -> tuple[tuple[int, int | None], ...]:
    """First and last epoch of each stretch, those that different rules freeze in a row as one."""
    stretches: list[tuple[int, int | None]] = []
    for span in spans:
        start = span.from_
        if stretches and stretches[-1][1] == start - 1:
            start = stretches.pop()[0]
        stretches.append((start, span.until))
    return tuple(stretches)


def _decision_starts(rules: Sequence[Rule], matching: Sequence[int]) -> list[int]:
    """The epochs at which another rule may begin to decide, ascending, the first included."""
    starts = {1}
    for index in matching:
        rule = rules[index]
        if rule.from_ is not None:
            starts.add(rule.from_)
        if rule.until is not None:
            starts.add(rule.until + 1)
    return sorted(starts)


def _applies(rule: Rule, epoch: int) -> bool:
    return (rule.from_ or 1) <= epoch and (rule.until is None or epoch <= rule.until)
