"""`python stage.py NAME...`: performs these movers one after another.

Prints after each epoch which tensors of the state dict differ from those before the span in which
they are frozen, as one JSON object a line: {"mover", "epoch", "moved"}. With NAIVE=1 it freezes by
`requires_grad` itself, as one would without Permafrost.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from movers import all_movers
from movers.mover import EPOCHS, Mover


def perform(mover: Mover) -> None:
    name = type(mover).__name__
    torch.manual_seed(0)
    net: Any = mover.net()
    net.__class__ = type(name, (type(net),), {})
    optimizer = mover.optimizer(net)
    loader = mover.loader()
    first, _ = mover.span
    for epoch in range(1, EPOCHS + 1):
        if epoch == first:
            before = state(net)
            if os.environ.get("NAIVE"):
                for each, p in net.named_parameters():
                    p.requires_grad_(not each.startswith(mover.frozen))
        net.train()
        mover.at_epoch(net, optimizer, epoch)
        for batch, (x, y) in enumerate(loader):
            mover.train_on(net, optimizer, x, y)
            mover.after_batch(net, optimizer, epoch, batch)
        if epoch == EPOCHS:
            mover.after_training(net)
        if epoch >= first:
            now = state(net)
            moved = [each for each in before if before[each] != now.get(each)]
            print(json.dumps({"mover": name, "epoch": epoch, "moved": moved}), flush=True)


def state(net: Any) -> dict[str, tuple[str, bytes]]:
    """The bytes of every tensor; of copies, since numpy would make the live storage unresizable."""
    return {
        name: (str(tensor.dtype), tensor.detach().clone().numpy().tobytes())
        for name, tensor in net.state_dict().items()
    }


def main() -> None:
    by_name = {each.__name__: each for each in all_movers()}
    failed = False
    for name in sys.argv[1:]:
        try:
            perform(by_name[name]())
        except Exception:  # the others of the group are to be performed all the same
            failed = True
            traceback.print_exc()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
