"""How a tensor differs from its kept copy, a bounded chunk at a time."""

from __future__ import annotations

import math
from typing import Iterator, NamedTuple, Optional, Union

import torch
from torch import Tensor

from .chunks import chunks
from .host import flat_on_host, view_at

CHUNK = 1024 * 1024
"""Bytes compared at a time; the temporaries of a chunk are about ten times as large."""

Copy = Union[bytes, Tensor]
"""Bytes in logical order: `bytes` of a small tensor, 1-D uint8 in CPU memory of a larger one."""

_WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
_COMPONENTS = {torch.complex64: torch.float32, torch.complex128: torch.float64}
if hasattr(torch, "complex32"):
    _COMPONENTS[torch.complex32] = torch.float16


class Difference(NamedTuple):
    """`elements`: of which any bit differs. `max_delta`: the largest absolute difference of them.

    `max_delta` is of the real and imaginary parts of complex numbers, NaN as soon as a differing
    element is NaN on either side, 0.0 between 0.0 and -0.0, None for types without arithmetic.
    """

    elements: int
    max_delta: Optional[float]


def same(tensor: Tensor, copy: Copy) -> bool:
    """Whether every bit of a tensor in CPU memory is that of its copy."""
    count = tensor.numel() * tensor.element_size()
    if isinstance(copy, Tensor) and flat_on_host(tensor):
        whole = count // 8 * 8
        words = view_at(tensor.data_ptr(), whole, torch.int64)
        if not torch.equal(words, copy[:whole].view(torch.int64)):
            return False
        if whole == count:
            return True
        rest = view_at(tensor.data_ptr() + whole, count - whole, torch.uint8)
        return bool(torch.equal(rest, copy[whole:]))
    pairs = zip(chunks(tensor, CHUNK), _kept(copy))
    return all(torch.equal(now, then) for now, then in pairs)


def difference(tensor: Tensor, copy: Copy) -> Difference:
    """Compares a tensor on any device with a copy of the same type and shape."""
    component = _COMPONENTS.get(tensor.dtype, tensor.dtype)
    per_element = 2 if tensor.dtype in _COMPONENTS else 1
    words = _WORDS[tensor.element_size() // per_element]
    elements = 0
    largest: Optional[float] = 0.0
    for now, then in zip(chunks(tensor, CHUNK), _kept(copy)):
        now = now.cpu()
        differs = now.view(words).ne(then.view(words))
        elements += int(differs.view(-1, per_element).any(1).sum())
        if largest is not None and differs.any():
            delta = _delta(now, then, differs, component)
            largest = None if delta is None else _larger(largest, delta)
    return Difference(elements, largest)


def copied(tensor: Tensor) -> Copy:
    """A copy of the bytes for `same` and `difference`."""
    count = tensor.numel() * tensor.element_size()
    copy = torch.empty(count, dtype=torch.uint8, device="cpu")
    start = 0
    for chunk in chunks(tensor, 16 * CHUNK):
        copy[start : start + chunk.numel()].copy_(chunk)
        start += chunk.numel()
    return copy


def _kept(copy: Copy) -> Iterator[Tensor]:
    if isinstance(copy, bytes):
        # A bytearray, since torch warns of memory that cannot be written.
        if copy:
            yield torch.frombuffer(bytearray(copy), dtype=torch.uint8)
    else:
        yield from copy.split(CHUNK)


def _larger(one: float, other: float) -> float:
    return math.nan if math.isnan(one) or math.isnan(other) else max(one, other)


def _delta(now: Tensor, then: Tensor, differs: Tensor, dtype: torch.dtype) -> Optional[float]:
    try:
        if dtype is torch.bool:
            dtype = torch.uint8
        a, b = now.view(dtype)[differs], then.view(dtype)[differs]
        if dtype is torch.int64:
            return _long_delta(a, b)
        return float((a.to(torch.float64) - b.to(torch.float64)).abs().max())
    except (RuntimeError, NotImplementedError):  # quantized and packed types
        return None


def _long_delta(a: Tensor, b: Tensor) -> float:
    """As float64 the numbers themselves would lose their last bits."""
    gap = torch.maximum(a, b) - torch.minimum(a, b)
    wrapped = gap[gap < 0]
    return float(wrapped.max()) + 2.0**64 if wrapped.numel() > 0 else float(gap.max())
