"""What of a tensor can be read: the plain tensors that hold its bytes, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import torch
from torch import Tensor


@dataclass(frozen=True)
class Unreadable:
    """A tensor whose bytes cannot be read; `reason` is the end of a sentence about it."""

    reason: str


@dataclass(frozen=True)
class Plain:
    """Strided tensors on real devices that hold all bytes of a tensor, and what they leave out."""

    tensors: tuple[Tensor, ...]
    """One and an empty `extra` for an ordinary tensor."""
    extra: str = ""
    """What belongs to the value besides those bytes: layout, scale of a quantized tensor."""


ORDINARY = (Tensor, torch.nn.Parameter)
"""Types whose bytes are those of their storage, without looking closer."""

_SPARSE_PARTS = {
    torch.sparse_coo: ("_indices", "_values"),
    torch.sparse_csr: ("crow_indices", "col_indices", "values"),
    getattr(torch, "sparse_csc", None): ("ccol_indices", "row_indices", "values"),
    getattr(torch, "sparse_bsr", None): ("crow_indices", "col_indices", "values"),
    getattr(torch, "sparse_bsc", None): ("ccol_indices", "row_indices", "values"),
}


def plain(tensor: Tensor) -> Union[Plain, Unreadable]:
    """The plain tensors that hold the bytes of `tensor`: of a DTensor the local shard."""
    try:
        return _plain(tensor)
    except Exception as fault:  # a subclass may raise whatever it likes
        return unreadable(fault)


def unreadable(fault: BaseException) -> Unreadable:
    """The fault of a reading as a reason."""
    lines = str(fault).strip().splitlines()
    return Unreadable(f"it could not be read ({lines[0] if lines else type(fault).__name__})")


def _plain(tensor: Tensor) -> Union[Plain, Unreadable]:
    kind = type(tensor)
    if kind not in ORDINARY:
        if getattr(tensor, "is_lazy", False) or hasattr(tensor, "materialize"):
            return Unreadable("it is not initialised yet")
        if hasattr(tensor, "fake_mode"):
            return Unreadable("it is a fake tensor and has no values")
        if hasattr(tensor, "to_local"):
            return _local(tensor)
        if hasattr(tensor, "__tensor_flatten__"):
            return _flattened(tensor)
    if tensor.device.type == "meta":
        return Unreadable("it is on the meta device and has no values")
    if getattr(tensor, "is_nested", False):
        return Unreadable("it is a nested tensor")
    if tensor.layout is not torch.strided:
        return _sparse(tensor)
    if tensor.is_quantized:
        return _quantized(tensor)
    return Plain((tensor,)) if stored(tensor) else Unreadable("its storage holds no values now")


def _local(tensor: Tensor) -> Union[Plain, Unreadable]:
    """Of a DTensor the shard of this process."""
    placements = getattr(tensor, "placements", ())
    if any(each.is_partial() for each in placements):
        return Unreadable("it is a DTensor whose sum is still to be made")
    local = tensor.to_local()
    if local is tensor:
        return Unreadable("it has no local shard")
    return plain(local)


def _flattened(tensor: Tensor) -> Union[Plain, Unreadable]:
    """The tensors that a wrapper subclass (torchao and the like) is made of."""
    names, context = tensor.__tensor_flatten__()
    tensors: list[Tensor] = []
    extra = ""
    for name in names:
        part = plain(getattr(tensor, name))
        if isinstance(part, Unreadable):
            return part
        tensors += part.tensors
        extra += f"{name}:{part.extra};"
    return Plain(
        tuple(tensors), f"{type(tensor).__name__}{{{extra}}}{tuple(tensor.shape)}{context}"
    )


def _sparse(tensor: Tensor) -> Union[Plain, Unreadable]:
    names = _SPARSE_PARTS.get(tensor.layout)
    if names is None:
        return Unreadable(f"its layout {tensor.layout} cannot be read")
    # detach: _indices() of a tensor that asks for a gradient is still a plain tensor.
    bare = tensor.detach()
    parts = tuple(getattr(bare, name)() for name in names)
    if not all(stored(each) for each in parts):
        return Unreadable("its storage holds no values now")
    return Plain(parts, f"{tensor.layout}{tuple(tensor.shape)}")


def _quantized(tensor: Tensor) -> Union[Plain, Unreadable]:
    if not tensor.is_contiguous() or not tensor.is_cpu:
        return Unreadable("it is a quantized tensor that is not contiguous in CPU memory")
    if not stored(tensor):
        return Unreadable("its storage holds no values now")
    scheme = str(tensor.qscheme())
    if "per_tensor" in scheme:
        return Plain((tensor,), f"{scheme},{tensor.q_scale()!r},{tensor.q_zero_point()}")
    scales = (tensor.q_per_channel_scales(), tensor.q_per_channel_zero_points())
    return Plain((tensor, *scales), f"{scheme},{tensor.q_per_channel_axis()}")


if hasattr(Tensor, "untyped_storage"):

    def storage_bytes(tensor: Tensor) -> int:
        """Bytes of the whole storage."""
        return int(tensor.untyped_storage().nbytes())

else:  # torch 1.13

    def storage_bytes(tensor: Tensor) -> int:
        """Bytes of the whole storage."""
        return int(tensor._storage().nbytes())


def stored(tensor: Tensor) -> bool:
    """Whether the storage holds all elements: FSDP and offloading shrink it to nothing."""
    count = tensor.numel()
    if count == 0:
        return True
    if tensor.is_contiguous():
        last = count
    else:
        last = 1 + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride()))
    end = (tensor.storage_offset() + last) * tensor.element_size()
    return end <= storage_bytes(tensor) and (not tensor.is_cpu or tensor.data_ptr() != 0)
