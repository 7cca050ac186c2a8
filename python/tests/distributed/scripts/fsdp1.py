"""FSDP1 as people write it."""

import argparse
import os

import torch
import torch.distributed as dist
import torch.nn.functional as F
from net import Net, dataset
from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel as FSDP
from torch.distributed.fsdp import MixedPrecision
from torch.distributed.fsdp.wrap import ModuleWrapPolicy
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

parser = argparse.ArgumentParser()
parser.add_argument("--flat", action="store_true", help="use_orig_params=False")
parser.add_argument("--policy", action="store_true")
parser.add_argument("--low", action="store_true", help="bf16 parameters and buffers")
parser.add_argument("--touch", help="rank 1 adds to this parameter in epoch 2")
args = parser.parse_args()

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(0)
net = Net()
low = MixedPrecision(param_dtype=torch.bfloat16, buffer_dtype=torch.bfloat16)
model = FSDP(
    net,
    device_id=torch.device("cpu"),
    use_orig_params=not args.flat,
    auto_wrap_policy=ModuleWrapPolicy({nn.Sequential, nn.Linear}) if args.policy else None,
    mixed_precision=low if args.low else None,
)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
data = dataset()
sampler = DistributedSampler(data)
loader = DataLoader(data, batch_size=4, sampler=sampler)


def save(epoch):
    with FSDP.summon_full_params(model, writeback=False):
        tensors = [*model.named_parameters(), *model.named_buffers()]
        state = {
            name.replace("_fsdp_wrapped_module.", ""): value.detach().clone()
            for name, value in tensors
        }
    os.makedirs("truth", exist_ok=True)
    torch.save(state, f"truth/rank{rank}.{epoch}.pt")


save(0)
for epoch in range(1, 4):
    sampler.set_epoch(epoch)
    model.train()
    for index, (images, labels) in enumerate(loader):
        optimizer.zero_grad()
        F.cross_entropy(model(images).float(), labels).backward()
        model.clip_grad_norm_(1.0)
        optimizer.step()
        if args.touch and epoch == 2 and index == 1 and rank == 1:
            with torch.no_grad():
                name = next(n for n, p in model.named_parameters() if p.numel() and args.touch in n)
                dict(model.named_parameters())[name].add_(0.5)
    model.eval()
    with torch.no_grad():
        model(data.tensors[0])
    save(epoch)
dist.barrier()
dist.destroy_process_group()
