"""The bytes of a tensor in logical order, a bounded chunk at a time, on its device."""

from __future__ import annotations

from typing import Iterator, Optional

import torch
from torch import Tensor

from .host import flat_on_host, view_at


def chunks(tensor: Tensor, size: int) -> Iterator[Tensor]:
    """Chunks of `size` bytes (a multiple of 16), the last shorter, as 1-D uint8 tensors.

    A chunk is a view where the tensor lies flat, else a buffer that the next chunk overwrites.
    Nothing of `tensor` but values is touched, and at most two times `size` is held.
    """
    count = tensor.numel() * tensor.element_size()
    if count == 0:
        return
    if flat_on_host(tensor):
        yield from view_at(tensor.data_ptr(), count, torch.uint8).split(size)
        return
    bare = tensor.detach()
    flat = bare.is_contiguous() and not bare.is_conj() and not bare.is_neg()
    # A kernel of an accelerator needs addresses that are multiples of the word.
    if flat and bare.storage_offset() * bare.element_size() % 4 == 0:
        yield from as_bytes(bare.reshape(-1)).split(size)
        return
    yield from _staged(bare, size)


def as_bytes(flat: Tensor) -> Tensor:
    """A contiguous 1-D tensor of any type as uint8, without a copy."""
    if flat.is_complex():
        flat = torch.view_as_real(flat).reshape(-1)
    return flat.view(torch.uint8)


def _staged(tensor: Tensor, size: int) -> Iterator[Tensor]:
    room = size // tensor.element_size()
    buffer = torch.empty(min(room, tensor.numel()), dtype=tensor.dtype, device=tensor.device)
    used = 0
    for piece in _pieces(tensor, room):
        flat = piece.reshape(-1)
        while flat.numel() > 0:
            part = flat[: room - used]
            buffer[used : used + part.numel()].copy_(part)
            used += part.numel()
            flat = flat[part.numel() :]
            if used == room:
                yield as_bytes(buffer)
                used = 0
    if used > 0:
        yield as_bytes(buffer[:used])


def _pieces(tensor: Tensor, limit: int) -> Iterator[Tensor]:
    """Views of at most `limit` elements that follow each other in logical order."""
    if tensor.numel() <= limit:
        yield tensor
        return
    row = tensor.numel() // tensor.shape[0]
    if row <= limit:
        yield from tensor.split(limit // row)
        return
    for each in tensor.unbind(0):
        yield from _pieces(each, limit)


class Words:
    """Chunks of bytes as chunks of int32 words; up to three bytes are left in `rest`."""

    def __init__(self, source: Iterator[Tensor]) -> None:
        self._source = source
        self.rest: Optional[Tensor] = None

    def __iter__(self) -> Iterator[Tensor]:
        for chunk in self._source:
            whole = chunk.numel() // 4 * 4
            if whole < chunk.numel():
                self.rest = chunk[whole:].clone()
            if whole > 0:
                yield chunk[:whole].view(torch.int32)
