"""Fingerprints of tensors on an accelerator: folded there, their states fetched together."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from .chunks import Words, chunks
from .digest import digest, fetched, label
from .fold import SMALL, DeviceState, state_size
from .on_host import HostReader, Result, Slot
from .plain import Unreadable

_BATCH = 16 * 1024 * 1024
"""Bytes on the device that wait to be fetched together: a thousand large tensors."""


class DeviceBatch:
    """Tensors of one device. Used within `quiet()`."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._states: dict[int, DeviceState] = {}
        self._waiting: list[tuple[Slot, bytes, int]] = []
        self._pieces: list[Tensor] = []
        self._bytes = 0

    def add(self, tensor: Tensor, slot: Slot) -> None:
        """Its result stands in the slot after the next flush."""
        if tensor.numel() * tensor.element_size() <= SMALL:
            pieces = [each.clone() for each in chunks(tensor, SMALL)]
        else:
            pieces = [torch.cat(self._folded(tensor))]
        length = sum(each.numel() for each in pieces)
        self._waiting.append((slot, label(tensor), length))
        self._pieces += pieces
        self._bytes += length
        if self._bytes >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Fetches what waits; the only place where the host waits for the device."""
        data = fetched(torch.cat(self._pieces)) if self._pieces else b""
        start = 0
        for (results, index), name, length in self._waiting:
            results[index] = digest(name + data[start : start + length])
            start += length
        self._waiting, self._pieces, self._bytes = [], [], 0

    def failed(self, why: Unreadable) -> None:
        """The device did not give what waits."""
        for (results, index), _, _ in self._waiting:
            results[index] = why
        self._waiting, self._pieces, self._bytes = [], [], 0

    def _folded(self, tensor: Tensor) -> list[Tensor]:
        """The last state, after what the foldings left over."""
        state = self._state(state_size(tensor.numel() * tensor.element_size()))
        words = Words(chunks(tensor, state.size))
        state.fold(words)
        pieces = [] if words.rest is None else [words.rest]
        while state.size > SMALL:
            whole, size = state.bytes, state.size
            pieces.append(whole[size:])
            state = self._state(state_size(size))
            state.fold(whole[:size].view(torch.int32).split(state.size // 4))
        return [*pieces, state.bytes]

    def _state(self, size: int) -> DeviceState:
        state = self._states.get(size)
        if state is None:
            state = self._states[size] = DeviceState(size, self._device)
        return state


_exact: dict[str, bool] = {}


def exact(device: torch.device) -> bool:
    """Whether the device folds as the CPU does, tried once a process for each kind of device.

    A backend may multiply integers as floats. Where it does, tensors are fetched chunk by chunk.
    """
    if device.type not in _exact:
        _exact[device.type] = _agrees(device)
    return _exact[device.type]


def _agrees(device: torch.device) -> bool:
    try:
        words = torch.arange(2 * SMALL, dtype=torch.int32, device="cpu") * 1_640_531_527
        tried = [words, words[1:-1], words.view(torch.uint8)[2:-1]]
        found: list[Optional[Result]] = [None] * len(tried)
        batch = DeviceBatch(device)
        for index, each in enumerate(tried):
            batch.add(each.to(device), (found, index))
        batch.flush()
        reader = HostReader()
        return found == [reader.fingerprint(each) for each in tried]
    except Exception:  # whatever the backend cannot do
        return False
