"""Reading the tensors of a model: names, kinds, owners, and which layers normalise."""

from __future__ import annotations

import math
import weakref
from functools import lru_cache
from typing import Iterator, Optional

import torch
from torch.nn import Module

from ..collecting import no_collections
from ..distributed import class_name, full_shape, named_tensors
from ..rules import NamedTensor, TensorKind
from .norms import norm_kind
from .tracked import Norm, TrackedModel, TrackedTensor

_KINDS: dict[str, TensorKind] = {"parameter": "parameter", "statistic": "statistic"}
_LISTS = (torch.nn.Sequential, torch.nn.ModuleList)


def describe(model: TrackedModel, skip: dict[int, str]) -> None:
    """Reads the tensors and norms of `model` anew; `skip` holds the ids of modules left out.

    A tensor with several names (tied weights) is one, under its first name. Names behind a wrapper
    that holds everything (`model.layer1.weight` in a task) may also be written without it.
    """
    with no_collections():
        _describe(model, skip)


# Where a tensor's first name leads: name, owner, attribute, tensor, kind, name of the owner.
_Found = tuple[str, Module, str, torch.Tensor, str, str]


def _describe(model: TrackedModel, skip: dict[int, str]) -> None:
    known = {id(tensor): t for t in model.tensors if (tensor := t.tensor()) is not None}
    swapped = {
        (id(t.owner()), t.attribute): t for t in model.tensors if t.tensor() is None and t.flipped
    }
    found, aliases = _tensors(model, skip)
    short = _short_names(model, found)
    model.tensors = [
        _tracked(known.get(key), each, _aliases(aliases.get(key), short.get(each[0])))
        for key, each in found.items()
    ]
    for each in model.tensors if swapped else ():
        # FSDP2 has put another object in place that asks for no gradient, as the frozen one did.
        if (id(each.owner()), each.attribute) in swapped and not each.script_trains:
            each.flipped = each.script_trains = each.info.kind == "parameter"
    model.module_ids = frozenset(
        number
        for _, part in model.parts
        if (root := part()) is not None
        for number in _ids_below(root)
    )
    model.norms = list(_norms(model))


def _tensors(
    model: TrackedModel, skip: dict[int, str]
) -> tuple[dict[int, _Found], dict[int, list[str]]]:
    """By id, the tensors, and the further names of those that have several."""
    found: dict[int, _Found] = {}
    aliases: dict[int, list[str]] = {}
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
            if left_out and id(owner) in left_out:
                continue
            full = prefix + name
            first = found.get(id(tensor))
            if first is None:
                module = (prefix + name.rpartition(".")[0]).rstrip(".")
                found[id(tensor)] = (full, owner, attribute, tensor, kind, module)
            elif full != first[0]:
                aliases.setdefault(id(tensor), []).append(full)
    return found, aliases


def _ids_below(root: Module) -> set[int]:
    """Of `root` and all modules in it; `root.modules()` takes a second for 100,000."""
    ids: set[int] = set()
    todo = [root]
    while todo:
        module = todo.pop()
        if id(module) not in ids:
            ids.add(id(module))
            todo += [each for each in module._modules.values() if each is not None]
    return ids


def _short_names(model: TrackedModel, found: dict[int, _Found]) -> dict[str, str]:
    """By name, the name without the parts that all of the model's tensors share."""
    root = model.root
    if root is None or len(model.parts) > 1:
        return {}
    prefix, inner = "", root
    while not (inner._parameters or inner._buffers or isinstance(inner, _LISTS)):
        holding = [
            (name, child)
            for name, child in inner._modules.items()
            if child is not None and next(_any_tensor(child), None) is not None
        ]
        if len(holding) != 1:
            break
        prefix, inner = f"{prefix}{holding[0][0]}.", holding[0][1]
    names = [each[0] for each in found.values()] if prefix else []
    if not all(name.startswith(prefix) for name in names):
        return {}
    return {name: name[len(prefix) :] for name in names}


def _any_tensor(module: Module) -> Iterator[torch.Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _aliases(names: Optional[list[str]], short: Optional[str]) -> tuple[str, ...]:
    if short is None or short in (names or ()):
        return tuple(names or ())
    return (*(names or ()), short)


def _tracked(
    before: Optional[TrackedTensor], found: _Found, aliases: tuple[str, ...]
) -> TrackedTensor:
    name, owner, attribute, tensor, kind, module = found
    shape = full_shape(tensor)
    tracked = TrackedTensor(
        info=NamedTensor(name, aliases, _KINDS[kind], module, class_name(owner)),
        dtype=_dtype_name(tensor.dtype),
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


@lru_cache(maxsize=None)
def _dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).rpartition(".")[2]


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
