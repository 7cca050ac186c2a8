"""DDP as people write it: sampler, bf16 autocast, gradient accumulation, scheduler, checkpoints."""

import argparse
import contextlib
import datetime
import os
import signal

import torch
import torch.distributed as dist
import torch.nn.functional as F
from net import Net, dataset
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--accumulate", type=int, default=1)
parser.add_argument("--amp", action="store_true")
parser.add_argument("--zero", action="store_true")
parser.add_argument("--compile", action="store_true")
parser.add_argument("--unused", action="store_true")
parser.add_argument("--static", action="store_true")
parser.add_argument("--late", action="store_true", help="rank 0 alone loads statistics")
parser.add_argument("--touch", help="rank 1 adds to this parameter in epoch 2")
parser.add_argument("--kill", action="store_true", help="rank 1 is killed in epoch 2")
parser.add_argument("--die-once", help="rank 1 fails in epoch 2 while this file is not there")
parser.add_argument("--timeout", type=int, default=1800, help="seconds to wait for other ranks")
args = parser.parse_args()

dist.init_process_group("gloo", timeout=datetime.timedelta(seconds=args.timeout))
rank = dist.get_rank()
torch.manual_seed(rank)
net = Net()
model = DDP(net, find_unused_parameters=args.unused, static_graph=args.static)
if args.compile:
    model = torch.compile(model, backend="aot_eager")
if args.zero:
    from torch.distributed.optim import ZeroRedundancyOptimizer

    optimizer = ZeroRedundancyOptimizer(
        model.parameters(), optimizer_class=torch.optim.AdamW, lr=0.01, weight_decay=0.1
    )
else:
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.9)
data = dataset()
sampler = DistributedSampler(data)
loader = DataLoader(data, batch_size=4, sampler=sampler)


def save(epoch):
    os.makedirs("truth", exist_ok=True)
    torch.save(net.state_dict(), f"truth/rank{rank}.{epoch}.pt")


def misbehave():
    if args.touch:
        with torch.no_grad():
            dict(net.named_parameters())[args.touch].add_(0.5)
    if args.kill:
        os.kill(os.getpid(), signal.SIGKILL)
    if args.die_once and not os.path.exists(args.die_once):
        open(args.die_once, "w").close()
        raise RuntimeError("this rank fails once")


if args.late:
    teacher = torch.nn.Linear(2, 2)
    other = torch.optim.SGD(teacher.parameters(), lr=0.1)
    if rank == 0:
        net.stem[1].running_mean.fill_(0.25)
save(0)
for epoch in range(1, args.epochs + 1):
    sampler.set_epoch(epoch)
    model.train()
    for index, (images, labels) in enumerate(loader):
        last = (index + 1) % args.accumulate == 0
        with contextlib.nullcontext() if last else model.no_sync():
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.amp):
                loss = F.cross_entropy(model(images), labels) / args.accumulate
            loss.backward()
        if last:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        if epoch == 2 and index == 1 and rank == 1:
            misbehave()
    scheduler.step()
    save(epoch)
    print(f"rank {rank} epoch {epoch} {loss.item():.6f}", flush=True)
dist.barrier()
dist.destroy_process_group()
