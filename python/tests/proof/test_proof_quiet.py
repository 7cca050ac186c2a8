"""Reading leaves nothing behind in the tensors, in torch, or in the process."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from permafrost.proof import References, UnmovedWatch, fingerprints


def read_all(tensors: list[Tensor]) -> None:
    fingerprints(tensors)
    references = References(1 << 24)
    taken = references.take(tensors)
    assert all(each.equal for each in references.compare(taken, tensors))
    watch = UnmovedWatch()
    watch.begin([(str(at), each) for at, each in enumerate(tensors)])
    assert len(watch.unmoved()) == len(tensors)


def some() -> list[Tensor]:
    leaf = nn.Parameter(torch.randn(300, 200))
    return [
        leaf,
        leaf * 2,
        torch.randn(10, requires_grad=True),
        torch.randn(50, 70).t(),
        torch.randn(100_000)[1:],
        torch.zeros(()),
        torch.randn(20_000, dtype=torch.complex64).conj(),
        torch.arange(5),
    ]


def storage_of(tensor: Tensor) -> Any:
    return tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else tensor._storage()


def test_tensors_stay_as_they_were() -> None:
    tensors = some()
    before = [
        (each._version, each.grad_fn, each.requires_grad, each.data_ptr(), dict(each.__dict__))
        for each in tensors
    ]
    read_all(tensors)
    after = [
        (each._version, each.grad_fn, each.requires_grad, each.data_ptr(), dict(each.__dict__))
        for each in tensors
    ]
    assert before == after
    for each in tensors:
        storage = storage_of(each)
        if hasattr(storage, "resizable"):
            assert storage.resizable()
        storage.resize_(storage.nbytes() + 64)
    (tensors[0] * 2).sum().backward()


def test_no_random_numbers_no_warnings_no_settings() -> None:
    tensors = some()
    state = torch.get_rng_state()
    settings = (torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_all(tensors)
    assert torch.equal(torch.get_rng_state(), state)
    assert settings == (
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
    )


def test_nothing_is_said_on_the_streams(capfd: pytest.CaptureFixture[str]) -> None:
    read_all(some())
    assert capfd.readouterr() == ("", "")


def test_under_the_modes_of_a_script() -> None:
    tensors = some()
    expected = fingerprints(tensors)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.use_deterministic_algorithms(True)
    try:
        with torch.inference_mode():
            assert fingerprints(tensors) == expected
            read_all(tensors)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert fingerprints(tensors) == expected
        with torch.autograd.detect_anomaly(check_nan=False):
            assert fingerprints(tensors) == expected
    finally:
        torch.set_default_dtype(before)
        torch.use_deterministic_algorithms(False)


def test_references_taken_in_inference_mode_serve_outside() -> None:
    tensors = [torch.randn(100_000), torch.randn(10)]
    references = References(1 << 24)
    with torch.inference_mode():
        taken = references.take(tensors)
    tensors[0][5] += 1
    compared = references.compare(taken, tensors)
    assert [each.equal for each in compared] == [False, True] and compared[0].elements == 1


@pytest.mark.skipif(not hasattr(torch, "set_default_device"), reason="torch 2 and newer")
def test_under_another_default_device_and_dispatch_modes() -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counting(TorchDispatchMode):
        count = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None):
            Counting.count += 1
            return func(*args, **(kwargs or {}))

    tensors = some()
    expected = fingerprints(tensors)
    torch.set_default_device("meta")
    try:
        assert fingerprints(tensors) == expected
        read_all(tensors)
    finally:
        torch.set_default_device(None)
    with Counting():
        assert fingerprints(tensors) == expected
        read_all(tensors)
    assert Counting.count == 0
