import gzip
from pathlib import Path

import torch
from torch.utils.data import TensorDataset

BLACK = 16
FILE = Path(__file__).parent / "data" / "digits.csv.gz"


def load_digits(first, last):
    """The images of the digits `first` to `last`, every fifth held out for testing.

    Returns two datasets of `image` [1, 8, 8] from 0 to 1 and `label`, counted from `first`.
    """
    with gzip.open(FILE, "rt") as lines:
        rows = [[int(value) for value in line.split(",")] for line in lines]
    rows = [row for row in rows if first <= row[-1] <= last]
    images = torch.tensor([row[:-1] for row in rows]).float().div(BLACK).view(-1, 1, 8, 8)
    labels = torch.tensor([row[-1] - first for row in rows])
    held_out = torch.arange(len(rows)) % 5 == 0
    return (
        TensorDataset(images[~held_out], labels[~held_out]),
        TensorDataset(images[held_out], labels[held_out]),
    )
