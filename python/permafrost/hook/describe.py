"""Reading the tensors of a model: names, kinds, owners, and which layers normalise."""

from __future__ import annotations

import gc
import math
import weakref
from contextlib import contextmanager
from typing import Any, Iterator

import torch
from torch.nn import Module

from ..distributed import class_name, full_shape, named_tensors
from ..rules import NamedTensor, TensorKind
from .norms import norm_kind
from .tracked import Norm, TrackedModel, TrackedTensor


def describe(model: TrackedModel, skip: dict[int, str]) -> None:
    """Reads the tensors and norms of `model` anew; `skip` holds the ids of modules left out.

    A tensor with several names (tied weights) is one, under its first name. Names behind a wrapper
    that holds everything (`model.layer1.weight` in a task) may also be written without it.
    """
    with _no_collections():
        _describe(model, skip)


@contextmanager
def _no_collections() -> Iterator[None]:
    """A large model makes so many objects here that the cycle collector takes most of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _describe(model: TrackedModel, skip: dict[int, str]) -> None:
    known = {id(t.tensor()): t for t in model.tensors if t.tensor() is not None}
    swapped = {
        (id(t.owner()), t.attribute): t for t in model.tensors if t.tensor() is None and t.flipped
    }
    found: dict[int, tuple[str, list[str], Module, str, torch.Tensor, str, str]] = {}
    ids: set[int] = set()
    for name, owner, attribute, tensor, kind, module in _tensors(model, skip):
        ids.add(id(owner))
        entry = found.get(id(tensor))
        if entry is None:
            found[id(tensor)] = (name, [], owner, attribute, tensor, kind, module)
        elif name != entry[0]:
            entry[1].append(name)
    short = _short_names(model, found)
    model.tensors = [
        _tracked(known.get(key), entry, short.get(entry[0])) for key, entry in found.items()
    ]
    for each in model.tensors:
        # FSDP2 has put another object in place that asks for no gradient, as the frozen one did.
        if (id(each.owner()), each.attribute) in swapped and not each.script_trains:
            each.flipped = each.script_trains = each.info.kind == "parameter"
    for _, part in model.parts:
        if (root := part()) is not None:
            ids.update(id(each) for each in root.modules())
    model.module_ids = frozenset(ids)
    model.norms = list(_norms(model))


def _tensors(
    model: TrackedModel, skip: dict[int, str]
) -> Iterator[tuple[str, Module, str, torch.Tensor, str, str]]:
    for prefix, part in model.parts:
        root = part()
        if root is None:
            continue
        left_out = {
            id(inner)
            for each in (root.modules() if skip else ())
            if id(each) in skip
            for inner in each.modules()
        }
        for name, owner, attribute, tensor, kind in named_tensors(root):
            if id(owner) not in left_out:
                module = name.rpartition(".")[0]
                full = prefix + name
                yield full, owner, attribute, tensor, kind, (prefix + module).rstrip(".")


def _short_names(model: TrackedModel, found: dict[int, Any]) -> dict[str, str]:
    """By name, the name without the parts that all of the model's tensors share."""
    root = model.root
    if root is None or len(model.parts) > 1:
        return {}
    prefix, inner = "", root
    while not inner._parameters and not inner._buffers:
        holding = [
            (name, child)
            for name, child in inner._modules.items()
            if child is not None and next(_any_tensor(child), None) is not None
        ]
        if len(holding) != 1 or isinstance(inner, (torch.nn.Sequential, torch.nn.ModuleList)):
            break
        prefix, inner = f"{prefix}{holding[0][0]}.", holding[0][1]
    names = [entry[0] for entry in found.values()]
    if not prefix or not all(name.startswith(prefix) for name in names):
        return {}
    return {name: name[len(prefix) :] for name in names}


def _any_tensor(module: Module) -> Iterator[torch.Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _tracked(
    before: TrackedTensor | None,
    entry: tuple[str, list[str], Module, str, torch.Tensor, str, str],
    short: str | None,
) -> TrackedTensor:
    name, aliases, owner, attribute, tensor, kind, module = entry
    if short is not None and short not in aliases:
        aliases = [*aliases, short]
    info = NamedTensor(name, tuple(aliases), _kind(kind), module, class_name(owner))
    shape = full_shape(tensor)
    tracked = TrackedTensor(
        info=info,
        dtype=str(tensor.dtype).rpartition(".")[2],
        shape=shape,
        elements=math.prod(shape),
        tensor=weakref.ref(tensor),
        owner=weakref.ref(owner),
        attribute=attribute,
        script_trains=kind == "parameter" and tensor.requires_grad,
    )
    if before is not None:
        tracked.frozen = before.frozen
        tracked.flipped = before.flipped
        if before.flipped:
            tracked.script_trains = before.script_trains
        tracked.reference = before.reference
        tracked.spans = before.spans
    return tracked


def _kind(kind: str) -> TensorKind:
    return "parameter" if kind == "parameter" else "statistic"


def _norms(model: TrackedModel) -> Iterator[Norm]:
    """The layers with running statistics, in the order of the tensors."""
    norms: dict[int, Norm] = {}
    for tensor in model.tensors:
        owner = tensor.owner()
        if owner is None or tensor.info.kind != "statistic":
            continue
        kind = norm_kind(owner)
        if kind is None:
            continue
        if id(owner) not in norms:
            norms[id(owner)] = Norm(tensor.info.module, weakref.ref(owner), kind)
        norms[id(owner)].statistics.append(tensor)
    yield from norms.values()
