# model: SpawnNet
# freeze: ["conv.**"]
# intact: 2
# epochs: 2
# alone
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Images(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return torch.full((1, 6, 6), index / 16), index % 3


class SpawnNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu(self.conv(x)).mean((2, 3)))


def main():
    torch.manual_seed(0)
    loader = DataLoader(
        Images(), 8, num_workers=1, multiprocessing_context="spawn", persistent_workers=True
    )
    net = SpawnNet()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for epoch in range(2):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()


if __name__ == "__main__":
    main()
