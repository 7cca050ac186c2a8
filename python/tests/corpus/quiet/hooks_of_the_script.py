# model: HookedNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class HookedNet(nn.Module):
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
net = HookedNet()
seen = {"forward": 0, "backward": 0, "gradient": 0}


def count(what):
    def hook(*args):
        seen[what] += 1

    return hook


net.conv.register_forward_hook(count("forward"))
net.fc.register_full_backward_hook(count("backward"))
net.conv.weight.register_hook(count("gradient"))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
assert seen["forward"] == seen["backward"] == 8, seen
