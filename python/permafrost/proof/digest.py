"""The last step of a fingerprint: type and shape, and a cryptographic hash over what is left."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from .chunks import as_bytes
from .host import bytes_at

_labels: dict[tuple[torch.dtype, torch.Size], bytes] = {}


def label(tensor: Tensor) -> bytes:
    """Type and shape, which are part of the fingerprint."""
    return label_of(tensor.dtype, tensor.shape)


def label_of(dtype: torch.dtype, shape: torch.Size) -> bytes:
    """As `label`, of a tensor with this type and shape."""
    key = (dtype, shape)
    found = _labels.get(key)
    if found is None:
        if len(_labels) > 10_000:
            _labels.clear()
        found = _labels[key] = f"{dtype}{tuple(shape)}\0".encode()
    return found


def digest(data: bytes) -> bytes:
    """16 bytes of BLAKE2b, about 0.8 GB/s with or without special instructions."""
    return hashlib.blake2b(data, digest_size=16).digest()


def fetched(flat: Tensor) -> bytes:
    """The bytes of a contiguous 1-D tensor on any device; waits for the device."""
    if flat.numel() == 0:
        return b""
    here = as_bytes(flat).cpu()
    return bytes_at(here.data_ptr(), here.numel())
