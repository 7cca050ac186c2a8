"""How many batches a pass over a loader has, found without changing anything."""

from __future__ import annotations

from typing import Any, Optional

from torch.utils.data import IterableDataset, SequentialSampler

# So many times as many samples as the dataset has are not a pass over it any more.
_OVERSAMPLED = 3
_NEVER_ENDING = 10**7


def length_of(loader: Any) -> Optional[int]:
    """The number of batches in a pass over `loader`, or None when nobody knows.

    An IterableDataset is not asked: a DataLoader remembers that its length was asked for, and
    warns later when the stream is longer.
    """
    if isinstance(getattr(loader, "dataset", None), IterableDataset):
        return None
    try:
        length = len(loader)
    except Exception:  # samplers without a length, or with a broken one
        return None
    return length if 0 < length < _NEVER_ENDING else None


def is_endless(loader: Any, length: Optional[int], epoch_steps: int) -> bool:
    """Whether a pass is as long as the script likes, as with a sampler that draws for ever.

    `length` is in batches. One pass of such a loader lasts for the whole training.
    """
    if length is None or length <= epoch_steps:
        return False
    try:
        return len(loader.sampler) > _OVERSAMPLED * len(loader.dataset)
    except Exception:
        return False


def may_train(loader: Any) -> bool:
    """Whether `loader` looks like one to train with: it does not read its dataset in order."""
    sampler = getattr(loader, "sampler", None)
    if isinstance(getattr(loader, "dataset", None), IterableDataset):
        return False
    batches = getattr(loader, "batch_sampler", None)
    inner = getattr(batches, "sampler", None)
    for each in (sampler, inner):
        if each is not None and not isinstance(each, SequentialSampler):
            return bool(getattr(each, "shuffle", True))
    return False
