"""Fingerprints of tensors in CPU memory, and of what must be fetched there to be folded."""

from __future__ import annotations

from threading import Thread
from typing import Optional, Union

import torch
from torch import Tensor

from .chunks import Words, chunks
from .digest import digest, fetched, label
from .fold import SMALL, HostState, state_size
from .host import bytes_at, flat_on_host, view_at
from .plain import Unreadable, storage_bytes, unreadable
from .quiet import quiet

Result = Union[bytes, Unreadable]
Slot = tuple[list[Optional[Result]], int]
"""A list and an index in it, where a result is to stand."""

_HELPERS = 7
"""Threads besides ours at most: each holds states of up to 5 MiB, and memory has its limit."""
_WORTH_HELP = 8 * 1024 * 1024
"""Bytes below which threads cost more than they bring."""


def fill(tensors: list[tuple[Tensor, Slot]]) -> None:
    """Fingerprints tensors, by as many threads as the script lets torch use, into their slots.

    Threads of Python and not of torch's operations: those would have all threads wait for each
    other after every chunk, which a busy machine makes slow.
    """
    total = sum(tensor.numel() * tensor.element_size() for tensor, _ in tensors)
    # The largest are taken first, from the end.
    queue = sorted(tensors, key=lambda each: each[0].numel() * each[0].element_size())
    helpers: list[Thread] = []
    if total >= _WORTH_HELP:
        for _ in range(min(_HELPERS, torch.get_num_threads() - 1, len(queue) - 1)):
            helper = Thread(target=_work, args=(queue,), daemon=True)
            try:
                helper.start()
            except RuntimeError:  # the interpreter is about to end: without help then
                break
            helpers.append(helper)
    _work(queue)
    for helper in helpers:
        helper.join()


def _work(queue: list[tuple[Tensor, Slot]]) -> None:
    with quiet():
        reader = HostReader()
        while True:
            try:
                tensor, (results, index) = queue.pop()
            except IndexError:
                return
            try:
                results[index] = reader.fingerprint(tensor)
            except Exception as fault:  # the others stay readable
                results[index] = unreadable(fault)


def quick(tensor: Tensor) -> Optional[bytes]:
    """The fingerprint of a small tensor that is flat in CPU memory; None of any other."""
    data = small_bytes(tensor)
    return None if data is None else digest(label(tensor) + data)


def small_bytes(tensor: Tensor) -> Optional[bytes]:
    """All bytes of a small tensor that is flat in CPU memory; None of any other.

    What nearly all tensors of a model of 100,000 are, in 3 µs each.
    """
    if not (tensor.is_cpu and tensor.layout is torch.strided and tensor.is_contiguous()):
        return None
    if tensor.is_quantized or tensor.is_conj() or tensor.is_neg():
        return None
    size = tensor.element_size()
    count = tensor.numel() * size
    if count > SMALL or tensor.storage_offset() * size + count > storage_bytes(tensor):
        return None
    address = tensor.data_ptr()
    if address == 0 and count > 0:
        return None
    return bytes_at(address, count)


class HostReader:
    """Folds tensors on the CPU, with buffers that they share. Used within `quiet()`."""

    def __init__(self) -> None:
        self._states: dict[int, HostState] = {}

    def fingerprint(self, tensor: Tensor, fetch: bool = False) -> bytes:
        """The fingerprint of any strided tensor; `fetch`: reads it as if on another device."""
        count = tensor.numel() * tensor.element_size()
        flat = not fetch and flat_on_host(tensor)
        if count <= SMALL:
            if flat:
                return digest(label(tensor) + bytes_at(tensor.data_ptr(), count))
            return digest(label(tensor) + b"".join(map(fetched, chunks(tensor, SMALL))))
        state = self._state(state_size(count))
        if flat:
            address, whole = tensor.data_ptr(), count // 4 * 4
            state.fold(view_at(address, whole, torch.int32).split(state.part // 4))
            rest = bytes_at(address + whole, count - whole)
        else:
            words = Words(chunks(tensor, state.size))
            state.fold(part for each in words for part in each.cpu().split(state.part // 4))
            rest = fetched(words.rest) if words.rest is not None else b""
        while state.size > SMALL:
            rest += fetched(state.bytes[state.size :])
            address, size = state.bytes.data_ptr(), state.size
            state = self._state(state_size(size))
            state.fold(view_at(address, size, torch.int32).split(state.part // 4))
        last = bytes_at(state.bytes.data_ptr(), state.bytes.numel())
        return digest(label(tensor) + rest + last)

    def _state(self, size: int) -> HostState:
        state = self._states.get(size)
        if state is None:
            state = self._states[size] = HostState(size)
        return state
