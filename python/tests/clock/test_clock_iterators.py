"""What scripts see of their loaders is what they would see without the clock."""

from __future__ import annotations

import os
import pickle
import threading
import time
from typing import Any, Iterator

import pytest
import torch
from clock_bench import Bench, Installed, Loop
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.dataloader import (
    _BaseDataLoaderIter,
    _MultiProcessingDataLoaderIter,
    _SingleProcessDataLoaderIter,
)


def loader(kind: Any = DataLoader, **options: Any) -> Any:
    return kind(TensorDataset(torch.randn(48, 4)), batch_size=8, shuffle=True, **options)


@pytest.mark.parametrize("workers", [0, 1])
def test_the_iterator_is_the_one_of_torch(bench: Bench, workers: int) -> None:
    iterator = iter(loader(num_workers=workers))
    kind = _MultiProcessingDataLoaderIter if workers else _SingleProcessDataLoaderIter
    assert type(iterator) is kind and isinstance(iterator, _BaseDataLoaderIter)
    assert len(iterator) == 6 and iter(iterator) is iterator
    assert len(list(iterator)) == 6
    with pytest.raises(StopIteration):
        next(iterator)
    assert [key for key in vars(iterator) if "perma" in key.lower()] == []


def test_an_iterator_that_is_set_back_by_hand(bench: Bench, loop: Loop) -> None:
    train = loader()
    iterator = iter(train)
    for _ in range(3):
        for batch in iterator:
            loop.step(batch)
        iterator._reset(train)
    assert loop.told == [(epoch, "dataset", 6) for epoch in (1, 2, 3)]


def test_the_random_stream_is_untouched(installed: Installed) -> None:
    def run() -> list[Any]:
        torch.manual_seed(3)
        train = loader()
        seen: list[Any] = [batch[0] for _ in range(2) for batch in train]
        seen.append(next(iter(train))[0])
        return [*seen, torch.get_rng_state()]

    patched = run()
    installed.remove()
    try:
        plain = run()
    finally:
        installed.__init__()  # type: ignore[misc]
    assert all(torch.equal(one, other) for one, other in zip(patched, plain))


def test_a_loader_pickles_as_ever(bench: Bench, loop: Loop) -> None:
    train = loader()
    for batch in train:
        loop.step(batch)
    assert b"permafrost" not in pickle.dumps(train)
    assert len(list(pickle.loads(pickle.dumps(train)))) == 6


class Generated(DataLoader[Any]):
    def __iter__(self) -> Iterator[Any]:
        for batch in super().__iter__():
            yield [each * 2 for each in batch]


class Handed(DataLoader[Any]):
    def __iter__(self) -> Any:
        return super().__iter__()


class HandedOn(Handed):
    def __iter__(self) -> Any:
        return super().__iter__()


class Wrapping(DataLoader[Any]):
    """As in PyG and DGL: an iterator of another class around that of torch."""

    class Iterator:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            return next(self.inner)

    def __iter__(self) -> Any:
        return self.Iterator(super().__iter__())


class Mapped(DataLoader[Any]):
    def __iter__(self) -> Any:
        return map(list, super().__iter__())


class Making(DataLoader[Any]):
    def _get_iterator(self) -> Any:
        return Wrapping.Iterator(super()._get_iterator())


class ReadAhead(DataLoader[Any]):
    """Yields each batch when it has the next, as Accelerate does."""

    def __iter__(self) -> Iterator[Any]:
        inner = super().__iter__()
        coming = next(inner, None)
        while coming is not None:
            batch, coming = coming, next(inner, None)
            yield batch


class Own(DataLoader[Any]):
    """Its own iterator."""

    def __iter__(self) -> Any:
        object.__setattr__(self, "at", 0)
        return self

    def __next__(self) -> Any:
        if self.at == 6:
            raise StopIteration
        self.at += 1
        return self.dataset[0:8]


@pytest.mark.parametrize(
    "kind", [Generated, Handed, HandedOn, Wrapping, Mapped, Making, ReadAhead, Own]
)
def test_subclasses(bench: Bench, loop: Loop, kind: Any) -> None:
    train = loader(kind)
    for epoch in range(3):
        for batch in train:
            loop.step(batch)
        assert len(loop.told) == epoch + 1
    for batch in train:
        loop.step(batch)
        if loop.model.steps == 3:
            break
    bench.clock.exiting()
    assert [(clock, steps) for _, clock, steps in loop.told] == [("dataset", 6)] * 3 + [
        ("exit" if kind is Own else "dataset", 3)
    ]


