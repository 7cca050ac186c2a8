# model: HandNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 3
# untold: Passes Average Evaluated
# alone
"""Updates one model by hand beside one that has an optimizer; others have gradients or copies."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class HandNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(36, 36)

    def forward(self, x):
        return self.fc(x.flatten(1)).view_as(x)


class Average(HandNet):
    pass


class Evaluated(HandNet):
    pass


class Passes(nn.Module):
    """Stays as it is, but asks for gradients and passes them on."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)

    def forward(self, x):
        return self.conv(x)


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net, other, passes, evaluated = HandNet(), Other(), Passes(), Evaluated()
average = copy.deepcopy(net)
average.__class__ = Average
optimizer = torch.optim.Adam(other.parameters(), lr=0.01)
before = copy.deepcopy(net.state_dict())
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        F.mse_loss(passes(other(x)), passes(x)).backward()
        optimizer.step()

        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.1 * p.grad
                p.grad.zero_()
            for mine, theirs in zip(average.parameters(), net.parameters()):
                mine.mul_(0.9).add_(theirs, alpha=0.1)
    with torch.no_grad():
        evaluated(x)
after = net.state_dict()
moved = [name for name in before if not torch.equal(before[name], after[name])]
assert moved == ["fc.weight", "fc.bias"], moved
