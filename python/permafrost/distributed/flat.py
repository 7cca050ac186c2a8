"""FSDP1: parameters that lie in one flat parameter, of which each rank holds a piece.

Facts of torch/distributed/fsdp/_flat_param.py (2.1 to 2.15): the piece of this rank is
`flat_param._local_shard` from the first forward on, and the data of the flat parameter before. With
`use_orig_params=True` the user's own Parameter objects stay in `_params`, their data are views into
the piece; while a unit is gathered the modules hold plain views instead of them.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any, Hashable, Optional, Sequence

import torch
from torch import Tensor
from torch.nn import Module, Parameter

from .identity import IdentityMap

FLAT_PARAM = "_flat_param"


@dataclass(frozen=True)
class FlatPart:
    """Where in a flat parameter one of the user's parameters lies."""

    flat: "weakref.ref[Tensor]"
    index: int


_by_module: IdentityMap[dict[str, FlatPart]] = IdentityMap()
_by_parameter: IdentityMap[FlatPart] = IdentityMap()
_known: IdentityMap[bool] = IdentityMap()


def remember(handle: Any) -> None:
    """Notes what the flat parameter of a FlatParamHandle is made of."""
    flat = getattr(handle, "flat_param", None)
    if flat is None or _known.get(flat) or not hasattr(flat, "_param_infos"):
        return
    _known.set(flat, True)
    places: dict[tuple[int, str], int] = {}
    for index, (attribute, module, _) in enumerate(flat._param_infos):
        places[id(module), attribute] = index
        _note(module, attribute, FlatPart(weakref.ref(flat), index))
    for shared in getattr(flat, "_shared_param_infos", ()):
        attribute, module, _, first_attribute, first_module, _ = shared
        index = places.get((id(first_module), first_attribute), -1)
        if index >= 0:
            _note(module, attribute, FlatPart(weakref.ref(flat), index))


def _note(module: Module, attribute: str, part: FlatPart) -> None:
    parts = _by_module.get(module)
    if parts is None:
        _by_module.set(module, {attribute: part})
    else:
        parts[attribute] = part


def remember_wrapper(module: Module) -> None:
    """Notes the flat parameters of a FullyShardedDataParallel that was made unseen."""
    handles = getattr(module, "_handles", None)
    for handle in handles if isinstance(handles, list) else [getattr(module, "_handle", None)]:
        if handle is not None:
            remember(handle)


def flat_parts(module: Module) -> Optional[dict[str, FlatPart]]:
    """By attribute, the parameters of `module` that lie in flat ones; None where there are none."""
    return _by_module.get(module) if len(_by_module) else None


def parameter_of(module: Module, attribute: str, part: FlatPart) -> Optional[Tensor]:
    """The object that stands for a parameter at all times.

    With `use_orig_params=True` the user's Parameter, also while the module holds a gathered view;
    else the flat parameter, which several parameters share.
    """
    flat = part.flat()
    if flat is None:
        return None
    originals = getattr(flat, "_params", None)
    if originals is None:
        return flat
    now = module._parameters.get(attribute)
    found = now if isinstance(now, Parameter) else originals[part.index]
    if _by_parameter.get(found) is None:
        _by_parameter.set(found, part)
    return found


def flat_local(tensor: Tensor) -> Optional[Tensor]:
    """What this rank holds of a parameter of FSDP1, flattened; None when it is no such parameter.

    Empty where this rank holds nothing of it.
    """
    if _known.get(tensor):
        return _piece(tensor)
    part = _by_parameter.get(tensor)
    flat = part.flat() if part is not None else None
    if part is None or flat is None:
        return None
    if not _is_sharded(flat):
        return _whole(tensor, flat, part.index)
    info = flat._shard_param_infos[part.index]
    if not info.in_shard:
        return tensor.new_empty(0)
    own = tensor.detach()
    if own.dim() == 1 and own.numel() == info.numel_in_shard:
        return own
    # Gathered for a `summon_full_params`: the piece itself is in the flat parameter.
    return _piece(flat)[info.offset_in_shard : info.offset_in_shard + info.numel_in_shard]


def _piece(flat: Tensor) -> Tensor:
    return getattr(flat, "_local_shard", flat).detach()


def _whole(tensor: Tensor, flat: Tensor, index: int) -> Tensor:
    """With NO_SHARD every rank has all of it, in its own shape."""
    own = tensor.detach()
    piece = _piece(flat)
    if own.dtype == piece.dtype:
        return own
    # A copy of low precision takes its place for the forward.
    before = sum(_numels(flat)[:index])
    shape = flat._shapes[index]
    return piece[before : before + shape.numel()].view(shape)


def _numels(flat: Any) -> tuple[int, ...]:
    return tuple(int(each) for each in flat._numels)


def _is_sharded(flat: Any) -> bool:
    """NO_SHARD has no padded gathered copy (init_flat_param_attributes)."""
    infos: Any = getattr(flat, "_shard_param_infos", None)
    if not infos:
        return False
    if hasattr(flat, "_full_param_padded"):
        return True
    held = sum(int(info.numel_in_shard or 0) for info in infos)
    return held < sum(_numels(flat))


def flat_shape(tensor: Tensor) -> Optional[tuple[int, ...]]:
    """The shape that the user gave to a parameter which lies in a flat one; None for others.

    Of a flat parameter itself all of it, in one dimension.
    """
    if not len(_known):  # no FSDP1 in this process: asked of every tensor of a model
        return None
    if _known.get(tensor):
        size: Any = getattr(tensor, "_unpadded_unsharded_size", tensor.shape)
        return tuple(int(each) for each in size)
    part = _by_parameter.get(tensor)
    flat = part.flat() if part is not None else None
    if part is None or flat is None:
        return None
    return tuple(int(size) for size in flat._shapes[part.index])


def is_flat_sharded(tensor: Tensor) -> Optional[bool]:
    """Whether ranks hold different pieces; None when it is no parameter of FSDP1."""
    flat: Optional[Tensor] = tensor if _known.get(tensor) else None
    part = _by_parameter.get(tensor)
    if part is not None:
        flat = part.flat()
    return None if flat is None else _is_sharded(flat)


def check_fsdp1(
    members: Sequence[tuple[str, Hashable]],
    use_orig_params: bool,
    version: str = str(torch.__version__),
) -> Optional[str]:
    """Why the parameters that FSDP1 is about to flatten into one cannot be frozen as asked.

    `members`: for each, its name and when it is frozen (anything that compares; what is never
    frozen and what always is must differ). Returns words for the user, with the way out, or None.
    """
    kinds: dict[Hashable, str] = {}
    for name, frozen in members:
        kinds.setdefault(frozen, name)
    if len(kinds) < 2:
        return None
    first, second = list(kinds.values())[:2]
    mixes = (
        f"FullyShardedDataParallel puts {first} and {second} into one flat parameter, but they are "
        "not frozen in the same epochs. "
    )
    if not use_orig_params:
        return mixes + (
            "One flat parameter is frozen whole or not at all: pass use_orig_params=True, or an "
            "auto_wrap_policy that gives them units of their own, or freeze both alike."
        )
    if _before(version, (2, 1)):
        return mixes + (
            "Before PyTorch 2.1 one flat parameter is frozen whole or not at all: take a newer "
            "PyTorch, or an auto_wrap_policy that gives them units of their own, or freeze both "
            "alike."
        )
    return None


def _before(version: str, than: tuple[int, int]) -> bool:
    numbers = version.split("+")[0].split(".")[:2]
    return all(each.isdigit() for each in numbers) and tuple(map(int, numbers)) < than
