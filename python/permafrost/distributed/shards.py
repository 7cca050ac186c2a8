"""What this rank holds of a tensor, and the flags that gathered copies have to share."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any, Iterator, Optional

import torch
from torch import Tensor
from torch.nn import Module

from .flat import flat_local, flat_shape, is_flat_sharded
from .identity import IdentityMap

_fsdp2_params: "IdentityMap[weakref.ref[Any]]" = IdentityMap()


@dataclass(frozen=True)
class ShardFacts:
    """How a tensor lies over the ranks."""

    sharded: bool
    """Ranks hold different pieces: their digests differ by nature."""
    shape: tuple[int, ...]
    """Of the whole tensor, as the user gave it."""
    local_shape: tuple[int, ...]
    """Of what this rank holds; an empty piece has a size of 0 in it."""


def is_dtensor(tensor: Tensor) -> bool:
    """Whether a tensor is a DTensor, without importing the module that makes them."""
    return hasattr(tensor, "placements") and hasattr(tensor, "to_local")


def local_tensor(tensor: Tensor) -> Tensor:
    """What this rank holds of `tensor`: itself when it is whole, and never a copy.

    Of FSDP1 the piece in full precision, flattened; of a DTensor the local tensor. A DTensor whose
    sum is still to be made stays as it is: its local part means nothing.
    """
    piece = flat_local(tensor)
    if piece is not None:
        return piece
    if not is_dtensor(tensor):
        return tensor
    if any(placement.is_partial() for placement in tensor.placements):
        return tensor
    with torch.no_grad():
        local: Tensor = tensor.to_local()
    return local.detach()


def full_shape(tensor: Tensor) -> tuple[int, ...]:
    """The shape of the whole tensor, also where this rank holds only a piece."""
    return flat_shape(tensor) or tuple(map(int, tensor.shape))


def shard_facts(tensor: Tensor) -> ShardFacts:
    """Whether the ranks hold pieces of the tensor or each the whole, and the shapes."""
    flat = is_flat_sharded(tensor)
    if flat is not None:
        sharded = flat
    elif is_dtensor(tensor):
        placements = tensor.placements
        sharded = not all(placement.is_replicate() for placement in placements)
    else:
        sharded = False
    local = tuple(int(size) for size in local_tensor(tensor).shape)
    return ShardFacts(sharded, full_shape(tensor), local)


def fsdp2_params(module: Module) -> Iterator[Any]:
    """The FSDPParam objects of a module that `fully_shard` was applied to."""
    ask = getattr(module, "_get_fsdp_state", None)
    if ask is None:
        return
    state = ask()
    groups = getattr(state, "_fsdp_param_groups", None)
    if groups is None:  # before 2.11 there was one group a module
        group = getattr(state, "_fsdp_param_group", None)
        groups = [group] if group is not None else []
    for group in groups:
        for each in group.fsdp_params:
            sharded = getattr(each, "sharded_param", None)
            if sharded is not None and _fsdp2_params.get(sharded) is None:
                _fsdp2_params.set(sharded, weakref.ref(each))
            yield each


def is_gathered(tensor: Any, of: Any) -> bool:
    """Whether `tensor` is what a module holds of an FSDPParam while that is gathered."""
    return tensor is not None and (
        tensor is getattr(of, "_unsharded_param", None)
        or tensor is getattr(of, "_sharded_post_forward_param", None)
    )


def set_requires_grad(tensor: Tensor, value: bool) -> None:
    """Sets the flag, also on the gathered copy that FSDP2 keeps after a forward without backward.

    FSDP2 takes the flag over only when it gathers anew (`to_unsharded`): without this, one that is
    thawed after an evaluation would go without a gradient for one step.
    """
    tensor.requires_grad_(value)
    reference = _fsdp2_params.get(tensor)
    holder = reference() if reference is not None else None
    gathered: Optional[Tensor] = getattr(holder, "_unsharded_param", None)
    if gathered is not None and gathered.is_leaf and gathered.requires_grad != value:
        gathered.requires_grad_(value)
