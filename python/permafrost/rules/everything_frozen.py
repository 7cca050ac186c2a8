"""Models that have nothing left to train."""

from __future__ import annotations

import re
from typing import Sequence

from .pattern import escape_pattern
from .place import Place
from .plan import ModelPlan
from .problem import ConfigProblem, problem_at
from .rule import Rule
from .spans import Span, is_frozen_at
from .tensor import NamedModel


def everything_frozen(
    rules: Sequence[Rule], plan: ModelPlan, model: NamedModel
) -> ConfigProblem | None:
    """Tells the epochs in which every parameter of a model is frozen, so that there is nothing to
    train; None when there are none. To be asked of models that train: a fixed feature extractor
    beside them may well be frozen as a whole.
    """
    parameters = [each.name for each in model.tensors if each.kind == "parameter"]
    epochs = _fully_frozen(list({plan.spans.get(name, ()) for name in parameters}))
    if not parameters or not epochs:
        return None
    last = parameters[-1]
    first = epochs[0][0]
    span = next((each for each in plan.spans.get(last, ()) if is_frozen_at([each], first)), None)
    place = rules[span.rule].place if span is not None else Place(1, 1, 0, 0)
    thaw = re.sub(r"(?<=[./])[^./]*\Z", "**", escape_pattern(last), count=1)
    return problem_at(
        place,
        "error",
        f'Every parameter of "{model.name}" is frozen in {_in_words(epochs)}, so it cannot train.',
        f'Thaw what should train by a later rule, such as "!{thaw}".',
    )


def _fully_frozen(timelines: Sequence[Sequence[Span]]) -> list[tuple[int, int | None]]:
    starts = {1}
    for span in (each for spans in timelines for each in spans):
        starts.add(span.from_)
        if span.until is not None:
            starts.add(span.until + 1)
    ordered = sorted(starts)
    epochs: list[tuple[int, int | None]] = []
    for index, start in enumerate(ordered):
        if not all(is_frozen_at(spans, start) for spans in timelines):
            continue
        until = ordered[index + 1] - 1 if index + 1 < len(ordered) else None
        if epochs and epochs[-1][1] == start - 1:
            start = epochs.pop()[0]
        epochs.append((start, until))
    return epochs


def _in_words(epochs: Sequence[tuple[int, int | None]]) -> str:
    words = []
    for first, last in epochs:
        if last is None:
            words.append("every epoch" if first == 1 else f"every epoch from {first} on")
        else:
            words.append(f"epoch {first}" if first == last else f"epochs {first} to {last}")
    return " and ".join(words)
