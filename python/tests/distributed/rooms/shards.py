"""Run by torchrun on two ranks: what this rank holds of each tensor is the same object and the
same bytes in every state that FSDP can be in, under the names that the user gave."""

import math
import os
import sys

import torch
import torch.distributed as dist
from torch import nn

from permafrost.distributed import (
    class_name,
    full_shape,
    local_tensor,
    named_tensors,
    set_requires_grad,
    shard_facts,
)
from permafrost.proof import fingerprint


class Net(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.layer1 = nn.Linear(6, 5)
        self.norm = norm(5)
        self.layer2 = nn.Linear(5, 7)
        self.head = nn.Linear(7, 3)
        self.tied = nn.Linear(7, 3, bias=False)
        self.tied.weight = self.head.weight

    def forward(self, x):
        x = torch.tanh(self.layer2(self.norm(self.layer1(x))))
        return self.head(x) + self.tied(x)


def wrap(net, kind):
    if kind == "fsdp2":
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        mesh = init_device_mesh("cpu", (2,))
        for layer in (net.layer1, net.layer2):
            fully_shard(layer, mesh=mesh)
        fully_shard(net, mesh=mesh)
        return net
    import torch.distributed.fsdp as fsdp

    bf16 = fsdp.MixedPrecision(param_dtype=torch.bfloat16, reduce_dtype=torch.bfloat16)
    bf16_norms = fsdp.MixedPrecision(param_dtype=torch.bfloat16, buffer_dtype=torch.bfloat16)
    options = {
        "fsdp1": {"use_orig_params": True},
        "fsdp1-policy": {
            "use_orig_params": True,
            "auto_wrap_policy": fsdp.wrap.ModuleWrapPolicy({nn.Linear}),
            "sharding_strategy": fsdp.ShardingStrategy.SHARD_GRAD_OP,
        },
        "fsdp1-whole": {
            "use_orig_params": True,
            "sharding_strategy": fsdp.ShardingStrategy.NO_SHARD,
        },
        "fsdp1-low": {"use_orig_params": True, "mixed_precision": bf16},
        "fsdp1-low-norms": {"use_orig_params": True, "mixed_precision": bf16_norms},
        "fsdp1-whole-low": {
            "use_orig_params": True,
            "mixed_precision": bf16,
            "sharding_strategy": fsdp.ShardingStrategy.NO_SHARD,
        },
        "fsdp1-flat": {"use_orig_params": False},
    }[kind]
    if kind == "fsdp1-policy":  # tied weights have to be in one unit
        del net.tied.weight
        net.tied.weight = nn.Parameter(net.head.weight.detach().clone())
    return fsdp.FullyShardedDataParallel(net, device_id=torch.device("cpu"), **options)


def picture(root):
    """By name, the object, its bytes here, and the dtype."""
    found = {}
    for name, _, _, tensor, _ in named_tensors(root):
        assert name not in found, name
        found[name] = (id(tensor), fingerprint(local_tensor(tensor)), tensor.dtype)
    return found


def main(kind):
    torch.manual_seed(0)
    # BatchNorm takes no input of another type than its statistics have.
    net = Net(nn.LayerNorm if kind in ("fsdp1-low", "fsdp1-whole-low") else nn.BatchNorm1d)
    before = {name: tuple(tensor.shape) for name, _, _, tensor, _ in named_tensors(net)}
    net_parameters = {each[0]: each[4] == "parameter" for each in named_tensors(net)}
    net_parameters["tied.weight"] = False  # one with the head's
    frozen = [name for name in before if not name.startswith(("head", "tied"))]
    if kind != "fsdp1-flat":
        for name, _, _, tensor, what in named_tensors(net):
            if name in frozen and what == "parameter":
                tensor.requires_grad_(False)
    wrapped = wrap(net, kind)

    for root in (wrapped, net):
        assert set(before) == {each[0] for each in named_tensors(root)}
    for name, owner, _, tensor, what in named_tensors(wrapped):
        if kind == "fsdp1-flat" and what == "parameter":
            every = sum(math.prod(before[each]) for each, p in net_parameters.items() if p)
            assert full_shape(tensor) == (every,), (name, full_shape(tensor))
        else:
            assert full_shape(tensor) == before[name], (name, full_shape(tensor))
        if what == "parameter":
            assert shard_facts(tensor).sharded == ("whole" not in kind), name
        assert class_name(owner) in ("Linear", "BatchNorm1d", "LayerNorm"), class_name(owner)
    assert class_name(net) == "Net"

    trained = [tensor for tensor in wrapped.parameters() if tensor.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.1)
    net.norm.eval()
    first = picture(net)
    states = []

    def look(state, root=net):
        now = picture(root)
        for name in first:
            if kind == "fsdp1-low-norms" and name.startswith("norm.") and "weight" not in name:
                continue
            assert now[name][0] == first[name][0], (state, name, "another object")
            if name in frozen and kind != "fsdp1-flat":
                assert now[name][1:] == first[name][1:], (state, name, "moved", now[name][2])
        states.append(state)

    net.register_forward_pre_hook(lambda module, args: look("in the forward"))
    for _ in range(3):
        optimizer.zero_grad()
        loss = wrapped(torch.randn(8, 6)).float().square().mean()
        look("after the forward")
        loss.backward()
        look("after the backward")
        optimizer.step()
        look("after the step", wrapped)
        with torch.no_grad():
            net.eval()
            wrapped(torch.randn(4, 6))
            net.train()
            net.norm.eval()
        look("after an evaluation")
        if kind.startswith("fsdp1"):
            from torch.distributed.fsdp import FullyShardedDataParallel

            with FullyShardedDataParallel.summon_full_params(wrapped, writeback=False):
                look("gathered")
    assert len(set(states)) >= 5
    moved = picture(net)
    held = {name: local_tensor(tensor).numel() > 0 for name, _, _, tensor, _ in named_tensors(net)}
    assert held["head.weight"] is False or moved["head.weight"][1] != first["head.weight"][1]

    if kind != "fsdp1-flat":
        # Thawed after an evaluation: the very next step has a gradient.
        by_name = {each[0]: each[3] for each in named_tensors(net)}
        for name in ("layer1.weight", "head.bias"):
            set_requires_grad(by_name[name], False)
        wrapped(torch.randn(8, 6)).float().mean().backward()
        with torch.no_grad():
            wrapped(torch.randn(8, 6))
        optimizer.zero_grad()
        for name in ("layer1.weight", "head.bias"):
            set_requires_grad(by_name[name], True)
        wrapped(torch.randn(8, 6)).float().square().mean().backward()
        for name in ("layer1.weight", "head.bias"):
            assert by_name[name].grad is not None or not held[name], (name, "no gradient")
        # Changed on one rank only, under the hands of FSDP.
        here = local_tensor(by_name["layer2.weight"])
        if dist.get_rank() == 1 and here.numel():
            before = fingerprint(here)
            with torch.no_grad():
                by_name["layer2.weight"].view(-1)[-1:].add_(1) if kind != "fsdp2" else (
                    by_name["layer2.weight"].to_local().view(-1)[-1:].add_(1)
                )
            assert fingerprint(local_tensor(by_name["layer2.weight"])) != before
    # One write: the ranks share the stream.
    os.write(1, f"rank {dist.get_rank()} is content with {kind}\n".encode())


if __name__ == "__main__":
    dist.init_process_group("gloo")
    for each in sys.argv[1:]:
        main(each)
    dist.barrier()
    dist.destroy_process_group()
