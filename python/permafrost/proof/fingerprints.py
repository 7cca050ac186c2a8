"""Fingerprints of tensors: 16 bytes of type, shape and every byte in logical order."""

from __future__ import annotations

from typing import Callable, Optional, Sequence

import torch
from torch import Tensor

from .digest import digest
from .fold import SMALL
from .on_device import DeviceBatch, exact
from .on_host import HostReader, Result, Slot, fill, quick
from .plain import ORDINARY, Plain, Unreadable, plain, unreadable
from .quiet import quiet


def fingerprint(tensor: Tensor) -> bytes:
    """16 bytes that differ when type, shape or any bit of `tensor` differs (see `fold.py`).

    Equal on every device and in every memory format. Reads the bytes where they lie and holds at
    most 64 MiB besides. Raises ValueError with the reason if the tensor cannot be read.
    """
    result = fingerprints([tensor])[0]
    if isinstance(result, Unreadable):
        raise ValueError(result.reason)
    return result


def fingerprints(tensors: Sequence[Tensor]) -> list[Result]:
    """The fingerprint of each tensor, or why it has none.

    Waits for each device once, and again for every 16 MiB of states (a thousand large tensors).
    Devices whose integer arithmetic is not exact are read chunk by chunk instead.
    """
    with quiet():
        return Fingerprinter().run(tensors)


def place_of(tensor: Tensor) -> str:
    """Where a tensor is folded: "host", "device", or "fetched" to the host chunk by chunk."""
    if tensor.is_cpu:
        return "host"
    return "device" if exact(tensor.device) else "fetched"


class Fingerprinter:
    """One run over many tensors. Used within `quiet()`."""

    def __init__(self, place: Callable[[Tensor], str] = place_of) -> None:
        """`place`: as `place_of`."""
        self._place = place
        self._reader = HostReader()
        self._large: list[tuple[Tensor, Slot]] = []
        self._batches: dict[torch.device, DeviceBatch] = {}

    def run(self, tensors: Sequence[Tensor]) -> list[Result]:
        """As `fingerprints`."""
        results: list[Optional[Result]] = [None] * len(tensors)
        composed: list[tuple[int, Plain, list[Optional[Result]]]] = []
        for index, tensor in enumerate(tensors):
            if type(tensor) in ORDINARY and self._place is place_of:
                results[index] = _quick(tensor)
                if results[index] is not None:
                    continue
            parts = plain(tensor)
            if isinstance(parts, Unreadable):
                results[index] = parts
            elif len(parts.tensors) == 1 and not parts.extra:
                self._take(parts.tensors[0], (results, index))
            else:
                found: list[Optional[Result]] = [None] * len(parts.tensors)
                for at, part in enumerate(parts.tensors):
                    self._take(part, (found, at))
                composed.append((index, parts, found))
        # What devices have to do is under way while the CPU folds.
        fill(self._large)
        for batch in self._batches.values():
            self._flush(batch)
        for index, parts, found in composed:
            results[index] = _compose(parts, found)
        return [_read(each) for each in results]

    def _take(self, tensor: Tensor, slot: Slot) -> None:
        try:
            place = self._place(tensor)
            if place == "device":
                batch = self._batches.get(tensor.device)
                if batch is None:
                    batch = self._batches[tensor.device] = DeviceBatch(tensor.device)
                batch.add(tensor, slot)
            elif place == "host" and tensor.numel() * tensor.element_size() > SMALL:
                self._large.append((tensor, slot))
            else:
                slot[0][slot[1]] = self._reader.fingerprint(tensor, fetch=place == "fetched")
        except Exception as fault:  # one tensor that cannot be read leaves the others readable
            slot[0][slot[1]] = unreadable(fault)

    def _flush(self, batch: DeviceBatch) -> None:
        try:
            batch.flush()
        except Exception as fault:
            batch.failed(unreadable(fault))


def _quick(tensor: Tensor) -> Optional[bytes]:
    try:
        return quick(tensor)
    except Exception:  # plain() says why
        return None


def _read(result: Optional[Result]) -> Result:
    return result if result is not None else Unreadable("it was not read")


def _compose(parts: Plain, found: Sequence[Optional[Result]]) -> Result:
    prints: list[bytes] = []
    for each in map(_read, found):
        if isinstance(each, Unreadable):
            return each
        prints.append(each)
    return digest(parts.extra.encode() + b"\0" + b"".join(prints))
