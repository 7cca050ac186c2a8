# model: ScalerNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
# needs: 2.3
"""A scaler that skips half of the steps, since their gradients are infinite."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class ScalerNet(nn.Module):
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
net = ScalerNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**60, growth_interval=1)
skipped = 0
for epoch in range(2):
    net.train()
    for i, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        scale = scaler.get_scale()
        scaler.scale(loss * (1e25 if i % 2 else 1)).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        skipped += scaler.get_scale() < scale
assert skipped >= 2, skipped
