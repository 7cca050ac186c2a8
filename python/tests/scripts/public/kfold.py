import os

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

torch.manual_seed(42)
k_folds = 3
num_epochs = 2
dataset = TensorDataset(torch.randn(90, 10), torch.randint(0, 2, (90,)))
loss_function = nn.CrossEntropyLoss()
results = {}


class SimpleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        return self.out(self.layers(x))


def reset_weights(m):
    for layer in m.children():
        if hasattr(layer, 'reset_parameters'):
            layer.reset_parameters()


def save(network, fold, epoch):
    if "PERMA_TRUTH" in os.environ:
        path = f"{os.environ['PERMA_TRUTH']}/SimpleNet@{fold + 1}.{epoch}.pt"
        torch.save(network.state_dict(), path)


indices = torch.randperm(len(dataset)).chunk(k_folds)
for fold in range(k_folds):
    print(f'FOLD {fold}')
    test_ids = indices[fold].tolist()
    train_ids = torch.cat([indices[i] for i in range(k_folds) if i != fold]).tolist()
    trainloader = DataLoader(Subset(dataset, train_ids), batch_size=10, shuffle=True)
    testloader = DataLoader(Subset(dataset, test_ids), batch_size=10)

    network = SimpleNet()
    network.apply(reset_weights)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    save(network, fold, 0)
    for epoch in range(0, num_epochs):
        current_loss = 0.0
        for i, data in enumerate(trainloader, 0):
            inputs, targets = data
            optimizer.zero_grad()
            loss = loss_function(network(inputs), targets)
            loss.backward()
            optimizer.step()
            current_loss += loss.item()
        print(f'epoch {epoch + 1}: {current_loss:.9f}')
        save(network, fold, epoch + 1)
    torch.save(network.state_dict(), f'./model-fold-{fold}.pth')

    correct, total = 0, 0
    with torch.no_grad():
        for inputs, targets in testloader:
            predicted = network(inputs).argmax(1)
            total += targets.size(0)
            correct += (predicted == targets).sum().item()
    results[fold] = 100.0 * (correct / total)
print(results)
