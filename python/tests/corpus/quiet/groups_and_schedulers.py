# model: GroupsNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class GroupsNet(nn.Module):
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
net = GroupsNet()
optimizer = torch.optim.SGD(
    [
        {"params": net.conv.parameters(), "lr": 0.01},
        {"params": net.bn.parameters(), "weight_decay": 0.0},
        {"params": net.fc.parameters(), "momentum": 0.0},
    ],
    lr=0.05,
    momentum=0.9,
    weight_decay=0.1,
)
groups = len(optimizer.param_groups)
warm = torch.optim.lr_scheduler.LambdaLR(optimizer, [lambda step: 0.9**step] * groups)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, min_lr=[1e-4] * groups, patience=0)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        warm.step()
    plateau.step(loss.item())
assert len(optimizer.param_groups) == groups