def test_generators_close_what_they_read(bench: Bench) -> None:
    closed = []

    class Closing(DataLoader[Any]):
        def __iter__(self) -> Iterator[Any]:
            try:
                yield from super().__iter__()
            finally:
                closed.append(True)

    iterator = iter(loader(Closing))
    next(iterator)
    iterator.close()
    assert closed == [True] and bench.faults == []


class Broken(TensorDataset):
    def __getitem__(self, index: Any) -> Any:
        if index == 20:
            raise KeyError("twenty")
        return super().__getitem__(index)


def broken() -> DataLoader[Any]:
    return DataLoader(Broken(torch.randn(48, 4)), batch_size=8)


def test_an_error_of_the_dataset_reaches_the_script_and_ends_the_pass(
    bench: Bench, loop: Loop
) -> None:
    try:
        for batch in broken():
            loop.step(batch)
    except KeyError as error:
        message = str(error)
    assert message == "'twenty'"
    for batch in loader():
        loop.step(batch)
    assert loop.told == [(1, "dataset", 2), (2, "dataset", 6)]


def test_a_script_that_skips_what_it_cannot_read(bench: Bench, loop: Loop) -> None:
    for _ in range(2):
        iterator = iter(broken())
        while True:
            try:
                loop.step(next(iterator))
            except StopIteration:
                break
            except KeyError:
                continue
    assert loop.told == [(1, "dataset", 5), (2, "dataset", 5)]


def test_a_loader_read_in_another_thread_tells_nothing(bench: Bench, loop: Loop) -> None:
    loop.step()
    ready: list[Any] = []
    reader = threading.Thread(target=lambda: ready.extend(loader()))
    reader.start()
    reader.join()
    for batch in ready:
        loop.step(batch)
    bench.clock.exiting()
    assert loop.told == [(1, "exit", 7)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_leaves_the_epoch_of_its_parent_alone(bench: Bench, loop: Loop) -> None:
    train = loader()
    iterator = iter(train)
    loop.step(next(iterator))
    loop.step(next(iterator))
    child = os.fork()
    if child == 0:
        list(iterator)
        del iterator
        for _ in train:
            pass
        os._exit(len(loop.told))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for batch in iterator:
        loop.step(batch)
    assert loop.told == [(1, "dataset", 6)]


def test_batches_of_the_pass_under_way(bench: Bench, loop: Loop) -> None:
    assert bench.clock.batches is None
    seen = []
    for batch in loader():
        loop.step(batch)
        seen.append(bench.clock.batches)
    assert seen == [(done, 6) for done in range(1, 7)]


def test_the_cost_of_a_batch(bench: Bench) -> None:
    class Cheap(TensorDataset):
        def __getitems__(self, indices: Any) -> Any:
            return indices

    def per_batch() -> float:
        train = DataLoader(Cheap(torch.zeros(20000)), batch_size=1, collate_fn=lambda items: items)
        started = time.perf_counter()
        for _ in train:
            pass
        return (time.perf_counter() - started) / 20000

    original = _BaseDataLoaderIter.__next__.__wrapped__  # type: ignore[attr-defined]
    patched = _BaseDataLoaderIter.__next__
    with_clock, plain = [], []
    for _ in range(3):
        with_clock.append(per_batch())
        _BaseDataLoaderIter.__next__ = original  # type: ignore[method-assign]
        try:
            plain.append(per_batch())
        finally:
            _BaseDataLoaderIter.__next__ = patched  # type: ignore[method-assign]
    assert min(with_clock) - min(plain) < 20e-6, "microseconds, with room for a busy machine"


def test_nothing_is_kept_of_passes_that_are_over(bench: Bench) -> None:
    passes = bench.clock._passes
    for _ in range(50):
        list(loader())
        next(iter(loader()))
    assert len(passes.by_id) == len(passes._references) == 0
    assert len(passes._live) <= 1
