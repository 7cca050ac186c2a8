"""Graph convolution on one graph: an epoch is a single step on everything."""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(12)
n = 60
adjacency = (torch.rand(n, n) < 0.1).float()
adjacency = ((adjacency + adjacency.t() + torch.eye(n)) > 0).float()
degree = adjacency.sum(1).pow(-0.5)
adjacency = degree[:, None] * adjacency * degree[None, :]
features = torch.randn(n, 12)
labels = (features[:, 0] > 0).long()
train_mask = torch.arange(n) < 40


class GCNConv(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.lin = nn.Linear(in_channels, out_channels, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x, adj):
        return adj @ self.lin(x) + self.bias


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = GCNConv(12, 16)
        self.norm = nn.BatchNorm1d(16)
        self.conv2 = GCNConv(16, 2)

    def forward(self, x, adj):
        x = F.relu(self.norm(self.conv1(x, adj)))
        x = F.dropout(x, training=self.training)
        return F.log_softmax(self.conv2(x, adj), dim=1)


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)


def train():
    model.train()
    optimizer.zero_grad()
    out = model(features, adjacency)
    loss = F.nll_loss(out[train_mask], labels[train_mask])
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def test():
    model.eval()
    pred = model(features, adjacency).argmax(dim=1)
    return [(pred[mask] == labels[mask]).float().mean().item() for mask in (train_mask, ~train_mask)]


def save(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/GCN.{epoch}.pt")


save(0)
for epoch in range(1, 21):
    loss = train()
    train_acc, test_acc = test()
    print(f'Epoch: {epoch:02d}, Loss: {loss:.7f}, Train: {train_acc:.4f}, Test: {test_acc:.4f}')
    save(epoch)
