# model: InnerNet
# freeze: ["conv.**", "bn.**"]
# intact: 7
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class InnerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 3)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.05, weight_decay=0.1)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))

    def learn(self, x, y):
        self.optimizer.zero_grad()
        F.cross_entropy(self(x), y).backward()
        self.optimizer.step()


torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 1, 6, 6), torch.arange(32) % 3)
loader = DataLoader(data, batch_size=8, shuffle=True)
net = InnerNet()
for epoch in range(2):
    for x, y in loader:
        net.learn(x, y)
