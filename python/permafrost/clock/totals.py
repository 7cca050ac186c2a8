"""How many epochs the script was asked for, by its command line."""

from __future__ import annotations

import re
from typing import Optional, Sequence

# `--epochs`, `--num-epochs`, `--max_epochs`, `--nepochs`, and hydra's `trainer.max_epochs`; not
# `--start-epoch`, `--warmup-epochs`, `--save-epochs`.
_NAME = re.compile(
    r"(?:--?)?(?:[\w-]+\.)*(?:(?:n|nb|num|number|max|total|train|training|of)[-_]?)*epochs?",
    re.IGNORECASE,
)


def epochs_in(argv: Sequence[str]) -> Optional[int]:
    """The number of epochs that a command line asks for, or None when it says nothing.

    Understands `--epochs 10`, `--num-epochs=10`, `--max_epochs 10` and `epochs=10`. It is good for
    showing "epoch 3 of 10" and for nothing else: the script may do with the number what it likes.
    """
    for index, word in enumerate(argv[1:], start=1):
        name, equals, value = word.partition("=")
        if not equals:
            if not word.startswith("-"):
                continue
            value = argv[index + 1] if index + 1 < len(argv) else ""
        if _NAME.fullmatch(name) and value.isdecimal() and int(value) > 0:
            return int(value)
    return None
