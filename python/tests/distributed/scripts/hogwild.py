"""Children train on the parent's shared memory, each with its own optimizer and loader."""

import sys

import torch
import torch.multiprocessing as mp
import torch.nn.functional as F
from net import dataset
from torch import nn
from torch.utils.data import DataLoader


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.frozen = nn.Linear(36, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(torch.relu(self.frozen(x.flatten(1))))


def train(number, model):
    torch.manual_seed(number)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
    loader = DataLoader(dataset(), batch_size=8, shuffle=True)
    for _ in range(2):
        model.train()
        for images, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Small()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.share_memory()
    context = mp.get_context(sys.argv[1])
    children = [context.Process(target=train, args=(number, model)) for number in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    for name, value in model.state_dict().items():
        print(name, torch.equal(value, before[name]), flush=True)
    sys.exit(max(child.exitcode for child in children))
