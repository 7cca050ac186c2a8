"""Trains the network on the digits 0 to 4 and saves it to pretrained/."""

from pathlib import Path

import torch
from torch.utils.data import DataLoader

from digits import load_digits
from resnet import DigitNet
from train import evaluate, train

EPOCHS = 12


def main():
    torch.manual_seed(0)
    train_set, test_set = load_digits(0, 4)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=256)

    model = DigitNet(num_classes=5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    for epoch in range(1, EPOCHS + 1):
        train(model, train_loader, optimizer)
        print(f"epoch {epoch}/{EPOCHS}: held-out accuracy {evaluate(model, test_loader):.3f}")
    torch.save(model.state_dict(), Path(__file__).parent / "pretrained" / "digits_0_to_4.pt")


if __name__ == "__main__":
    main()
