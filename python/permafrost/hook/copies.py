"""Telling copies (EMA, momentum encoders, target networks) from what trains."""

from __future__ import annotations

import re

from torch.nn import Module

_HINT = re.compile(
    r"ema|average|avg|swa|target|momentum|teacher|shadow|copy|best|encoder_k|key|online|old",
    re.IGNORECASE,
)


def copies_in(root: Module, trained: set[int]) -> dict[int, str]:
    """Modules in `root` that are copies of a trained one: its id, and the name of the original.

    A copy has the same names and shapes of parameters as a module that trains, none of its own is
    trained (`trained` holds the ids of those in an optimizer, or asking for a gradient when
    Permafrost came), and its class or name says what it is: equal blocks of one network of which
    the script freezes some are no copies.
    """
    hinted = [
        (name, module)
        for name, module in root.named_modules()
        if name
        and (_HINT.search(name.rpartition(".")[2]) or _HINT.search(type(module).__name__))
        and not any(id(p) in trained for p in module.parameters())
    ]
    if not hinted:
        return {}
    shapes: dict[tuple[object, ...], str] = {}
    for name, module in root.named_modules():
        if any(id(p) in trained for p in module.parameters()):
            shapes.setdefault(_shape(module), name)
    copies = {}
    for _, module in hinted:
        original = shapes.get(_shape(module))
        if original is not None and _shape(module):
            copies[id(module)] = original
    return copies


def copy_of(root: Module, originals: list[tuple[str, Module]]) -> str | None:
    """The name of the model that `root`, which no optimizer trains, is a copy of."""
    shape = _shape(root)
    return next((name for name, each in originals if shape and _shape(each) == shape), None)


def _shape(module: Module) -> tuple[object, ...]:
    """Names and shapes of the parameters, without what an average puts before the names."""
    named = [(name, tuple(p.shape)) for name, p in module.named_parameters()]
    if named and all(name.startswith("module.") for name, _ in named):
        named = [(name[7:], shape) for name, shape in named]
    return tuple(named)
