# model: WindowNet
# freeze: ["bn.**", {"match": "conv.**", "until": 2}, {"match": "fc.**", "from": 3}]
# intact: 7
# epochs: 4
"""Thawed and frozen in the middle of the run; either way seven tensors are frozen."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class WindowNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = WindowNet()
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
for epoch in range(4):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
