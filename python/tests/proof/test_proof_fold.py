"""The folding against its definition, written once more with Python's integers."""

from __future__ import annotations

import hashlib
import threading

import pytest
import torch
from proof_places import PLACES, prints
from torch import Tensor

from permafrost.proof import fingerprint, fingerprints, on_host
from permafrost.proof.fold import LARGEST, MULTIPLIER, SMALL, DeviceState, state_size
from permafrost.proof.host import bytes_at
from permafrost.proof.on_device import _agrees


def defined(tensor: Tensor) -> bytes:
    data = bytes_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())
    rest = b""
    if len(data) > SMALL:
        whole = len(data) // 4 * 4
        data, rest = data[:whole], data[whole:]
    size = len(data) + len(rest)
    while size > SMALL:
        state = bytearray(state_size(size) + 4)
        length = state_size(size)
        for step, start in enumerate(range(0, len(data), length)):
            chunk, turn = data[start : start + length], step % 4
            if turn == 0:
                first = int.from_bytes(state[:4], "little")
                first += int.from_bytes(state[length:], "little")
                state[:4] = (first % 2**32).to_bytes(4, "little")
            for at in range(0, len(chunk), 4):
                here = slice(turn + at, turn + at + 4)
                word = int.from_bytes(state[here], "little") * MULTIPLIER
                word += int.from_bytes(chunk[at : at + 4], "little")
                state[here] = (word % 2**32).to_bytes(4, "little")
        if length == SMALL:
            data = bytes(state)
            break
        data, rest, size = bytes(state[:length]), rest + bytes(state[length:]), length
    label = f"{tensor.dtype}{tuple(tensor.shape)}\0".encode()
    return hashlib.blake2b(label + rest + data, digest_size=16).digest()


@pytest.mark.parametrize("count", [0, 5, SMALL, SMALL + 1, 70_003, 300_001])
def test_every_path_gives_what_is_defined(count: int) -> None:
    tensor = torch.randint(0, 256, (count,), dtype=torch.uint8)
    for place in PLACES:
        assert prints([tensor], place) == [defined(tensor)]


def test_known_values() -> None:
    """Runs of different versions and machines can be compared."""
    tensor = torch.arange(100_000, dtype=torch.int32)
    assert fingerprint(tensor).hex() == "a5fcd49c9feafb7f1a52ce28f7cf2650"


def test_the_state_is_small_beside_the_tensor_and_bounded() -> None:
    for count in (SMALL + 1, 200_000, 5_000_000, 10**9, 10**12):
        assert SMALL <= state_size(count) <= max(SMALL, count // 8)
        assert state_size(count) <= LARGEST


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = [torch.randn(200_000 + index) for index in range(30)]
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    alone = fingerprints(tensors)
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda self: started.append(self) or start(self))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert fingerprints(tensors) == alone
    assert len(started) == 3 and not any(each.is_alive() for each in started)


def test_without_threads_at_the_end_of_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    tensors = [torch.randn(1_000_000) for _ in range(4)]
    expected = [fingerprint(each) for each in tensors]
    monkeypatch.setattr(on_host.Thread, "start", refuse)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert fingerprints(tensors) == expected


def test_many_states_are_fetched_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("permafrost.proof.on_device._BATCH", 40_000)
    tensors = [torch.randn(5000 + index) for index in range(9)] + [torch.zeros(0), torch.ones(3)]
    assert prints(tensors, "device") == prints(tensors)


def test_a_device_is_trusted_only_if_it_folds_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _agrees(torch.device("cpu"))

    def as_floats(self: DeviceState, chunks: object) -> None:
        self.bytes.zero_()
        for chunk in chunks:  # type: ignore[attr-defined]
            state = self.bytes[: chunk.numel() * 4].view(torch.int32)
            state.copy_((chunk.float() + state.float() * MULTIPLIER).int())

    monkeypatch.setattr(DeviceState, "fold", as_floats)
    assert not _agrees(torch.device("cpu"))
