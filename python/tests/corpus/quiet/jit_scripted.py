# model: RecursiveScriptModule
# freeze: ["0.**", "1.**"]
# intact: 7
# epochs: 2
"""A model that is compiled by torch.jit.script before it trains."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset



class Scaled(nn.Module):
    """A buffer that is no running statistic."""

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.full((1,), 2.0))

    def forward(self, x):
        return x * self.scale


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
parts = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3)]
net = torch.jit.script(nn.Sequential(*parts, Scaled()))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(2):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
