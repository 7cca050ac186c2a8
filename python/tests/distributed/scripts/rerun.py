"""The second rank is this script again, as Lightning starts it."""

import os
import subprocess
import sys

import torch
import torch.distributed as dist
import torch.nn.functional as F
from net import Net, dataset
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

rank = int(os.environ.get("LOCAL_RANK", 0))
other = None
if rank == 0:
    there = {**os.environ, "LOCAL_RANK": "1", "NODE_RANK": "0", "WORLD_SIZE": "2"}
    other = subprocess.Popen([sys.executable, *sys.argv], env=there)
dist.init_process_group(
    "gloo", init_method=f"tcp://127.0.0.1:{sys.argv[1]}", rank=rank, world_size=2
)
torch.manual_seed(0)
model = DistributedDataParallel(Net())
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
data = dataset()
loader = DataLoader(data, batch_size=4, sampler=DistributedSampler(data))
for _ in range(2):
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
dist.destroy_process_group()
if other is not None:
    sys.exit(other.wait())
