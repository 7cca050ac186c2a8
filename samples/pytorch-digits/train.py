"""Fine-tunes the network of pretrain.py, which knows 0 to 4, to the digits 5 to 9."""

import argparse
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

from digits import load_digits
from resnet import DigitNet

HERE = Path(__file__).parent


def train(model, loader, optimizer):
    """One epoch; returns the mean loss."""
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader):
    """The share of images that are named rightly."""
    model.eval()
    right = 0
    for images, labels in loader:
        right += (model(images).argmax(dim=1) == labels).sum().item()
    return right / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    train_set, test_set = load_digits(5, 9)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=256)

    model = DigitNet(num_classes=5)
    model.load_state_dict(torch.load(HERE / "pretrained" / "digits_0_to_4.pt"))
    model.fc = nn.Linear(model.fc.in_features, 5)

    optimizer = torch.optim.SGD(
        model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.weight_decay
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)

    print(f"before: accuracy {evaluate(model, test_loader):.3f}")
    for epoch in range(1, args.epochs + 1):
        loss = train(model, train_loader, optimizer)
        scheduler.step()
        accuracy = evaluate(model, test_loader)
        print(f"epoch {epoch}/{args.epochs}: loss {loss:.3f}, accuracy {accuracy:.3f}")
    torch.save(model.state_dict(), HERE / "finetuned.pt")


if __name__ == "__main__":
    main()
