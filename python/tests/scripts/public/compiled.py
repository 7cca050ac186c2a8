import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean(dim=(2, 3)))


model = ConvNet()
compiled_model = torch.compile(model, backend=os.environ.get("BACKEND", "aot_eager"))
optimizer = torch.optim.AdamW(compiled_model.parameters(), lr=1e-2)
loader = DataLoader(
    TensorDataset(torch.randn(64, 3, 8, 8), torch.randint(0, 4, (64,))), 16, shuffle=True
)
epochs = 3


def save(epoch):
    if "PERMA_TRUTH" in os.environ:
        torch.save(model.state_dict(), f"{os.environ['PERMA_TRUTH']}/ConvNet.{epoch}.pt")


save(0)
for epoch in range(epochs):
    compiled_model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(compiled_model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"{epoch}: {total / len(loader):.9f}")
    save(epoch + 1)
