"""Epochs told by passes over loaders, in the shapes that scripts give them."""

from __future__ import annotations

import itertools
import weakref
from typing import Any, Iterator

import pytest
import torch
from clock_bench import Bench, Loop
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, TensorDataset


def data(samples: int) -> TensorDataset:
    return TensorDataset(torch.randn(samples, 4))


def loader(batches: int = 6, **options: Any) -> DataLoader[Any]:
    options.setdefault("shuffle", "sampler" not in options and "batch_sampler" not in options)
    return DataLoader(data(batches * 8), batch_size=8, **options)


def each(epochs: int, steps: int, clock: str = "dataset") -> list[tuple[int, str, int]]:
    return [(epoch, clock, steps) for epoch in range(1, epochs + 1)]


def test_a_plain_loop(bench: Bench, loop: Loop) -> None:
    train = loader()
    for epoch in range(3):
        for batch in train:
            loop.step(batch)
        assert loop.told == each(epoch + 1, 6), "told at the end of the pass, not later"
    assert [begun[3] for begun in loop.model.begun] == [6, 6, 6]


def test_validation_is_no_epoch_and_comes_before_during_and_after(bench: Bench, loop: Loop) -> None:
    train, valid = loader(), loader(2, shuffle=False)

    def evaluate() -> None:
        loop.net.eval()
        with torch.no_grad():
            for batch in valid:
                loop.net(batch[0])
        loop.net.train()

    evaluate()
    for _ in range(3):
        for index, batch in enumerate(train):
            loop.step(batch)
            if index in (1, 3):
                evaluate()
        evaluate()
        evaluate()
    assert loop.told == each(3, 6)


def test_validation_without_eval_or_no_grad(bench: Bench, loop: Loop) -> None:
    train, valid = loader(), loader(2)
    for _ in range(3):
        for index, batch in enumerate(train):
            loop.step(batch)
            if index == 2:
                for other in valid:
                    loop.net(other[0])
        for other in valid:
            loop.net(other[0])
    bench.clock.exiting()
    assert loop.told == each(3, 6)


def test_six_passes_over_one_loader_are_three_epochs(bench: Bench, loop: Loop) -> None:
    train = loader()
    for _ in range(3):
        for batch in train:
            loop.step(batch)
        with torch.no_grad():
            for batch in train:
                loop.net(batch[0])
    assert loop.told == each(3, 6)


@pytest.mark.parametrize("guarded", [True, False])
def test_training_accuracy_in_the_middle_of_a_pass(bench: Bench, loop: Loop, guarded: bool) -> None:
    train = loader()
    for _ in range(2):
        for index, batch in enumerate(train):
            loop.step(batch)
            if index == 2:
                with torch.set_grad_enabled(not guarded):
                    for other in train:
                        loop.net(other[0])
    assert loop.told == each(2, 6)


def test_breaks(bench: Bench, loop: Loop) -> None:
    train, valid = loader(), loader(2, shuffle=False)
    for _ in range(3):
        for index, batch in enumerate(train):
            loop.step(batch)
            if index == 3:
                break
        with torch.no_grad():
            for _ in valid:
                break
    bench.clock.exiting()
    assert loop.told == each(3, 4)


def test_a_break_with_the_iterator_kept(bench: Bench, loop: Loop) -> None:
    train = loader()
    kept = []
    for _ in range(3):
        iterator = iter(train)
        kept.append(iterator)
        for _ in range(4):
            loop.step(next(iterator))
    bench.clock.exiting()
    assert loop.told == [(1, "dataset", 4), (2, "dataset", 4), (3, "exit", 4)]


def test_next_with_a_new_iterator_at_its_end(bench: Bench, loop: Loop) -> None:
    train = loader()
    iterator = iter(train)
    for _ in range(18):
        try:
            batch = next(iterator)
        except StopIteration:
            iterator = iter(train)
            batch = next(iterator)
        loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 6)


def test_cycle(bench: Bench, loop: Loop) -> None:
    def cycle(source: Any) -> Iterator[Any]:
        while True:
            for batch in source:
                yield batch

    batches = cycle(loader())
    for _ in range(15):
        loop.step(next(batches))
    assert loop.told == each(2, 6)


def test_a_fresh_iterator_for_each_batch_is_no_pass(bench: Bench, loop: Loop) -> None:
    train = loader()
    for _ in range(250):
        loop.step(next(iter(train)))
    bench.clock.exiting()
    assert loop.told == [(1, "steps", 100), (2, "steps", 100), (3, "exit", 50)]


def test_overfitting_one_batch(bench: Bench, loop: Loop) -> None:
    batch = next(iter(loader()))
    for _ in range(4):
        loop.net.train()
        for _ in range(5):
            loop.step(batch)
        loop.net.eval()
    assert loop.told == each(4, 5, "evaluate")


