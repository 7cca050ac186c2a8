"""Small real models, by both versions of PyTorch."""

from collections import OrderedDict

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, inputs):
        return inputs + torch.relu(self.bn(self.conv(inputs)))


class Net(nn.Module):
    """Two blocks, a buffer that a state dict does not hold, and a head."""

    def __init__(self, channels=4, classes=3):
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.Sequential(Block(channels), Block(channels))
        self.register_buffer("scratch", torch.zeros(5), persistent=False)
        self.register_buffer("mean", torch.rand(1))
        self.head = nn.Linear(channels, classes)

    def forward(self, inputs):
        features = self.blocks(self.stem(inputs))
        return self.head(features.mean(dim=[2, 3]))


class Tied(nn.Module):
    """An embedding that is the output layer too."""

    def __init__(self, words=11, width=6):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, words, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, inputs):
        return self.out(self.norm(self.embed(inputs)))


def trained(model=None, steps=2):
    """A model after some steps, with its optimizer."""
    model = model or Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(torch.rand(4, 1, 8, 8)).square().mean()
        loss.backward()
        optimizer.step()
    return model, optimizer


def prefixed(prefix, state):
    return OrderedDict((prefix + name, value) for name, value in state.items())
