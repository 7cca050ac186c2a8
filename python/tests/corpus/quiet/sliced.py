# model: SlicedNet
# freeze: ["0.**", "1.**"]
# intact: 7
# epochs: 2
"""The forward pass goes through slices of the model, each a module of its own for that long."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SlicedNet(nn.Sequential):
    pass


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = SlicedNet(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(2):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net[3:](net[:3](x)), y)
        loss.backward()
        optimizer.step()