def test_the_tutorial_that_shows_a_batch_first(bench: Bench, loop: Loop) -> None:
    train, test = loader(), loader(3, shuffle=False)
    shown = iter(train)
    next(shown)
    tested = iter(test)
    next(tested)
    for _ in range(3):
        for batch in train:
            loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 6)


class Repeat:
    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler

    def __iter__(self) -> Iterator[Any]:
        while True:
            yield from iter(self.sampler)


class InfiniteDataLoader(DataLoader[Any]):
    """As in YOLO."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        object.__setattr__(self, "batch_sampler", Repeat(self.batch_sampler))
        self.iterator = super().__iter__()

    def __len__(self) -> int:
        return len(self.batch_sampler.sampler)

    def __iter__(self) -> Iterator[Any]:
        for _ in range(len(self)):
            yield next(self.iterator)


@pytest.mark.parametrize("workers", [0, 1])
def test_one_iterator_for_all_epochs(bench: Bench, loop: Loop, workers: int) -> None:
    train = InfiniteDataLoader(data(48), batch_size=8, shuffle=True, num_workers=workers)
    for epoch in range(3):
        for batch in train:
            loop.step(batch)
        assert loop.told == each(epoch + 1, 6)
    inner = train.iterator
    for _ in range(13):
        loop.step(next(inner))
    assert len(loop.told) >= 3


def test_an_endless_pass_of_a_known_length(bench: Bench, loop: Loop) -> None:
    class Endless(DataLoader[Any]):
        def __len__(self) -> int:
            return 6

    batches = Repeat(torch.utils.data.BatchSampler(RandomSampler(range(48)), 8, False))
    for index, batch in enumerate(Endless(data(48), batch_sampler=batches)):
        if index == 20:
            break
        loop.step(batch)
    assert loop.told == each(3, 6)


def test_iterations_with_replacement(bench: Bench, loop: Loop) -> None:
    sampler = RandomSampler(data(48), replacement=True, num_samples=8 * 250)
    for batch in DataLoader(data(48), batch_size=8, sampler=sampler):
        loop.step(batch)
    bench.clock.exiting()
    assert loop.told == [(1, "steps", 100), (2, "steps", 100), (3, "exit", 50)]


class Stream(IterableDataset[Any]):
    def __init__(self, batches: int) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return 1  # a lie that DataLoader would warn of, were it asked

    def __iter__(self) -> Iterator[Any]:
        for _ in range(self.batches):
            yield (torch.ones(8, 4),)


@pytest.mark.filterwarnings("error")
def test_streams(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        for batch in DataLoader(Stream(7), batch_size=None):
            loop.step(batch)
    assert loop.told == each(3, 7)


def test_a_long_stream_is_told_by_steps(bench: Bench, loop: Loop) -> None:
    for batch in DataLoader(Stream(1250), batch_size=None):
        loop.step(batch)
    bench.clock.exiting()
    assert [(clock, steps) for _, clock, steps in loop.told] == [
        ("steps", 1000),
        ("steps", 100),
        ("steps", 100),
        ("exit", 50),
    ]


@pytest.mark.parametrize("workers", [0, 2])
def test_persistent_workers(bench: Bench, loop: Loop, workers: int) -> None:
    train = loader(num_workers=workers, persistent_workers=workers > 0)
    for _ in range(2):
        for batch in train:
            loop.step(batch)
    for index, batch in enumerate(train):
        loop.step(batch)
        if index == 2:
            break
    for batch in train:
        loop.step(batch)
    assert loop.told == [*each(2, 6), (3, "dataset", 3), (4, "dataset", 6)]


def test_a_loader_for_each_epoch(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        train = loader()
        for batch in train:
            loop.step(batch)
    assert loop.told == each(3, 6)


@pytest.mark.parametrize("lengths", [(6, 6), (4, 6), (6, 4)])
def test_zipped_loaders(bench: Bench, loop: Loop, lengths: tuple[int, int]) -> None:
    first, second = (loader(batches) for batches in lengths)
    for _ in range(3):
        for batch, _ in zip(first, second):
            loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, min(lengths))


def test_a_short_loader_cycled_beside_a_long_one(bench: Bench, loop: Loop) -> None:
    short, long = loader(2), loader(6)
    for _ in range(3):
        for _, batch in zip(itertools.cycle(short), long):
            loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 6)


def test_a_second_loader_drawn_from_inside_the_loop(bench: Bench, loop: Loop) -> None:
    labelled, unlabelled = loader(6), loader(4)
    iterator = iter(unlabelled)
    for _ in range(3):
        loop.net.train()
        for batch in labelled:
            try:
                next(iterator)
            except StopIteration:
                iterator = iter(unlabelled)
                next(iterator)
            loop.step(batch)
        loop.net.eval()
    assert loop.told == each(3, 6)


def test_an_inner_loader_for_each_outer_batch(bench: Bench, loop: Loop) -> None:
    outer, inner = loader(3), loader(2)
    for _ in range(2):
        for _ in outer:
            for batch in inner:
                loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(2, 6)


@pytest.mark.parametrize("calls_train", [True, False])
def test_one_loader_after_the_other(bench: Bench, loop: Loop, calls_train: bool) -> None:
    tasks = [loader(3), loader(4)]
    for _ in range(3):
        for task in tasks:
            if calls_train:
                loop.net.train()
            for batch in task:
                loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 7)


def test_phases_with_a_loader_each(bench: Bench, loop: Loop) -> None:
    first, second = loader(3), loader(4)
    for train in (first, second):
        for _ in range(2):
            for batch in train:
                loop.step(batch)
    bench.clock.exiting()
    assert [steps for _, _, steps in loop.told] == [3, 3, 4, 4]


@pytest.mark.parametrize("every", [2, 4, 5])
def test_accumulation_with_a_step_left_over(bench: Bench, loop: Loop, every: int) -> None:
    train = loader(10)
    for _ in range(3):
        for index, batch in enumerate(train, start=1):
            if index % every == 0:
                loop.step(batch)
        if 10 % every != 0:
            loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, -(-10 // every))


def test_steps_in_two_of_eight_batches(bench: Bench, loop: Loop) -> None:
    train = loader(8)
    for _ in range(3):
        for index, batch in enumerate(train):
            if index in (1, 4):
                loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 2)


def test_a_prefetcher_that_reads_one_batch_ahead(bench: Bench, loop: Loop) -> None:
    train = loader(6)
    for _ in range(3):
        iterator = iter(train)
        coming = next(iterator)
        while coming is not None:
            batch, coming = coming, next(iterator, None)
            loop.step(batch)
    bench.clock.exiting()
    assert loop.told == each(3, 6)


def test_a_gan_ends_together(bench: Bench) -> None:
    generator, critic = Loop(bench, "generator"), Loop(bench, "critic")
    train = loader()
    for _ in range(2):
        for batch in train:
            critic.step(batch)
            generator.step(batch)
        assert critic.model.open is generator.model.open is False
    assert critic.told == generator.told == each(2, 6)


def test_folds_side_by_side(bench: Bench) -> None:
    folds = [(Loop(bench, f"fold{index}"), loader(3 + index)) for index in range(3)]
    for _ in range(3):
        for fold, train in folds:
            for batch in train:
                fold.step(batch)
    bench.clock.exiting()
    for index, (fold, _) in enumerate(folds):
        assert fold.told == each(3, 3 + index)


def test_folds_one_after_the_other(bench: Bench) -> None:
    for index in range(3):
        fold = Loop(bench, f"fold{index}")
        train, test = loader(4), loader(2, shuffle=False)
        for epoch in range(2):
            for batch in train:
                fold.step(batch)
            assert fold.told == each(epoch + 1, 4)
        with torch.no_grad():
            for batch in test:
                fold.net(batch[0])


def test_a_fold_that_is_deleted_while_its_epoch_may_go_on(bench: Bench) -> None:
    models = []
    for index in range(2):
        fold = Loop(bench, f"fold{index}")
        models.append(fold.model)
        train = loader(4)
        for _ in range(2):
            for number, batch in enumerate(train):
                fold.step(batch)
                if number == 2:
                    break
        del fold
    assert [model.told for model in models] == [[(1, "dataset", 3)]] * 2


def test_a_model_that_a_function_leaves_behind(bench: Bench) -> None:
    ended = []

    def main() -> Any:
        one = Loop(bench)
        parameter = weakref.ref(one.net[0].weight)
        model = one.model

        def gone(_: Any) -> None:
            assert parameter() is not None, "the tensors are still there"
            bench.clock.deleting(model)
            ended.append(True)

        reference = weakref.ref(one.net, gone)
        for epoch in range(2):
            for index, batch in enumerate(loader()):
                one.step(batch)
                if epoch == 1 and index == 3:
                    break
        return model, reference

    model, _ = main()
    assert ended == [True]
    assert model.told == [(1, "dataset", 6), (2, "exit", 4)]
    bench.clock.exiting()
    assert len(model.told) == 2


def test_a_whole_pass_at_the_end_of_the_process(bench: Bench, loop: Loop) -> None:
    iterator = iter(loader())
    for _ in range(6):
        loop.step(next(iterator))
    bench.clock.exiting()
    assert loop.told == [(1, "dataset", 6)]


def test_a_loop_without_a_loader_after_one_with(bench: Bench, loop: Loop) -> None:
    for _ in range(2):
        for batch in loader():
            loop.step(batch)
    for _ in range(130):
        loop.step()
    bench.clock.exiting()
    assert [clock for _, clock, _ in loop.told] == ["dataset", "dataset", "steps", "exit"]


def test_losses_estimated_inside_a_pass(bench: Bench, loop: Loop) -> None:
    for _ in range(2):
        for index, batch in enumerate(loader(20)):
            if index % 5 == 0:
                loop.net.eval()
                loop.net.train()
            loop.step(batch)
    assert loop.told == each(2, 20)
