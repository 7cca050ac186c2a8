"""Lazy layers that get their shapes in the first training step, after the optimizer was made."""
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class LazyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.ReLU())
        self.fc1 = nn.LazyLinear(8)
        self.fc2 = nn.LazyLinear(3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(self.features(x).flatten(1))))


def save(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(net.state_dict(), f"{os.environ['PERMA_TRUTH']}/LazyNet.{epoch}.pt")


data = TensorDataset(torch.randn(32, 1, 6, 6), torch.randint(0, 3, (32,)))
loader = DataLoader(data, batch_size=8, shuffle=True)
net = LazyNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(3):
    net.train()
    for batch, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        if epoch == batch == 0:
            save(0)
        loss.backward()
        optimizer.step()
    save(epoch + 1)
    print(epoch, loss.item())
