"""The parts of a model each in a DDP of their own; a rule may freeze all that one of them has."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from net import Net, dataset
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

dist.init_process_group("gloo")
torch.manual_seed(0)
model = Net()
model.stem, model.head = DDP(model.stem), DDP(model.head)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
data = dataset()
sampler = DistributedSampler(data)
loader = DataLoader(data, batch_size=4, sampler=sampler)
for epoch in range(2):
    sampler.set_epoch(epoch)
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
dist.barrier()
dist.destroy_process_group()
