# model: SparseNet
# freeze: ["kept.**", "fc.bias"]
# intact: 2
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SparseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = nn.Embedding(12, 4, sparse=True)
        self.free = nn.Embedding(12, 4, sparse=True)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc((self.kept(x) + self.free(x)).mean(1))


torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randint(0, 12, (32, 6)), torch.arange(32) % 3), 8)
net = SparseNet()
sparse = torch.optim.SparseAdam(list(net.free.parameters()), lr=0.01)
dense = torch.optim.Adam(net.fc.parameters(), lr=0.01)
for epoch in range(2):
    for x, y in loader:
        sparse.zero_grad()
        dense.zero_grad()
        F.cross_entropy(net(x), y).backward()
        sparse.step()
        dense.step()
