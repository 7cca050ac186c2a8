# model: BackwardNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
# needs: 2.1
"""Each parameter has an optimizer of its own, which steps as soon as the gradient is there."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class BackwardNet(nn.Module):
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
net = BackwardNet()
optimizers = {p: torch.optim.AdamW([p], lr=0.01, weight_decay=0.1) for p in net.parameters()}


def step(parameter):
    optimizers[parameter].step()
    optimizers[parameter].zero_grad()


for parameter in net.parameters():
    parameter.register_post_accumulate_grad_hook(step)
for epoch in range(2):
    net.train()
    for x, y in loader:
        F.cross_entropy(net(x), y).backward()
