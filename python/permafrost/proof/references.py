"""What frozen tensors were: fingerprints of all, copies of as many as the budget allows."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

import torch
from torch import Tensor

from ..collecting import no_collections
from .difference import Copy, Difference, copied, difference, same
from .digest import digest, label_of
from .fingerprints import fingerprints
from .fold import SMALL
from .host import bytes_at, flat_on_host
from .on_host import Result, small_bytes
from .plain import ORDINARY, Unreadable, plain, stored
from .quiet import quiet

Digest = bytes
_AT_HAND = 64 * 1024 * 1024
"""Bytes of small tensors that are read before it is known of which the budget allows copies."""


class Reference:
    """The bytes of a tensor when it was taken. Holds nothing of the tensor itself."""

    __slots__ = ("copy", "dtype", "fingerprint", "reason", "shape", "size")

    def __init__(
        self,
        dtype: torch.dtype,
        shape: Optional[torch.Size] = None,
        size: int = 0,
        fingerprint: Optional[bytes] = None,
        reason: Optional[str] = None,
        copy: Optional[Copy] = None,
    ) -> None:
        self.dtype = dtype
        self.shape = shape
        self.size = size
        """Bytes."""
        self.fingerprint = fingerprint
        self.reason = reason
        """Why there is no fingerprint."""
        self.copy = copy
        """In CPU memory."""


class Comparison(NamedTuple):
    """A tensor against its reference."""

    equal: Optional[bool]
    """None: nothing can be said, and `reason` says why."""
    elements: Optional[int] = None
    """How many differ; None without a copy, or when type or shape are others."""
    max_delta: Optional[float] = None
    """Largest absolute difference, infinity and NaN included; see `difference.py`."""
    reason: Optional[str] = None
    method: str = "fingerprint"
    """"bytes": every byte against a kept copy; "fingerprint" otherwise."""
    bytes: int = 0
    """How many bytes of the tensor were compared."""
    fingerprint: Optional[Digest] = None
    """Of the tensor as it is now."""


class References:
    """Takes references and compares with them. Not for use by two threads at once."""

    def __init__(self, budget: int) -> None:
        """`budget`: bytes of CPU memory for copies."""
        self._left = budget

    def take(self, tensors: Sequence[Tensor]) -> list[Reference]:
        """References of the tensors as they are now; the smallest are copied first.

        Without a copy a difference is still found, but not counted. A tensor that cannot be read
        gets a reference which says so.
        """
        with no_collections():
            with quiet():
                read = _read(tensors, min(self._left, _AT_HAND))
            rest = [at for at in range(len(tensors)) if at not in read]
            found = fingerprints([tensors[at] for at in rest])
            with quiet():
                read.update((at, _reference(tensors[at], now)) for at, now in zip(rest, found))
                references = [read[at] for at in range(len(tensors))]
                self._keep(tensors, references)
        return references

    def _keep(self, tensors: Sequence[Tensor], references: Sequence[Reference]) -> None:
        sizes = [each.size for each in references]
        for at in sorted(range(len(tensors)), key=sizes.__getitem__):
            reference = references[at]
            if reference.fingerprint is None:
                continue
            if reference.size > self._left:
                reference.copy = None
                continue
            if reference.copy is None:
                reference.copy = _copy(tensors[at], reference.size)
            if reference.copy is not None:
                self._left -= reference.size

    def release(self, references: Sequence[Reference]) -> None:
        """Gives the memory of their copies back to the budget; they can still be compared with."""
        for reference in references:
            if reference.copy is not None:
                reference.copy = None
                self._left += reference.size

    def compare(
        self, references: Sequence[Reference], tensors: Sequence[Tensor]
    ) -> list[Comparison]:
        """Each tensor against its reference.

        In CPU memory against the copy, byte by byte. On an accelerator by fingerprint, where it
        lies; only what differs is fetched to be counted.
        """
        results: list[Optional[Comparison]] = [None] * len(tensors)
        open_: list[int] = []
        with quiet():
            for at, (reference, tensor) in enumerate(zip(references, tensors)):
                if reference.fingerprint is None:
                    results[at] = Comparison(None, reason=reference.reason)
                elif _unchanged(reference, tensor):
                    results[at] = Comparison(
                        True,
                        method="bytes",
                        bytes=reference.size,
                        fingerprint=reference.fingerprint,
                    )
                else:
                    open_.append(at)
        found = fingerprints([tensors[at] for at in open_])
        with quiet():
            for at, now in zip(open_, found):
                results[at] = _compared(references[at], tensors[at], now)
        return [each for each in results if each is not None]


def _read(tensors: Sequence[Tensor], room: int) -> dict[int, Reference]:
    """By index, references of the small tensors: each is read once, not for fingerprint and copy.

    `room`: bytes of copies at most.
    """
    read: dict[int, Reference] = {}
    for at, tensor in enumerate(tensors):
        if type(tensor) not in ORDINARY:
            continue
        try:
            data = small_bytes(tensor)
            dtype, shape = tensor.dtype, tensor.shape
        except Exception:  # the fingerprint will say what is wrong with it
            continue
        if data is None:
            continue
        room -= len(data)
        if room < 0:
            break
        fingerprint = digest(label_of(dtype, shape) + data)
        read[at] = Reference(dtype, shape, len(data), fingerprint, None, data)
    return read


def _reference(tensor: Tensor, found: Result) -> Reference:
    """`found`: the fingerprint, or why there is none."""
    if isinstance(found, Unreadable):
        return Reference(tensor.dtype, reason=found.reason)
    single = tensor if type(tensor) in ORDINARY else _single(tensor)
    held = tensor if single is None else single
    return Reference(tensor.dtype, tensor.shape, held.numel() * held.element_size(), found)


def _single(tensor: Tensor) -> Optional[Tensor]:
    """The one plain tensor that holds the bytes, if it is one."""
    parts = plain(tensor)
    if isinstance(parts, Unreadable) or len(parts.tensors) != 1 or parts.extra:
        return None
    return parts.tensors[0]


def _copy(tensor: Tensor, size: int) -> Optional[Copy]:
    """A copy of a tensor that could be read a moment ago."""
    ordinary = type(tensor) in ORDINARY and tensor.layout is torch.strided
    single = tensor if ordinary and not tensor.is_quantized else _single(tensor)
    if single is None:
        return None
    try:
        if size <= SMALL and flat_on_host(single):
            return bytes_at(single.data_ptr(), size)
        return copied(single)
    except (RuntimeError, MemoryError):  # no memory: the fingerprint serves
        return None


def _unchanged(reference: Reference, tensor: Tensor) -> bool:
    """Whether a tensor in CPU memory is proved equal to its copy."""
    copy = reference.copy
    if copy is None or tensor.dtype != reference.dtype:
        return False
    try:
        if type(tensor) in ORDINARY and tensor.layout is torch.strided:
            single: Optional[Tensor] = tensor if stored(tensor) else None
        else:
            single = _single(tensor)
        if single is None or not single.is_cpu or tensor.shape != reference.shape:
            return False
        if single.numel() * single.element_size() != reference.size:
            return False
        if isinstance(copy, bytes) and flat_on_host(single):
            return bytes_at(single.data_ptr(), len(copy)) == copy
        return same(single, copy)
    except Exception:  # the fingerprint will say what is wrong with it
        return False


def _compared(reference: Reference, tensor: Tensor, now: Result) -> Comparison:
    if isinstance(now, Unreadable):
        return Comparison(None, reason=now.reason)
    size = reference.size
    if now == reference.fingerprint:
        return Comparison(True, bytes=size, fingerprint=now)
    if tensor.dtype != reference.dtype or tensor.shape != reference.shape:
        then, here = (
            f"{str(dtype).replace('torch.', '')}{list(shape or ())}"
            for dtype, shape in (
                (reference.dtype, reference.shape),
                (tensor.dtype, tensor.shape),
            )
        )
        return Comparison(
            False, reason=f"it was {then} and is {here} now", bytes=size, fingerprint=now
        )
    found = _difference(reference, tensor)
    if found is None:
        return Comparison(False, bytes=size, fingerprint=now)
    return Comparison(
        False, found.elements, found.max_delta, None, "bytes", bytes=size, fingerprint=now
    )


def _difference(reference: Reference, tensor: Tensor) -> Optional[Difference]:
    single = _single(tensor)
    if reference.copy is None or single is None:
        return None
    if single.numel() * single.element_size() != reference.size:
        return None
    try:
        return difference(single, reference.copy)
    except Exception:  # that it differs is known already
        return None
