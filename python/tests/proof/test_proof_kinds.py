"""Every type, memory format and subclass: readable with its bytes, or refused with the reason."""

from __future__ import annotations

from typing import Any, Callable

import pytest
import torch
from proof_places import agreed
from torch import Tensor, nn

from permafrost.proof import References, UnmovedWatch, Unreadable, fingerprint, fingerprints
from permafrost.proof.host import view_at

KINDS = [
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
    torch.complex128,
    *(
        getattr(torch, name)
        for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "uint16", "uint32")
        if hasattr(torch, name)
    ),
]


def of_kind(kind: torch.dtype, count: int) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    size = torch.empty(0, dtype=kind).element_size()
    top = 2 if kind is torch.bool else 256
    data = torch.randint(0, top, (count * size,), dtype=torch.uint8, generator=generator)
    return view_at(data.data_ptr(), count * size, kind).clone()


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("count", [3, 5001, 40_003])
def test_every_bit_of_every_type(kind: torch.dtype, count: int) -> None:
    tensor = of_kind(kind, count)
    before = agreed(tensor)
    size = tensor.element_size()
    bits = view_at(tensor.data_ptr(), count * size, torch.uint8)
    for place in (0, count // 2, count - 1):
        for at in range(place * size, (place + 1) * size):
            for bit in range(1 if kind is torch.bool else 8):
                bits[at] ^= 1 << bit
                assert fingerprint(tensor) != before
                bits[at] ^= 1 << bit
    assert agreed(tensor) == before


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_views_of_every_type_read_in_logical_order(kind: torch.dtype) -> None:
    tensor = of_kind(kind, 60_000)
    for view in (
        tensor[1:],
        tensor[3:20_004],
        tensor[::3],
        tensor.view(300, 200).t(),
        tensor.view(300, 200)[:, 7:9],
        tensor.view(4, 10, 30, 50).to(memory_format=torch.channels_last),
        tensor.view(3, 100, 200).permute(2, 0, 1)[5:, 1],
        tensor[:1000].expand(100, 1000),
        tensor[5],
        tensor[7:7],
    ):
        plain = torch.empty(view.shape, dtype=kind)
        plain.copy_(view)
        assert agreed(view) == agreed(plain)


def test_addresses_that_are_no_multiple_of_an_element() -> None:
    data = torch.randint(0, 256, (400_009,), dtype=torch.uint8)
    for start in range(1, 8):
        odd = view_at(data.data_ptr() + start, 400_000, torch.float32)
        assert agreed(odd) == agreed(odd.clone())


def test_lazy_conjugates_and_negatives_count_as_their_values() -> None:
    numbers = torch.randn(20_000, dtype=torch.complex64)
    for view in (numbers.conj(), numbers.conj().imag, numbers.conj()[:5]):
        plain = torch.empty(view.shape, dtype=view.dtype)
        plain.copy_(view)
        assert agreed(view) == agreed(plain)
    assert fingerprint(numbers.conj()) != fingerprint(numbers)


def test_parameters_embeddings_subclasses_and_inference_tensors() -> None:
    class Named(nn.Parameter):
        pass

    class Loud(Tensor):
        @classmethod
        def __torch_function__(cls, *args: Any, **rest: Any) -> Any:
            raise AssertionError("a fingerprint runs nothing of the script")

    weight = nn.Embedding(500, 30, padding_idx=0, max_norm=1.0).weight
    bare = weight.detach().clone()
    for same in (weight, Named(bare), bare.as_subclass(Loud)):
        assert fingerprint(same) == fingerprint(bare)
    with torch.inference_mode():
        made = bare.clone()
        assert agreed(made) == fingerprint(bare)
    assert agreed(made) == fingerprint(bare)
    (half,) = torch.autograd.grad((weight * 2).sum(), weight, create_graph=True)
    assert fingerprint(weight * 2) == fingerprint(bare * 2) and half is not None


def test_sparse_and_quantized_tensors() -> None:
    dense = torch.zeros(40, 30)
    dense[3, 4], dense[20, 1] = 1.5, -2.0
    for make in (Tensor.to_sparse, Tensor.to_sparse_csr):
        one, two = make(dense), make(dense.clone())
        dense[3, 4] = 2.5
        other = make(dense)
        dense[3, 4] = 1.5
        assert fingerprint(one) == fingerprint(two)
        assert fingerprint(one) not in (fingerprint(other), fingerprint(dense))

    def quantized(scale: float, values: Tensor) -> Tensor:
        return torch._make_per_tensor_quantized_tensor(values, scale, 3)

    values = torch.randint(0, 100, (50_000,), dtype=torch.int8)
    first = fingerprint(quantized(0.1, values))
    assert first == fingerprint(quantized(0.1, values.clone()))
    assert first != fingerprint(quantized(0.2, values))
    values[49_999] ^= 1
    assert first != fingerprint(quantized(0.1, values))


def refused(tensor: Tensor) -> str:
    good = torch.ones(3)
    found = fingerprints([good, tensor, good])
    assert found[0] == found[2] == fingerprint(good)
    assert isinstance(found[1], Unreadable)
    with pytest.raises(ValueError):
        fingerprint(tensor)
    references = References(1 << 20)
    taken = references.take([tensor])
    (compared,) = references.compare(taken, [tensor])
    assert compared.equal is None and compared.reason == found[1].reason
    watch = UnmovedWatch()
    watch.begin([("w", tensor)])
    assert watch.unmoved() == []
    return found[1].reason


def test_what_has_no_values_is_refused_with_the_reason() -> None:
    assert "meta" in refused(torch.empty(5, device="meta"))
    assert "initialised" in refused(nn.LazyLinear(3).weight)


def test_nested_tensors_are_refused() -> None:
    nested = pytest.importorskip("torch.nested")
    assert refused(nested.nested_tensor([torch.ones(2), torch.ones(3)]))


def test_a_storage_that_was_shrunk_is_refused_and_not_read() -> None:
    """FSDP and offloading leave tensors whose storage holds nothing: reading would crash."""
    for make in (
        lambda: torch.ones(1000),
        lambda: torch.ones(100_000),
        lambda: torch.ones(1000)[500:],
        lambda: torch.ones(40, 50).t(),
        lambda: nn.Parameter(torch.ones(1000)),
    ):
        tensor: Tensor = make()
        before = fingerprint(tensor)
        storage = tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else None
        storage = storage if storage is not None else tensor.storage()
        length = storage.nbytes() if hasattr(tensor, "untyped_storage") else len(storage)
        storage.resize_(0)
        assert "storage" in refused(tensor)
        storage.resize_(length // 2)
        assert "storage" in refused(tensor)
        storage.resize_(length)
        with torch.no_grad():
            tensor.fill_(1.0)
        assert fingerprint(tensor) == before


def test_a_subclass_that_raises_leaves_the_others_readable() -> None:
    class Broken(Tensor):
        def to_local(self) -> Tensor:
            raise RuntimeError("no mesh\nand more")

    assert refused(torch.ones(3).as_subclass(Broken)) == "it could not be read (no mesh)"


@pytest.mark.skipif(not hasattr(torch.Tensor, "untyped_storage"), reason="torch 2 and newer")
def test_wrapper_subclasses_are_read_through_their_parts() -> None:
    two_tensor = pytest.importorskip("torch.testing._internal.two_tensor")
    a, b = torch.randn(5000), torch.randn(5000)
    wrapped = two_tensor.TwoTensor(a, b)
    before = fingerprint(wrapped)
    assert before == fingerprint(two_tensor.TwoTensor(a.clone(), b.clone()))
    assert before != fingerprint(two_tensor.TwoTensor(b, a))
    b[4999] += 1
    assert fingerprint(wrapped) != before


@pytest.fixture
def one_rank() -> Any:
    distributed = pytest.importorskip("torch.distributed")
    if not distributed.is_available():
        pytest.skip("this torch has no distributed package")
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def test_dtensors_are_read_as_their_local_shard(one_rank: None) -> None:
    tensors = pytest.importorskip("torch.distributed.tensor")
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (1,))
    whole = torch.randn(70, 90)
    sharded = tensors.distribute_tensor(whole, mesh, [tensors.Shard(0)])
    for each in (sharded, nn.Parameter(sharded)):
        assert fingerprint(each) == fingerprint(whole)
    references = References(1 << 20)
    taken = references.take([sharded])
    assert references.compare(taken, [sharded])[0].method == "bytes"
    sharded.to_local()[0, 0] += 1
    (compared,) = references.compare(taken, [sharded])
    assert compared.equal is False and compared.elements == 1
    partial = tensors.DTensor.from_local(whole, mesh, [tensors.Partial()])
    assert "sum" in refused(partial)


def test_fake_tensors_are_refused() -> None:
    module = pytest.importorskip("torch._subclasses.fake_tensor")
    make: Callable[[], Any] = module.FakeTensorMode
    with make() as mode:
        fake = mode.from_tensor(torch.ones(9))
    assert refused(fake)
