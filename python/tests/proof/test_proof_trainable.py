"""The watch for trainable tensors that never move."""

from __future__ import annotations

import gc

import torch
from torch import nn

import permafrost.proof.trainable as trainable
from permafrost.proof import UnmovedWatch


def test_names_what_never_moved_in_order_and_forgets_what_did(monkeypatch) -> None:
    tensors = {name: nn.Parameter(torch.randn(3000)) for name in "dacb"}
    watch = UnmovedWatch()
    watch.begin(list(tensors.items()))
    assert watch.unmoved() == ["d", "a", "c", "b"]
    with torch.no_grad():
        tensors["a"][0] += 1
        tensors["c"][1000] += 1
    assert watch.unmoved() == ["d", "b"]
    with torch.no_grad():
        tensors["a"][0] -= 1
    read = []
    real = trainable.fingerprints
    monkeypatch.setattr(trainable, "fingerprints", lambda each: read.extend(each) or real(each))
    assert watch.unmoved() == ["d", "b"]
    assert len(read) == 2


def test_a_movement_is_told_once_and_a_tensor_that_is_gone_is_none() -> None:
    tensors = [torch.zeros(3), torch.zeros(3)]
    watch = UnmovedWatch()
    watch.begin([("a", tensors[0]), ("b", tensors[1])])
    assert not watch.has_moved()
    tensors[1].add_(1)
    assert [watch.has_moved(), watch.has_moved()] == [True, False]
    tensors.clear()
    gc.collect()
    assert not watch.has_moved()


def test_a_change_outside_of_the_sample_is_seen() -> None:
    embedding = nn.Embedding(1000, 16)
    watch = UnmovedWatch()
    watch.begin([("w", embedding.weight)])
    with torch.no_grad():
        embedding.weight[300, 3] += 1
    assert watch.unmoved() == []


def test_a_moved_sample_spares_the_whole(monkeypatch) -> None:
    tensor = torch.randn(100_000)
    watch = UnmovedWatch()
    watch.begin([("w", tensor)])
    tensor.add_(1)
    monkeypatch.setattr(trainable, "fingerprints", lambda tensors: [] if not tensors else 1 / 0)
    assert watch.unmoved() == []


def test_the_dead_and_the_unlimited() -> None:
    alive, dead, large = torch.ones(10), torch.ones(10), torch.ones(10_000)
    watch = UnmovedWatch(limit=1000)
    watch.begin([("large", large), ("alive", alive), ("dead", dead)])
    del dead
    gc.collect()
    assert watch.unmoved() == ["alive"]


def test_other_layouts_and_small_ones() -> None:
    items = [
        ("t", torch.randn(50, 70).t()),
        ("empty", torch.zeros(0)),
        ("scalar", torch.tensor(1.5)),
        ("sparse", torch.eye(3).to_sparse()),
        ("half", torch.randn(5).half()),
    ]
    watch = UnmovedWatch()
    watch.begin(items)
    assert watch.unmoved() == [name for name, _ in items]
    items[0][1][3, 4] += 1
    items[4][1][4] += 1
    assert watch.unmoved() == ["empty", "scalar", "sparse"]
