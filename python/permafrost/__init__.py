"""Permafrost: freeze parameters of a neural network, and prove from the bytes that they stay.

For scripts as they are, `permafrost run -- python train.py` or `python -m permafrost run -- …`
does everything; nothing has to be imported. In a notebook or a loop of your own:

    import permafrost

    permafrost.freeze(model, ["features.**", "!features.12.bias"])
    ...                                   # the optimizer and the training loop, as ever
    print(permafrost.verify())            # what moved, by name

Importing this package does not import torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union

from .version import VERSION as __version__

if TYPE_CHECKING:
    from torch.nn import Module

    from .api import Report

__all__ = ["__version__", "freeze", "verify"]

Config = Union[str, "Sequence[Union[str, Mapping[str, Any]]]", Mapping[str, Any]]


def freeze(model: "Module", config: Optional[Config] = None) -> None:
    """Freezes what the rules say of `model`, from now on and in every optimizer.

    `config` is the path of a `permafrost.json`, its content as a mapping, or just the list of its
    rules; without it the `permafrost.json` of the working directory is read. Call it after the
    model has its weights and before it is wrapped (DDP, FSDP, torch.compile); the optimizer may be
    made before or after. The references for `verify` are taken now. Epochs are told as in
    `permafrost run`, and the run appears in the editor (`.permafrost/runs` of the working
    directory, when it can be written).

    Raises `permafrost.api.ConfigError` with file, line and column when the config is not valid, a
    rule matches no tensor or everything would be frozen; the model is then as it was. Raises
    `FileNotFoundError` without a config.
    """
    from . import api

    api.freeze(model, config)


def verify() -> "Report":
    """Compares the frozen tensors with their references now.

    Ends the epoch under way, as far as one is. Truth value and `str()` of the result say whether
    all are intact; `findings` holds one entry for each that is not, as in docs/events.md. Raises
    `RuntimeError` when nothing was frozen by `freeze`.
    """
    from . import api

    return api.verify()
