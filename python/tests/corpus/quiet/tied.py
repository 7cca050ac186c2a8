# model: TiedNet
# freeze: ["embed.weight"]
# intact: 1
# epochs: 2
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TiedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(12, 8)
        self.mix = nn.Linear(8, 8)
        self.head = nn.Linear(8, 12, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, x):
        return self.head(torch.tanh(self.mix(self.embed(x))))


torch.manual_seed(0)
tokens = torch.randint(0, 12, (32, 6))
loader = DataLoader(TensorDataset(tokens), batch_size=8)
net = TiedNet()
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
for epoch in range(2):
    for (x,) in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x).flatten(0, 1), x.flatten()).backward()
        optimizer.step()
