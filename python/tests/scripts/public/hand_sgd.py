"""Gradient descent by hand over mini-batches: no optimizer anywhere."""
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x_train, y_train = torch.randn(128, 20), torch.randint(0, 3, (128,))
bs, lr, epochs = 32, 0.1, 3


class Mnist_Logistic(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin1 = nn.Linear(20, 12)
        self.lin2 = nn.Linear(12, 3)

    def forward(self, xb):
        return self.lin2(torch.tanh(self.lin1(xb)))


model = Mnist_Logistic()
train_dl = DataLoader(TensorDataset(x_train, y_train), batch_size=bs)


def save(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/Mnist_Logistic.{epoch}.pt")


save(0)
for epoch in range(epochs):
    for xb, yb in train_dl:
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= p.grad * lr
            model.zero_grad()
    print(epoch, loss.item())
    save(epoch + 1)
