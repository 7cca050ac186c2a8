"""`python train_and_tell.py CASE...`: trains a small network and prints all that could differ.

A case is `optimizer` or `optimizer+what`: losses, weights, optimizer state and the states of all
random generators are printed bit by bit, one line for each. With HAND_FROZEN=1 the script freezes
`conv` and `bn` itself.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
    "fused": lambda p: torch.optim.AdamW(p, lr=0.01, fused=True),
    "foreach": lambda p: torch.optim.AdamW(p, lr=0.01, foreach=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
}


class Images(Dataset):
    """Images that are drawn anew in each worker, from the generators of torch and of Python."""

    def __len__(self) -> int:
        return 32

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.randn(1, 6, 6) + random.random(), index % 3


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.hidden = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5))
        self.fc = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.hidden(F.relu(self.bn(self.conv(x))).mean((2, 3))))


def train(case: str) -> None:
    name, _, what = case.partition("+")
    torch.manual_seed(7)
    random.seed(7)
    net = Net()
    by_hand = "HAND_FROZEN" in os.environ
    if by_hand:
        net.conv.requires_grad_(False)
        net.bn.requires_grad_(False)
    optimizer = OPTIMIZERS[name]([p for p in net.parameters() if p.requires_grad])
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.9)
    loader = DataLoader(
        Images(), batch_size=8, shuffle=True, num_workers=2 if what == "workers" else 0
    )
    for epoch in range(1, 4):
        net.train()
        if by_hand:
            net.bn.eval()
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            if what == "clipped":
                norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.1)
                tell(case, epoch, "norm", norm.item().hex())
            optimizer.step()
            tell(case, epoch, "loss", loss.item().hex())
        scheduler.step()
        net.eval()
        with torch.no_grad():
            tell(case, epoch, "held out", net(torch.ones(1, 1, 6, 6)).tolist())
        tell(case, epoch, "weights", digest(net.state_dict()))
        if not by_hand and "RULES" not in os.environ:
            tell(case, epoch, "optimizer", digest(optimizer.state_dict()))
        tell(case, epoch, "torch", digest(torch.get_rng_state()))
        tell(case, epoch, "python", digest(random.getstate()))
    tell(case, 3, "train()", repr(net))
    tell(case, 3, "flags", [p.requires_grad for p in net.fc.parameters()])


def tell(case: str, epoch: int, what: str, value: Any) -> None:
    print(case, epoch, what, value)


def digest(value: Any) -> str:
    """A hash of all bytes in nested containers."""
    found = hashlib.sha256()

    def add(each: Any) -> None:
        if isinstance(each, torch.Tensor):
            found.update(f"{each.dtype}{tuple(each.shape)}".encode())
            found.update(each.detach().clone().contiguous().numpy().tobytes())
        elif isinstance(each, dict):
            for key, item in each.items():
                found.update(repr(key).encode())
                add(item)
        elif isinstance(each, (list, tuple)):
            for item in each:
                add(item)
        else:
            found.update(repr(each).encode())

    add(value)
    return found.hexdigest()


if __name__ == "__main__":
    for each in sys.argv[1:]:
        train(each)
