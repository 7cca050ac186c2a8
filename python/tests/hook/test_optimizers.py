"""What is taken out of an optimizer, and what its saved state looks like."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from permafrost.hook.faults import Faults
from permafrost.hook.optimizers import OptimizerRecord, Optimizers


class NoSink:
    def write(self, type: str, **fields: Any) -> None:
        raise AssertionError(f"{type}: {fields}")


@pytest.fixture(scope="module")
def optimizers() -> Optimizers:
    found = Optimizers(Faults(NoSink()))
    found.install()
    return found


def parameters(count: int) -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.full((2,), float(index))) for index in range(count)]


def record_of(optimizers: Optimizers, optimizer: torch.optim.Optimizer) -> OptimizerRecord:
    record = optimizers.record(optimizer)
    assert record is not None
    return record


def hide(record: OptimizerRecord, *tensors: torch.Tensor, of: list[torch.nn.Parameter]) -> None:
    record.hide({id(each) for each in tensors}, {id(each) for each in of})


def step(optimizer: torch.optim.Optimizer, tensors: list[torch.nn.Parameter]) -> None:
    for each in tensors:
        each.grad = torch.ones_like(each)
    optimizer.step()


def test_hidden_parameters_are_not_stepped(optimizers: Optimizers) -> None:
    tensors = parameters(3)
    optimizer = torch.optim.SGD(tensors, lr=1.0, weight_decay=0.5)
    hide(record_of(optimizers, optimizer), tensors[1], of=tensors)
    step(optimizer, tensors)
    assert [each.tolist() != [float(i)] * 2 for i, each in enumerate(tensors)] == [
        True,
        False,
        True,
    ]
    assert [id(p) for p in optimizer.param_groups[0]["params"]] == [id(tensors[0]), id(tensors[2])]


def test_saved_state_has_all_that_the_script_handed_in(optimizers: Optimizers) -> None:
    tensors = parameters(4)
    optimizer = torch.optim.Adam([{"params": tensors[:2]}, {"params": tensors[2:], "lr": 0.1}])
    hide(record_of(optimizers, optimizer), tensors[0], tensors[3], of=tensors)
    step(optimizer, tensors)
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0, 1], [2, 3]]
    assert sorted(state["state"]) == [1, 2]


def test_a_state_saved_with_other_rules_meets_its_own_parameters(optimizers: Optimizers) -> None:
    tensors = parameters(3)
    first = torch.optim.Adam(tensors)
    hide(record_of(optimizers, first), tensors[0], of=tensors)
    for each in (1, 2):
        tensors[each].grad = torch.full((2,), float(each))
    first.step()
    saved = copy.deepcopy(first.state_dict())

    second = torch.optim.Adam(tensors)
    hide(record_of(optimizers, second), tensors[1], of=tensors)
    second.load_state_dict(saved)
    assert [id(p) for p in second.param_groups[0]["params"]] == [id(tensors[0]), id(tensors[2])]
    expected = first.state[tensors[2]]["exp_avg"]
    assert torch.equal(second.state[tensors[2]]["exp_avg"], expected)
    step(second, tensors)
    assert tensors[1].tolist() != tensors[2].tolist()
    # The one that was frozen when the state was saved begins with estimates of its own.
    assert float(second.state[tensors[0]]["step"]) == 1.0


def test_what_the_script_adds_later_is_kept_and_hidden(optimizers: Optimizers) -> None:
    tensors = parameters(3)
    optimizer = torch.optim.SGD(tensors[:2], lr=1.0)
    record = record_of(optimizers, optimizer)
    hide(record, tensors[0], tensors[2], of=tensors)
    optimizer.add_param_group({"params": [tensors[2]]})
    hide(record, tensors[0], tensors[2], of=tensors)
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 1]
    assert [len(g["params"]) for g in optimizer.state_dict()["param_groups"]] == [2, 1]
    step(optimizer, tensors)
    assert tensors[2].tolist() == [2.0, 2.0]


def test_several_models_of_one_optimizer_are_hidden_together(optimizers: Optimizers) -> None:
    encoder, decoder = parameters(2), parameters(2)
    optimizer = torch.optim.SGD([*encoder, *decoder], lr=1.0, weight_decay=0.5)
    record = record_of(optimizers, optimizer)
    hide(record, encoder[1], of=encoder)
    hide(record, decoder[1], of=decoder)
    assert [id(p) for p in optimizer.param_groups[0]["params"]] == [id(encoder[0]), id(decoder[0])]
    step(optimizer, [*encoder, *decoder])
    assert encoder[1].tolist() == decoder[1].tolist() == [1.0, 1.0]
    hide(record, of=encoder)
    assert [id(p) for p in optimizer.param_groups[0]["params"]] == [
        id(encoder[0]),
        id(encoder[1]),
        id(decoder[0]),
    ]


def test_a_group_of_frozen_parameters_shows_one_that_no_step_moves(optimizers: Optimizers) -> None:
    backbone, head = parameters(2), parameters(2)
    groups = [{"params": backbone}, {"params": head[:1], "lr": 0.1}, {"params": head[1:]}]
    optimizer = torch.optim.SGD(groups, lr=1.0, weight_decay=0.5, momentum=0.9)
    record = record_of(optimizers, optimizer)
    hide(record, *backbone, of=backbone)
    hide(record, head[0], of=head)
    for _ in range(2):
        step(optimizer, [*backbone, *head])
        assert [id(g["params"][0]) for g in optimizer.param_groups] == [
            id(backbone[0]),
            id(head[0]),
            id(head[1]),
        ]
    assert [each.tolist()[0] for each in (*backbone, head[0])] == [0.0, 1.0, 0.0]
    assert head[1].tolist() != [1.0, 1.0]
    assert list(optimizer.state) == [head[1]]
    hide(record, of=backbone)
    assert [len(group["params"]) for group in optimizer.param_groups] == [2, 1, 1]
    step(optimizer, [*backbone, *head])
    assert [backbone[1].tolist()[0], head[0].tolist()[0]] == [-0.5, 0.0]


def test_nothing_hidden_leaves_the_optimizer_alone(optimizers: Optimizers) -> None:
    tensors = parameters(2)
    optimizer = torch.optim.SGD(tensors, lr=1.0)
    listed = optimizer.param_groups[0]["params"]
    record_of(optimizers, optimizer).hide({12345}, {id(each) for each in tensors} | {12345})
    assert optimizer.param_groups[0]["params"] is listed
    assert not record_of(optimizers, optimizer).hidden


def test_an_optimizer_that_steps_another_is_one_step(optimizers: Optimizers) -> None:
    class Twice(torch.optim.Optimizer):
        def __init__(self, tensors: list[torch.nn.Parameter]) -> None:
            super().__init__(tensors, {})
            self.inner = torch.optim.SGD(tensors, lr=1.0)

        def step(self, closure: Any = None) -> None:
            self.inner.step()

    leaves = []
    before, after = optimizers.before_step, optimizers.after_step
    optimizers.before_step = lambda optimizer: None
    optimizers.after_step = lambda optimizer, what: leaves.append(what[1])
    try:
        tensors = parameters(1)
        step(Twice(tensors), tensors)
    finally:
        optimizers.before_step, optimizers.after_step = before, after
    assert leaves == [True, False]


def test_a_copied_optimizer_is_known_at_its_first_step(optimizers: Optimizers) -> None:
    tensors = parameters(1)
    twin = copy.deepcopy(torch.optim.SGD(tensors, lr=1.0))
    assert optimizers.record(twin) is None
    twin.step()
    assert optimizers.record(twin) is not None
