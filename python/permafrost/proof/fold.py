"""Folding the bytes of a large tensor into a small state that every bit of them has passed.

The bytes are cut into chunks as long as the state. Each step is, on 32-bit words,

    state = chunk + state * MULTIPLIER

where the words of the state begin one byte further than in the step before (mod 4), while those of
the chunk stay. So the state is four bytes longer than a chunk, and what is in those four is added
to its first word before every fourth step: a ring. One pass of one kernel, which CPUs do at about
half the rate at which they read memory.

Why it tells tensors apart:
- A step loses nothing: the multiplier is odd, so another state stays another state, and another
  chunk on the same state makes another state. A change within one chunk (one flipped bit, rows or
  elements swapped in it, a sign of zero) is therefore in the state for certain.
- Changes in several chunks would have to cancel each other in every lane. Plain sums with weights
  fail here for what happens in training: two signs flipped cancel modulo 2^32 whatever the odd
  weights, since a product hands bits up and never down. The turning words bring every bit down to
  the bottom of a word, so that a flipped sign spreads over the words around it within four steps.
  For two changed elements what remains is chance: one second word in 2^32 undoes the first, and
  the more elements change, the less. It can be constructed (bit 7 of one word and the sign of the
  word one state less one word further on), for this is no cryptographic hash; nothing that moves
  weights builds such pairs.
- The lanes are neighbours only byte by byte: there are no weights of rows and columns which four
  corners of a rectangle could balance.
The state, 16 KiB, is what a cryptographic hash (BLAKE2b) makes 16 bytes of.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import Iterable

import torch
from torch import Tensor

from .host import view_at

MULTIPLIER = 2654435761 - 2**32
"""An odd prime whose bits are well mixed (the golden ratio of 2^32), as int32."""
SMALL = 16 * 1024
"""Bytes up to which nothing is folded, and of the last state."""
LARGEST = 4 * 1024 * 1024
"""Bytes of the largest state. Larger ones leave the caches."""
_TURNS = 4
_PART = 128 * 1024
"""Bytes of one operation on a CPU: just too few for torch to split it among threads, which would
wait for each other every 10 µs."""
_PART_ALONE = 1024 * 1024
"""The same where torch has one thread only: fewer calls, and within the caches still."""


def state_size(count: int) -> int:
    """Bytes of the state for `count` bytes: an eighth, so that folding the state costs little.

    It depends on nothing but the length: fingerprints are equal on every device.
    """
    return min(LARGEST, max(SMALL, 1 << ((count // 8).bit_length() - 1)))


class HostState:
    """The state in CPU memory, with its words at each of the four beginnings."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.part = min(size, _PART if torch.get_num_threads() > 1 else _PART_ALONE)
        self.bytes = torch.zeros(size + _TURNS, dtype=torch.uint8, device="cpu")
        address = self.bytes.data_ptr()
        self._first, self._overhang = _ends(self.bytes, size)
        turned = [view_at(address + turn, size, torch.int32) for turn in range(_TURNS)]
        self._windows = [part for each in turned for part in each.split(self.part // 4)]

    def fold(self, parts: Iterable[Tensor]) -> None:
        """Begins anew and takes int32 words, `part` bytes at a time; only the last may be shorter.

        A step in parts gives what the whole step gives, since each word stands for itself.
        """
        self._overhang.zero_()
        add, words = torch.add, self.part // 4
        pairs = zip(parts, cycle(self._windows))
        step = self.size // self.part
        for chunk, state in islice(pairs, step):
            state.copy_(chunk)
        for index, (chunk, state) in enumerate(pairs, step):
            if index % (step * _TURNS) == 0:
                self._first.add_(self._overhang)
            if chunk.numel() != words:
                state = state[: chunk.numel()]
            add(chunk, state, alpha=MULTIPLIER, out=state)


class DeviceState:
    """The same state on an accelerator, whose kernels need aligned words."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.size = size
        self.bytes = torch.zeros(size + _TURNS, dtype=torch.uint8, device=device)
        self._first, self._overhang = _ends(self.bytes, size)

    def fold(self, chunks: Iterable[Tensor]) -> None:
        """As of `HostState`; nothing waits for the device."""
        self.bytes.zero_()
        for index, chunk in enumerate(chunks):
            turn = index % _TURNS
            if turn == 0 and index > 0:
                self._first.add_(self._overhang)
            window = self.bytes[turn : turn + chunk.numel() * 4]
            state = (window.clone() if turn else window).view(torch.int32)
            torch.add(chunk, state, alpha=MULTIPLIER, out=state)
            if turn:
                window.copy_(state.view(torch.uint8))


def _ends(state: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The first word, and the one after the last."""
    return state[:4].view(torch.int32), state[size:].view(torch.int32)
