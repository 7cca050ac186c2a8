# model: AskedNet
# freeze: ["backbone.**"]
# intact: 7
# epochs: 2
"""Asks the first parameter of each group for its device, as callers of optimizers do."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class AskedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4))
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.backbone(x)).mean((2, 3)))


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = AskedNet()
optimizer = torch.optim.AdamW(
    [
        {"params": net.backbone.parameters(), "lr": 0.001},
        {"params": net.fc.parameters(), "lr": 0.01},
    ],
    weight_decay=0.1,
)
for epoch in range(2):
    net.train()
    for x, y in loader:
        devices = [group["params"][0].device for group in optimizer.param_groups]
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x.to(devices[0])), y.to(devices[1]))
        loss.backward()
        optimizer.step()
