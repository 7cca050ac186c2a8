"""References within a budget, and what a comparison says."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from permafrost.proof import Comparison, References, fingerprint

BIG = 1 << 30


def compared(before: Tensor, after: Tensor, budget: int = BIG) -> Comparison:
    references = References(budget)
    (result,) = references.compare(references.take([before]), [after])
    return result


@pytest.mark.parametrize("count", [10, 5000, 700_001])
@pytest.mark.parametrize("budget", [0, BIG])
def test_equal_tensors(count: int, budget: int) -> None:
    tensor = torch.randn(count)
    result = compared(tensor, tensor.clone(), budget)
    assert result.equal is True and result.reason is None
    assert result.method == ("bytes" if budget else "fingerprint")
    assert result.bytes == count * 4 and result.fingerprint == fingerprint(tensor)


@pytest.mark.parametrize("count", [10, 5000, 700_001])
def test_elements_and_largest_difference(count: int) -> None:
    before = torch.randn(count)
    after = before.clone()
    after[[0, count // 2, count - 1]] += torch.tensor([0.25, -3.0, 1.0])
    result = compared(before, after)
    assert (result.equal, result.elements, result.method) == (False, 3, "bytes")
    assert result.max_delta == pytest.approx(3.0, rel=1e-5)
    assert result.fingerprint == fingerprint(after)
    lean = compared(before, after, 0)
    assert (lean.equal, lean.elements, lean.max_delta) == (False, None, None)
    assert lean.method == "fingerprint" and lean.fingerprint == fingerprint(after)


@pytest.mark.parametrize(
    ("before", "after", "elements", "delta"),
    [
        ([0.0, 1.0], [-0.0, 1.0], 1, 0.0),
        ([1.0, 2.0], [math.inf, 2.5], 2, math.inf),
        ([math.inf, 2.0], [-math.inf, 2.0], 1, math.inf),
        ([1.0, math.inf], [math.nan, 3.0], 2, math.nan),
        ([math.nan, 2.0], [math.nan, 2.5], 1, 0.5),
        ([math.inf, 2.0], [math.inf, 2.5], 1, 0.5),
    ],
)
@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_zero_infinity_and_nan(
    before: list[float], after: list[float], elements: int, delta: float, kind: torch.dtype
) -> None:
    result = compared(torch.tensor(before, dtype=kind), torch.tensor(after, dtype=kind))
    assert result.equal is False and result.elements == elements
    assert result.max_delta is not None
    assert result.max_delta == delta or (math.isnan(result.max_delta) and math.isnan(delta))


def test_payload_of_nan() -> None:
    before = torch.full((4,), math.nan)
    after = before.clone()
    after.view(torch.int32)[2] = 0x7FC00001
    result = compared(before, after)
    assert result.elements == 1 and result.max_delta is not None and math.isnan(result.max_delta)


def test_integers_bools_complex_and_small_floats() -> None:
    long = torch.tensor([2**62, 5], dtype=torch.int64)
    assert compared(long, long + torch.tensor([1, 0])).max_delta == 1.0
    ends = torch.tensor([-(2**63)], dtype=torch.int64)
    assert compared(ends, torch.tensor([2**63 - 1])).max_delta == 2.0**64
    bytes_ = torch.tensor([0, 255], dtype=torch.uint8)
    assert compared(bytes_, torch.tensor([255, 255], dtype=torch.uint8)).max_delta == 255.0
    flags = torch.tensor([True, False, True])
    result = compared(flags, ~flags)
    assert (result.elements, result.max_delta) == (3, 1.0)
    numbers = torch.tensor([1 + 2j, 3 + 4j, 5j])
    result = compared(numbers, numbers + torch.tensor([0j, 1 + 2j, 0.5]))
    assert (result.elements, result.max_delta) == (2, 2.0)
    if hasattr(torch, "float8_e4m3fn"):
        low = torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn)
        result = compared(low, torch.tensor([1.0, 4.0]).to(torch.float8_e4m3fn))
        assert (result.elements, result.max_delta) == (1, 2.0)


def test_layouts_are_compared_in_logical_order() -> None:
    before = torch.randn(8, 64, 30, 30)
    after = before.to(memory_format=torch.channels_last)
    assert compared(before, after).equal is True and compared(after, before).method == "bytes"
    after[3, 5, 7, 9] += 1
    result = compared(before, after)
    assert result.elements == 1 and result.max_delta == pytest.approx(1.0, rel=1e-5)
    numbers = torch.randn(20_000, dtype=torch.complex64)
    assert compared(numbers.conj(), numbers.conj().clone()).equal is True
    assert compared(numbers, numbers.conj()).elements == 20_000


def test_another_shape_or_type_is_a_difference_with_a_reason() -> None:
    before = torch.ones(4, 5)
    result = compared(before, before.view(5, 4))
    assert (result.equal, result.elements) == (False, None)
    assert result.reason == "it was float32[4, 5] and is float32[5, 4] now"
    result = compared(before, before.double())
    assert result.reason == "it was float32[4, 5] and is float64[4, 5] now"


def test_the_smallest_are_copied_first_and_memory_comes_back() -> None:
    tensors = [torch.randn(count) for count in (50_000, 10, 20_000, 100)]
    references = References(100_000)
    taken = references.take(tensors)
    assert [each.copy is not None for each in taken] == [False, True, True, True]
    (more,) = references.take([torch.randn(10_000)])
    assert more.copy is None
    references.release([taken[2]])
    references.release([taken[2]])
    (more,) = references.take([torch.randn(10_000)])
    assert more.copy is not None
    (over,) = references.take([torch.randn(20_000)])
    assert over.copy is None
    assert [each.equal for each in references.compare(taken, tensors)] == [True] * 4


def test_a_copy_is_no_view_of_the_tensor() -> None:
    for count in (10, 100_000):
        tensor = nn.Parameter(torch.randn(count))
        references = References(BIG)
        taken = references.take([tensor])
        with torch.no_grad():
            tensor.data.add_(1)
        assert references.compare(taken, [tensor])[0].elements == count


def test_a_storage_shrunk_after_the_reference_cannot_be_compared() -> None:
    tensor = torch.randn(1000)
    references = References(BIG)
    taken = references.take([tensor])
    storage = tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else tensor.storage()
    storage.resize_(0)
    (result,) = references.compare(taken, [tensor])
    assert result.equal is None and result.reason == "its storage holds no values now"


def test_sparse_tensors_are_compared_by_fingerprint() -> None:
    dense = torch.eye(5)
    references = References(BIG)
    taken = references.take([dense.to_sparse()])
    assert references.compare(taken, [dense.to_sparse()])[0].equal is True
    dense[0, 0] = 2
    (result,) = references.compare(taken, [dense.to_sparse()])
    assert (result.equal, result.elements, result.method) == (False, None, "fingerprint")
