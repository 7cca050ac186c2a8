# model: SecondNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SecondNet(nn.Module):
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
first = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
first_optimizer = torch.optim.SGD(first.parameters(), lr=0.1)
net = SecondNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(2):
    for x, y in loader:
        for model, each in ((first, first_optimizer), (net, optimizer)):
            each.zero_grad()
            F.cross_entropy(model(x), y).backward()
            each.step()
