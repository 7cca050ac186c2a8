"""Changes that sums, XOR, unordered or linear hashes miss, each on tensors of every depth."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
import torch
from proof_places import agreed, prints
from torch import Tensor

from permafrost.proof import fingerprint
from permafrost.proof.fold import SMALL, state_size

# Elements of float32: hashed as they are; folded once, twice, three times; odd lengths.
LENGTHS = (7, 1000, 4096, 4097, 40_000, 150_001, 700_000)
TOP = -(2**31)


def base(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randn(count, generator=generator)


def words(tensor: Tensor) -> Tensor:
    return tensor.view(torch.int32)


def lane(count: int) -> int:
    """Elements from one to the next that falls on the same word of the state."""
    return state_size(count * 4) // 4


def changed(tensor: Tensor, places: dict[int, int]) -> Tensor:
    """A copy whose words at some places have another value."""
    copy = tensor.clone()
    for place, value in places.items():
        words(copy)[place] = value
    return copy


def same_lane(count: int) -> Iterator[tuple[int, int]]:
    """Pairs of elements on the same word of the state, at all distances up to 12 steps."""
    step = lane(count) if count * 4 > SMALL else 97
    for at in sorted({0, 1, step // 2, step - 2, step - 1}):
        for first, second in itertools.combinations(range(at, min(count, step * 12), step), 2):
            yield first, second


@pytest.mark.parametrize("count", LENGTHS)
def test_one_bit_flipped_at_any_position(count: int) -> None:
    tensor = base(count)
    before = agreed(tensor)
    step = min(lane(count), count)
    for place in sorted({0, 1, step - 1, step % count, count // 2, count - 1}):
        for bit in range(32):
            mask = TOP if bit == 31 else 1 << bit
            words(tensor)[place] ^= mask
            assert fingerprint(tensor) != before, (place, bit)
            words(tensor)[place] ^= mask
    assert fingerprint(tensor) == before


@pytest.mark.parametrize("count", LENGTHS[1:])
def test_two_signs_flipped(count: int) -> None:
    tensor = base(count)
    seen = {fingerprint(tensor)}
    pairs = list(same_lane(count))
    for first, second in pairs:
        words(tensor)[[first, second]] ^= TOP
        seen.add(fingerprint(tensor))
        words(tensor)[[first, second]] ^= TOP
    assert len(seen) == len(pairs) + 1


@pytest.mark.parametrize("count", LENGTHS)
def test_all_signs_flipped(count: int) -> None:
    tensor = base(count)
    assert agreed(-tensor) != agreed(tensor)
    zeros = torch.zeros(count)
    assert agreed(-zeros) != agreed(zeros)


@pytest.mark.parametrize("count", LENGTHS)
def test_sign_of_zero_and_payload_of_nan(count: int) -> None:
    zeros = torch.zeros(count)
    nan = torch.full((count,), float("nan"))
    for place in {0, count // 2, count - 1}:
        assert agreed(changed(zeros, {place: TOP})) != agreed(zeros)
        other = changed(nan, {place: 0x7FC00001})
        assert torch.isnan(other).all() and agreed(other) != agreed(nan)


@pytest.mark.parametrize("count", LENGTHS[1:])
def test_sums_kept_xor_kept_and_elements_swapped(count: int) -> None:
    tensor = base(count)
    before = fingerprint(tensor)
    bits = [int(each) for each in words(tensor)]
    for first, second in list(same_lane(count))[:40]:
        a, b = bits[first], bits[second]
        for delta in (1, 1 << 16, 1 << 23, 12345):
            if abs(a) < 2**30 and abs(b) < 2**30:
                kept = changed(tensor, {first: a + delta, second: b - delta})
                assert fingerprint(kept) != before
            kept = changed(tensor, {first: a ^ delta, second: b ^ delta})
            assert fingerprint(kept) != before
        assert fingerprint(changed(tensor, {first: b, second: a})) != before


@pytest.mark.parametrize("count", (40_000, 150_001, 700_000))
def test_chunks_of_the_state_swapped(count: int) -> None:
    tensor = base(count)
    step = lane(count)
    seen = {fingerprint(tensor)}
    pairs = list(itertools.combinations(range(min(count // step, 9)), 2))
    for first, second in pairs:
        other = tensor.clone()
        one, two = (slice(each * step, (each + 1) * step) for each in (first, second))
        other[one], other[two] = tensor[two], tensor[one]
        seen.add(fingerprint(other))
    assert len(seen) == len(pairs) + 1


@pytest.mark.parametrize("shape", [(64, 64), (512, 128), (300, 1000), (96, 4096), (1000, 257)])
def test_rows_columns_and_blocks_swapped(shape: tuple[int, int]) -> None:
    rows, columns = shape
    for tensor in (base(rows * columns).view(shape), one_hot(shape)):
        seen = {agreed(tensor)}
        distances = [d for d in (1, 2, 3, 4, 7, 8, 16, 32, rows // 2) if d < rows]
        for distance in distances:
            order = list(range(rows))
            order[0], order[distance] = order[distance], order[0]
            seen.add(fingerprint(tensor[order]))
        assert len(seen) == len(set(distances)) + 1
        others = [
            tensor.flip(0),
            tensor.flip(1),
            tensor.roll(1, 0),
            tensor.roll(1, 1),
            tensor.reshape(-1).roll(1).view(shape),
            tensor.reshape(columns, rows).t().contiguous(),
            torch.cat([tensor[rows // 2 :], tensor[: rows // 2]]),
        ]
        assert seen.isdisjoint(map(fingerprint, others))


def one_hot(shape: tuple[int, int]) -> Tensor:
    tensor = torch.zeros(shape)
    for row in range(shape[0]):
        tensor[row, row * 7 % shape[1]] = 1.0 + row // shape[1]
    return tensor


@pytest.mark.parametrize("shape", [(64, 64), (512, 128), (96, 4096)])
def test_four_corners_of_a_rectangle(shape: tuple[int, int]) -> None:
    """What weights of rows times weights of columns cannot see."""
    chosen = random.Random(1)
    tensor = (base(shape[0] * shape[1]).view(shape) * 1e-3).contiguous()
    before = fingerprint(tensor)
    for _ in range(60):
        top, bottom = chosen.sample(range(shape[0]), 2)
        left, right = chosen.sample(range(shape[1]), 2)
        for delta in (1, 1 << 8, 1 << 22, TOP):
            bits = words(tensor).clone()
            for row, column, sign in (
                (top, left, 1),
                (top, right, -1),
                (bottom, left, -1),
                (bottom, right, 1),
            ):
                bits[row, column] += sign * delta if delta != TOP else delta
            assert fingerprint(bits.view(torch.float32)) != before


@pytest.mark.parametrize("count", [40_000, 150_001])
def test_a_bit_of_few_elements_on_the_same_word_of_the_state(count: int) -> None:
    chosen = random.Random(2)
    step = lane(count)
    tensor = base(count)
    before = fingerprint(tensor)
    for _ in range(3000):
        # The ends of the state, where bits could fall off, as often as all the rest.
        edge = chosen.choice((0, 1, 2, step - 3, step - 2, step - 1))
        word = chosen.choice((edge, chosen.randrange(step)))
        column = range(word, count, step)
        places = chosen.sample(column, min(len(column), chosen.choice((2, 3, 4))))
        bit = chosen.choice((*range(32), 31, 31, 31))
        mask = TOP if bit == 31 else 1 << bit
        words(tensor)[places] ^= mask
        assert fingerprint(tensor) != before, (places, bit)
        words(tensor)[places] ^= mask
    assert fingerprint(tensor) == before


def test_random_changes_of_few_elements_never_collide() -> None:
    chosen = random.Random(3)
    tensor = base(40_000)
    seen = {fingerprint(tensor)}
    for _ in range(3000):
        places = chosen.sample(range(40_000), chosen.choice((2, 3, 8)))
        kept = words(tensor)[places].clone()
        words(tensor)[places] = torch.tensor(
            [chosen.randrange(-(2**31), 2**31) for _ in places], dtype=torch.int32
        )
        seen.add(fingerprint(tensor))
        words(tensor)[places] = kept
    assert len(seen) == 3001


def test_type_shape_and_length_of_zeros_are_part_of_it() -> None:
    shapes = [(), (0,), (0, 3), (1,), (1, 1), (2, 3), (3, 2), (6,), (4096,), (4097,), (5000,)]
    shapes += [(64, 64), (40_000,), (200, 200), (40_001,)]
    kinds = [torch.float32, torch.int32, torch.float64, torch.int16, torch.bfloat16, torch.bool]
    zeros = [torch.zeros(shape, dtype=kind) for shape in shapes for kind in kinds]
    for place in ("host", "device"):
        assert len(set(prints(zeros, place))) == len(zeros)


def test_a_fingerprint_has_128_bits_and_depends_on_nothing_else() -> None:
    tensor = base(50_000)
    assert len(fingerprint(tensor)) == 16
    assert fingerprint(tensor) == fingerprint(torch.nn.Parameter(tensor.clone()))
