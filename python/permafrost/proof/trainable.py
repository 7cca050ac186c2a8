"""Watching for trainable tensors that never move."""

from __future__ import annotations

import weakref
from typing import Callable, NamedTuple, Optional, Sequence

import torch
from torch import Tensor

from .chunks import as_bytes
from .digest import fetched
from .fingerprints import fingerprints
from .fold import SMALL
from .host import bytes_at, flat_on_host
from .plain import Unreadable, plain
from .quiet import quiet

_SAMPLE = 64
"""Bytes read at the beginning, the middle and the end; nearly every tensor that trains differs."""
_LIMIT = 8 * 1024**3
"""Bytes of all watched tensors that are fingerprinted at the beginning: a second on a CPU."""


class _Watched(NamedTuple):
    name: str
    tensor: Callable[[], Optional[Tensor]]
    sample: bytes
    fingerprint: bytes


class UnmovedWatch:
    """Finds tensors that the script trains and that have the bytes of the beginning still.

    Each is read until it has moved for the first time, which usually is the first epoch. While
    the sample of a tensor is that of the beginning, `unmoved` reads the whole of it: a sample alone
    would call an embedding unmoved of which the script trained other rows. What lies beyond the
    limit is not watched.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        """`limit`: bytes to fingerprint at the beginning, the smallest tensors first."""
        self._limit = limit
        self._watched: list[_Watched] = []

    def begin(self, items: Sequence[tuple[str, Tensor]]) -> None:
        """Remembers how the named tensors are; holds no strong reference to them."""
        with quiet():
            sizes = [_size(tensor) for _, tensor in items]
        chosen, left = [], self._limit
        for at in sorted(range(len(items)), key=sizes.__getitem__):
            left -= sizes[at]
            if left < 0:
                break
            chosen.append(at)
        chosen.sort()
        tensors = [items[at][1] for at in chosen]
        for at, sample, found in zip(chosen, _samples(tensors), fingerprints(tensors)):
            if not isinstance(found, Unreadable):
                name, tensor = items[at]
                self._watched.append(_Watched(name, weakref.ref(tensor), sample, found))

    def unmoved(self) -> list[str]:
        """Names of the tensors that never moved, in the order in which they were given.

        A tensor that is gone, or cannot be read now, is not among them.
        """
        alive = [(each, tensor) for each in self._watched if (tensor := each.tensor()) is not None]
        samples = _samples([tensor for _, tensor in alive])
        alike = [pair for pair, now in zip(alive, samples) if now == pair[0].sample]
        found = fingerprints([tensor for _, tensor in alike])
        self._watched = [
            each
            for (each, _), now in zip(alike, found)
            if isinstance(now, Unreadable) or now == each.fingerprint
        ]
        return [each.name for (each, _), now in zip(alike, found) if now == each.fingerprint]

    def has_moved(self) -> bool:
        """Whether any tensor has moved that had not when it was last asked for."""
        there = sum(each.tensor() is not None for each in self._watched)
        self.unmoved()
        return len(self._watched) < there


def _size(tensor: Tensor) -> int:
    try:
        return int(tensor.numel() * tensor.element_size())
    except Exception:  # not initialised yet, nested: it will be found unreadable
        return 0


def _samples(tensors: Sequence[Tensor]) -> list[bytes]:
    """A few bytes of each large one, empty of the others. Waits once for each device."""
    results = [b""] * len(tensors)
    waiting: dict[torch.device, list[tuple[int, list[Tensor]]]] = {}
    with quiet():
        for at, tensor in enumerate(tensors):
            if _size(tensor) <= SMALL:
                continue
            parts = plain(tensor)
            if isinstance(parts, Unreadable) or len(parts.tensors) != 1:
                continue
            single = parts.tensors[0]
            count = _size(single)
            starts = sorted({0, count // 2 // 16 * 16, max(0, count - _SAMPLE)})
            if flat_on_host(single):
                address = single.data_ptr()
                results[at] = b"".join(
                    bytes_at(address + start, min(_SAMPLE, count - start)) for start in starts
                )
            elif single.is_contiguous() and not single.is_conj() and not single.is_neg():
                flat = as_bytes(single.detach().reshape(-1))
                pieces = [flat[start : start + _SAMPLE] for start in starts]
                waiting.setdefault(single.device, []).append((at, pieces))
        for pending in waiting.values():
            data = fetched(torch.cat([piece for _, pieces in pending for piece in pieces]))
            start = 0
            for at, pieces in pending:
                end = start + sum(piece.numel() for piece in pieces)
                results[at], start = data[start:end], end
    return results
