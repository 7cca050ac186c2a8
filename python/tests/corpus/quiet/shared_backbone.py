# model: SharedNet
# freeze: ["backbone.**"]
# intact: 7
# epochs: 2
"""A second model has the frozen layers too, under names that no rule matches."""

import gc

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SharedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.fc = nn.Linear(64, 3)

    def forward(self, x):
        return self.fc(self.backbone(x).flatten(1))


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = SharedNet()
features = nn.Sequential(net.backbone, nn.Flatten())
gc.collect()  # they are found in the order of their making now
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
for epoch in range(2):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        features.eval()(data.tensors[0])
