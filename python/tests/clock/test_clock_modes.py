"""Epochs of loops without a loader: by `eval()`, `train()`, schedulers and numbers of steps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from clock_bench import Bench, Loop
from torch import nn
from torch.optim.lr_scheduler import (
    CosineAnnealingWarmRestarts,
    LambdaLR,
    ReduceLROnPlateau,
    StepLR,
)


def test_a_graph_in_twenty_full_batches(bench: Bench, loop: Loop) -> None:
    for _ in range(20):
        loop.net.train()
        loop.step()
        loop.net.eval()
    assert loop.told == [(epoch, "evaluate", 1) for epoch in range(1, 21)]


def test_train_called_again_without_eval(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        loop.net.train()
        for _ in range(4):
            loop.step()
    bench.clock.exiting()
    assert loop.told == [(1, "train", 4), (2, "train", 4), (3, "exit", 4)]


def test_losses_estimated_every_few_iterations(bench: Bench, loop: Loop) -> None:
    for iteration in range(41):
        if iteration % 10 == 0:
            loop.net.eval()
            loop.net.train()
        loop.step()
    assert loop.told == [(epoch, "evaluate", 10) for epoch in range(1, 5)]


def test_a_loader_is_better_than_eval(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        loop.step()
    loop.net.eval()
    loop.net.train()
    batches = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.randn(48, 4)), batch_size=8
    )
    loop.step()
    for _ in range(2):
        for index, batch in enumerate(batches):
            if index == 3:
                loop.net.eval()
                loop.net.train()
            loop.step(batch)
    assert loop.told == [(1, "evaluate", 3), (2, "dataset", 7), (3, "dataset", 6)]
    assert [clock for epoch, _, clock, _ in loop.model.begun if epoch == 2] == [
        "evaluate",
        "dataset",
    ], "the epoch under way is retold"


def test_lbfgs_without_a_loader(bench: Bench) -> None:
    net = nn.Linear(4, 2)
    model = bench.track(net)
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=20)
    x = torch.randn(8, 4)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = net(x).square().sum()
        loss.backward()
        return loss

    for _ in range(10):
        optimizer.step(closure)
        net.eval()
        net.train()
    assert model.told == [(epoch, "evaluate", 1) for epoch in range(1, 11)]


def test_layers_held_in_eval_are_no_evaluation(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        loop.net.train()
        for _ in range(5):
            loop.net[1].eval()
            loop.step()
    bench.clock.exiting()
    assert [(clock, steps) for _, clock, steps in loop.told] == [
        ("train", 5),
        ("train", 5),
        ("exit", 5),
    ]


def test_the_model_inside_a_wrapper_and_a_wrapper_around_it(bench: Bench) -> None:
    class Task(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = nn.Linear(4, 2)
            self.scale = nn.Parameter(torch.ones(1))

    task = Task()
    model = bench.track(task)
    outer = nn.DataParallel(task)
    optimizer = torch.optim.SGD(task.parameters(), lr=0.1)
    for switched in (task.model, outer, task):
        for _ in range(3):
            task.model(torch.ones(2, 4)).sum().backward()
            optimizer.step()
        switched.eval()
        switched.train()
    assert model.told == [(epoch, "evaluate", 3) for epoch in (1, 2, 3)]


def test_train_at_every_step_is_not_believed_for_ever(bench: Bench, loop: Loop) -> None:
    for _ in range(900):
        loop.net.train()
        loop.step()
    bench.clock.exiting()
    clocks = [clock for _, clock, _ in loop.told]
    assert clocks == ["train"] * 500 + ["steps"] * 4
    bench.clock._is_over = False


def test_as_many_short_epochs_as_the_command_line_names(bench: Bench, loop: Loop) -> None:
    bench.clock._hand._total = 700
    for _ in range(701):
        loop.net.train()
        loop.step()
    assert [clock for _, clock, _ in loop.told] == ["train"] * 700
    assert loop.model.begun[-1][0:2] == (701, None), "no epoch 701 of 700"
    assert loop.model.begun[-2][0:2] == (700, 700)


def test_a_gan_without_a_loader_ends_together(bench: Bench) -> None:
    generator, critic = Loop(bench, "generator"), Loop(bench, "critic")
    for iteration in range(12):
        for _ in range(2):
            critic.step()
        generator.step()
        if iteration % 4 == 3:
            generator.net.eval()
            generator.net.train()
    assert generator.told == [(epoch, "evaluate", 4) for epoch in (1, 2, 3)]
    assert critic.told == [(epoch, "evaluate", 8) for epoch in (1, 2, 3)]


def test_a_gan_by_steps_ends_together(bench: Bench) -> None:
    generator, critic = Loop(bench, "generator"), Loop(bench, "critic")
    for _ in range(250):
        critic.step()
        generator.step()
    bench.clock.exiting()
    assert critic.told == [(1, "steps", 100), (2, "steps", 100), (3, "exit", 50)]
    assert generator.told == critic.told


def test_a_gan_whose_critic_steps_more_often_ends_together(bench: Bench) -> None:
    generator, critic = Loop(bench, "generator"), Loop(bench, "critic")
    for _ in range(50):
        for _ in range(5):
            critic.step()
        generator.step()
    assert [steps for _, _, steps in critic.told] == [100, 100]
    assert critic.model.epoch == generator.model.epoch == 3


def test_the_last_step_of_a_pair_is_not_waited_for_for_ever(bench: Bench) -> None:
    first, second = Loop(bench, "first"), Loop(bench, "second")
    for _ in range(99):
        first.step()
        second.step()
    for _ in range(2):
        first.step()
    assert [steps for _, _, steps in first.told] == [101]


SCHEDULERS = [
    lambda optimizer: StepLR(optimizer, 1),
    lambda optimizer: LambdaLR(optimizer, lambda epoch: 0.9**epoch),
    lambda optimizer: CosineAnnealingWarmRestarts(optimizer, 4),
    ReduceLROnPlateau,
]


@pytest.mark.parametrize("make", SCHEDULERS)
def test_a_scheduler_by_epochs(bench: Bench, loop: Loop, make: Any) -> None:
    scheduler = make(loop.optimizer)
    for _ in range(3):
        for _ in range(6):
            loop.step()
        scheduler.step(*([1.0] if isinstance(scheduler, ReduceLROnPlateau) else []))
    assert loop.told == [(epoch, "scheduler", 6) for epoch in (1, 2, 3)]


def test_a_scheduler_by_batches(bench: Bench, loop: Loop) -> None:
    scheduler = StepLR(loop.optimizer, 1)
    for index in range(40):
        loop.step()
        if index < 5 or index % 2:
            scheduler.step()
    bench.clock.exiting()
    assert loop.told == [(1, "exit", 40)]


def test_eval_takes_over_from_a_scheduler(bench: Bench, loop: Loop) -> None:
    scheduler = StepLR(loop.optimizer, 1)
    for _ in range(3):
        for _ in range(6):
            loop.step()
        loop.net.eval()
        loop.net.train()
        scheduler.step()
    assert loop.told == [(epoch, "evaluate", 6) for epoch in (1, 2, 3)]


def test_nothing_but_steps(bench: Bench, loop: Loop) -> None:
    for _ in range(210):
        loop.step()
    bench.clock.exiting()
    assert loop.told == [(1, "steps", 100), (2, "steps", 100), (3, "exit", 10)]
    assert loop.model.begun[0] == (1, None, "steps", 100)


def test_a_model_that_never_trains(bench: Bench, loop: Loop) -> None:
    loop.net.eval()
    loop.net.train()
    bench.clock.exiting()
    assert loop.told == loop.model.begun == []
