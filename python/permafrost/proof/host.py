"""CPU memory by address: no `.numpy()`, which would pin the script's storage to its size."""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor


def bytes_at(address: int, count: int) -> bytes:
    """A copy of `count` bytes at an address."""
    return ctypes.string_at(address, count)


def view_at(address: int, count: int, dtype: torch.dtype) -> Tensor:
    """A 1-D tensor over `count` bytes (not 0) at any address, which it does not keep alive.

    The address need not be a multiple of the element size: CPU kernels load unaligned.
    """
    buffer = (ctypes.c_char * count).from_address(address)
    return torch.frombuffer(buffer, dtype=dtype)


def flat_on_host(tensor: Tensor) -> bool:
    """Whether the bytes in logical order are one run of CPU memory."""
    return tensor.is_cpu and tensor.is_contiguous() and not tensor.is_conj() and not tensor.is_neg()
