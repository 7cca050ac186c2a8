# model: ResumedNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
"""Loads what it has just saved, between the epochs."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class ResumedNet(nn.Module):
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
net = ResumedNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.01)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    kept = copy.deepcopy({"net": net.state_dict(), "optimizer": optimizer.state_dict()})
    net.load_state_dict(kept["net"])
    optimizer.load_state_dict(kept["optimizer"])
