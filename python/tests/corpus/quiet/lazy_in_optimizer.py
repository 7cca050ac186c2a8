# model: LazierNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
# alone
"""Lazy layers get their shapes in a dry run in train mode, after the optimizer was made."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LazierNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.LazyConv2d(4, 3, padding=1)
        self.bn = nn.LazyBatchNorm2d()
        self.fc = nn.LazyLinear(3)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = LazierNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
net(next(iter(loader))[0])
for epoch in range(2):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
