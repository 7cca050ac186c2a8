"""In one process: who hears what before a module is wrapped, however the script imports."""

import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel as ByAnotherName

from permafrost import distributed


class Faults:
    def run(self, label, fn, *args, default=None):
        return fn(*args)


told, flattened = [], []
distributed.install(
    lambda module, kind, keywords: told.append((type(module).__name__, kind, sorted(keywords))),
    Faults(),
    lambda parameters, original: flattened.append((len(parameters), original)),
)
dist.init_process_group("gloo", init_method=os.environ["INIT"], rank=0, world_size=1)
assert distributed.rank_facts() == distributed.RankFacts(0, 1, None)

net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
ByAnotherName(net, find_unused_parameters=True)
assert told.pop() == ("Sequential", "ddp", ["find_unused_parameters"])


class Subclass(ByAnotherName):
    pass


Subclass(module=net)
assert told.pop() == ("Sequential", "ddp", []), told
assert not told

if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 4):
    from torch.distributed.fsdp import FullyShardedDataParallel as FSDP
    from torch.distributed.fsdp.wrap import ModuleWrapPolicy

    FSDP(net, auto_wrap_policy=ModuleWrapPolicy({nn.Linear}), use_orig_params=True,
         device_id=torch.device("cpu"))  # fmt: skip
    assert told == [("Sequential", "fsdp1", ["auto_wrap_policy", "device_id", "use_orig_params"])]
    assert flattened == [(2, True), (2, True)], flattened
    told.clear()

    try:
        from torch.distributed.fsdp import fully_shard
    except ImportError:
        from torch.distributed._composable.fsdp import fully_shard
    from torch.distributed._composable.fsdp.fully_shard import fully_shard as by_its_old_name

    assert by_its_old_name is fully_shard
    from torch.distributed.device_mesh import init_device_mesh

    mesh = init_device_mesh("cpu", (1,))
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    fully_shard(net[0], mesh=mesh)
    fully_shard([net[1]], mesh=mesh)
    assert fully_shard(net, mesh=mesh) is net
    assert told == [("Linear", "fsdp2", ["mesh"])] * 2 + [("Sequential", "fsdp2", ["mesh"])]
    assert fully_shard.__name__ == "fully_shard" and fully_shard.state(net) is not None
    net(torch.ones(1, 2)).sum().backward()
dist.destroy_process_group()
print("content")
