"""The models of an inspection as text (src/cli/inspectionText.ts)."""

from __future__ import annotations

from math import prod
from typing import Any, Optional, Sequence

from ..rules import FreezeConfig, NamedModel, Span, plan_model
from .output import visible_text
from .project import named_models
from .words import counted


def inspection_text(inspection: dict[str, Any], config: Optional[FreezeConfig]) -> str:
    """Each module with its class, below it its tensors with element type, shape (`3x3x1x8`),
    count of elements and, where a rule freezes them, in which epochs."""
    texts = [
        _model_text(model, named, config)
        for model, named in zip(inspection["models"], named_models(inspection))
    ]
    return "\n".join(texts)


def _model_text(model: dict[str, Any], named: NamedModel, config: Optional[FreezeConfig]) -> str:
    spans = plan_model([] if config is None else config.rules, named).spans
    tensors = model["tensors"]
    elements = sum(prod(tensor["shape"]) for tensor in tensors)
    frozen = sum(tensor["name"] in spans for tensor in tensors)
    copy = f", copy of {model['copyOf']}" if model.get("copyOf") else ""
    lines = [
        f"{model['name']} ({model['className']}{copy}): {counted(len(tensors), 'tensor')}, "
        f"{counted(elements, 'element')}, {frozen:,} frozen"
    ]
    rows = [_row(tensor, spans.get(tensor["name"])) for tensor in tensors]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)] + [0]
    module: Optional[str] = None
    for tensor, row in zip(tensors, rows):
        if tensor["module"] != module:
            module = tensor["module"]
            kind = f" ({tensor['type']})" if tensor["type"] else ""
            lines.append(f"  {module or '(no module)'}{kind}")
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        lines.append(f"    {cells}".rstrip())
    return "\n".join(map(visible_text, lines)) + "\n"


def _row(tensor: dict[str, Any], spans: Optional[Sequence[Span]]) -> Sequence[str]:
    name, module = tensor["name"], tensor["module"]
    within = name[len(module) + 1 :] if module and name.startswith(module) else name
    marks = ["statistic"] if tensor["kind"] == "statistic" else []
    if spans:
        marks.append("frozen" + " and".join(map(_span_text, spans)))
    if tensor.get("aliases"):
        marks.append(f"also {', '.join(tensor['aliases'])}")
    shape = "x".join(map(str, tensor["shape"])) or "scalar"
    count = counted(prod(tensor["shape"]), "element")
    return within, f"{tensor['dtype']} {shape}", count, ", ".join(marks)


def _span_text(span: Span) -> str:
    if span.until is not None:
        return f" in epochs {span.from_} to {span.until}"
    return "" if span.from_ == 1 else f" from epoch {span.from_}"
