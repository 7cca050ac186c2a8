"""A small network with BatchNorm, and data that any rank makes alike."""

import torch
from torch import nn
from torch.utils.data import TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.body = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6))
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = torch.relu(self.body(x))
        return self.head(x.mean((2, 3)))


def dataset():
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(32, 1, 6, 6, generator=generator)
    return TensorDataset(images, torch.randint(0, 3, (32,), generator=generator))
