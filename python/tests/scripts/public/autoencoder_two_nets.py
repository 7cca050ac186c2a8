import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(12, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.out = nn.Linear(16, 4)

    def forward(self, x):
        return self.out(self.stem(x))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.out = nn.Linear(16, 12)

    def forward(self, z):
        return self.out(self.stem(z))


def checkpoint(epoch):
    folder = os.environ.get('PERMA_TRUTH')
    if folder:
        torch.save(encoder.state_dict(), f'{folder}/Encoder.{epoch}.pt')
        torch.save(decoder.state_dict(), f'{folder}/Decoder.{epoch}.pt')


encoder, decoder = Encoder(), Decoder()
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.SGD(params, lr=0.05, momentum=0.9, weight_decay=1e-2)
loader = DataLoader(TensorDataset(torch.randn(48, 12)), batch_size=8, shuffle=True)

checkpoint(0)
for epoch in range(3):
    for (x,) in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(decoder(encoder(x)), x)
        loss.backward()
        grad_norm = sum(p.grad.norm().item() ** 2 for p in params) ** 0.5
        optimizer.step()
    print('epoch %d loss %.4f grad norm %.4f' % (epoch, loss.item(), grad_norm))
    checkpoint(epoch + 1)
