"""Names through wrappers, of any module."""

import time

import pytest
import torch
from torch import nn

from harness.torches import VERSION
from permafrost.distributed import class_name, named_tensors, unwrapped


def names(root: nn.Module) -> list[str]:
    return [each[0] for each in named_tensors(root)]


class OwnModule(nn.Module):
    """A user may call a part `module`."""

    def __init__(self) -> None:
        super().__init__()
        self.module = nn.Linear(2, 2, bias=False)
        self.norm = nn.BatchNorm1d(2)


OWN = [
    "module.weight",
    "norm.weight",
    "norm.bias",
    "norm.running_mean",
    "norm.running_var",
    "norm.num_batches_tracked",
]


def test_parameters_and_buffers_in_the_order_of_the_state_dict() -> None:
    assert names(OwnModule()) == OWN == list(OwnModule().state_dict())


def test_a_submodule_of_the_user_called_module_stays() -> None:
    wrapped = nn.DataParallel(OwnModule())
    assert names(wrapped) == OWN


def test_a_wrapper_in_the_middle() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.DataParallel(OwnModule())

    assert names(Outer()) == [f"inner.{name}" for name in OWN]


def test_a_class_of_the_user_with_the_name_of_a_wrapper() -> None:
    class DataParallel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = nn.Linear(2, 2, bias=False)

    assert names(DataParallel()) == ["module.weight"]
    assert unwrapped(module := DataParallel()) is module


def test_checkpoint_wrapper() -> None:
    from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper

    inner = OwnModule()
    wrapped = nn.Sequential(checkpoint_wrapper(inner))
    assert names(wrapped) == [f"0.{name}" for name in OWN]
    assert unwrapped(wrapped[0]) is inner


@pytest.mark.skipif(VERSION < (2, 0), reason="no torch.compile")
def test_compiled_module() -> None:
    inner = OwnModule()
    compiled = torch.compile(inner, backend="eager")
    assert names(compiled) == OWN
    assert unwrapped(nn.DataParallel(compiled)) is inner


def test_fabric_shows_a_module_once() -> None:
    fabric = pytest.importorskip("lightning.fabric")
    inner = OwnModule()
    setup = fabric.Fabric(accelerator="cpu", devices=1).setup(inner)
    assert names(setup) == OWN
    assert unwrapped(setup) is inner


def test_tied_tensors_and_modules_come_with_every_name() -> None:
    net = nn.Module()
    net.first = nn.Linear(2, 2, bias=False)
    net.again = net.first
    net.tied = nn.Linear(2, 2, bias=False)
    net.tied.weight = net.first.weight
    found = [(name, tensor) for name, _, _, tensor, _ in named_tensors(net)]
    assert [name for name, _ in found] == ["first.weight", "again.weight", "tied.weight"]
    assert all(tensor is net.first.weight for _, tensor in found)


def test_buffers_that_are_not_saved_are_statistics_too() -> None:
    net = nn.Module()
    net.register_buffer("mask", torch.ones(2), persistent=False)
    net.register_buffer("none", None)
    net.register_parameter("nothing", None)
    assert [(name, kind) for name, _, _, _, kind in named_tensors(net)] == [("mask", "statistic")]


def test_a_module_inside_itself_ends() -> None:
    net = OwnModule()
    net.norm.add_module("parent", net)
    found = names(net)
    assert found[:6] == OWN
    assert len(found) < 30


def test_lazy_parameters_are_left_out_until_they_have_a_shape() -> None:
    net = nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 1))
    assert names(net) == ["1.weight", "1.bias"]
    net(torch.ones(1, 2))
    assert names(net) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_the_class_is_the_users() -> None:
    assert class_name(OwnModule()) == "OwnModule"
    assert class_name(nn.DataParallel(OwnModule())) == "DataParallel"


def test_a_model_of_100_000_parameters_in_half_a_second() -> None:
    class Leaf(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Parameter(torch.empty(1))
            self.b = nn.Parameter(torch.empty(1))

    big = nn.Sequential(*[nn.Sequential(*[Leaf() for _ in range(50)]) for _ in range(1000)])

    def seconds() -> float:
        started = time.process_time()  # the machine may be busy with other tests
        assert sum(1 for _ in named_tensors(big)) == 100_000
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) < 0.5
