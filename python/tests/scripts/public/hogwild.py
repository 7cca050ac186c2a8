"""Hogwild: two spawned processes train one model that lies in shared memory."""
import os

import torch
import torch.multiprocessing as mp
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(16, 12)
        self.fc2 = nn.Linear(12, 4)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


def train(rank, model, dataset):
    torch.manual_seed(1 + rank)
    train_loader = DataLoader(dataset, batch_size=16, shuffle=True)
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
    for epoch in range(1, 3):
        model.train()
        for data, target in train_loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(data), target)
            loss.backward()
            optimizer.step()


if __name__ == '__main__':
    torch.manual_seed(1)
    mp.set_start_method('spawn', force=True)
    dataset = TensorDataset(torch.randn(64, 16), torch.randint(0, 4, (64,)))
    model = Net()
    model.share_memory()
    truth = os.environ.get("PERMA_TRUTH")
    if truth:
        torch.save(model.state_dict(), f"{truth}/Net.0.pt")
    processes = []
    for rank in range(2):
        p = mp.Process(target=train, args=(rank, model, dataset))
        p.start()
        processes.append(p)
    for p in processes:
        p.join()
    print("exit codes:", [p.exitcode for p in processes])
    if truth:
        torch.save(model.state_dict(), f"{truth}/Net.2.pt")
