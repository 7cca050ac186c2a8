# model: LaterNet
# freeze: ["conv.**"]
# intact: 2
# epochs: 2
"""Trains a model by hand, with momentum, after another one was trained by an optimizer."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LaterNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.conv(x)).mean((2, 3)))


def by_optimizer(net):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


def by_hand(net, epochs):
    momentum = {}
    for epoch in range(epochs):
        for x, y in loader:
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            for p in net.parameters():
                if p.grad is not None:
                    momentum[p] = 0.9 * momentum.get(p, 0) + p.grad
                    p.data = p.data - 0.05 * momentum[p]


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
by_optimizer(nn.Sequential(nn.Flatten(), nn.Linear(36, 3)))
later = LaterNet()
kept = later.conv.weight.detach().clone(), later.fc.weight.detach().clone()
by_hand(later, 2)
assert torch.equal(kept[0], later.conv.weight)
assert not torch.equal(kept[1], later.fc.weight)
