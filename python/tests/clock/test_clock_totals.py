"""The number of epochs by the command line."""

from __future__ import annotations

import pytest

from permafrost.clock.totals import epochs_in


@pytest.mark.parametrize(
    ("line", "epochs"),
    [
        ("--epochs 10", 10),
        ("--epochs=10", 10),
        ("--lr 0.1 --num-epochs 7 --seed 3", 7),
        ("--num_epochs 7", 7),
        ("--max_epochs=12", 12),
        ("--num_train_epochs 3", 3),
        ("--n-epochs 4", 4),
        ("--nepochs 4", 4),
        ("--number-of-epochs 4", 4),
        ("trainer.max_epochs=9", 9),
        ("epochs=9", 9),
        ("--trainer.max_epochs 9", 9),
        ("--start-epoch 5", None),
        ("--warmup-epochs 5 --epochs 90", 90),
        ("--save-epochs=2", None),
        ("--epochs", None),
        ("--epochs ten", None),
        ("--epochs 0", None),
        ("epochs 10", None),
        ("", None),
    ],
)
def test_command_lines(line: str, epochs: int) -> None:
    assert epochs_in(["train.py", *line.split()]) == epochs
