"""FSDP2 as people write it: fully_shard bottom-up, an evaluation after each epoch."""

import argparse
import os

import torch
import torch.distributed as dist
import torch.nn.functional as F
from net import Net, dataset
from torch.distributed.device_mesh import init_device_mesh
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

try:
    from torch.distributed.fsdp import fully_shard
except ImportError:
    from torch.distributed._composable.fsdp import fully_shard

parser = argparse.ArgumentParser()
parser.add_argument("--touch", help="rank 1 adds to this parameter in epoch 2")
args = parser.parse_args()

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(0)
model = Net()
mesh = init_device_mesh("cpu", (2,))
for layer in (model.stem, model.body):
    fully_shard(layer, mesh=mesh)
fully_shard(model, mesh=mesh)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1, foreach=False)
data = dataset()
sampler = DistributedSampler(data)
loader = DataLoader(data, batch_size=4, sampler=sampler)


def save(epoch):
    state = {
        name: (value.full_tensor() if hasattr(value, "full_tensor") else value).detach().clone()
        for name, value in model.state_dict().items()
    }
    os.makedirs("truth", exist_ok=True)
    torch.save(state, f"truth/rank{rank}.{epoch}.pt")


save(0)
for epoch in range(1, 4):
    sampler.set_epoch(epoch)
    model.train()
    for index, (images, labels) in enumerate(loader):
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
        if args.touch and epoch == 2 and index == 1 and rank == 1:
            with torch.no_grad():
                dict(model.named_parameters())[args.touch].to_local().add_(0.5)
    model.eval()
    with torch.no_grad():
        model(data.tensors[0])
    model.reshard()
    save(epoch)
dist.barrier()
dist.destroy_process_group()
