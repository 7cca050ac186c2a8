"""Whether an epoch has ended with the pass that ended, told by what the script does next."""

from __future__ import annotations

from typing import Any, Optional

from .course import Course, Wait
from .lengths import may_train
from .passes import Pass


def more_follows(course: Course, one: Pass, unread: list[Any]) -> bool:
    """Whether a pass over another loader may follow `one` in the same epoch.

    An epoch of several loaders, one after the other, ends when the loader that opened it begins
    again. In the first epoch one can only see whether there is a loader to train with that was
    never read; later, the last epoch says.
    """
    if course.sequence is None:
        return any(may_train(loader) for loader in unread)
    return _follows_in_sequence(course, one, None)


def _follows_in_sequence(course: Course, one: Pass, other: Optional[Any]) -> bool:
    """Whether a loader came after that of `one` in the last epoch: `other`, or any for None."""
    loaders = [reference() for reference in course.sequence or []]
    if one.loader is None or one.loader not in loaders:
        return False
    later = loaders[loaders.index(one.loader) + 1 :]
    return any(each is not None and (other is None or each is other) for each in later)


def mode_settles(course: Course, wait: Wait, training: bool) -> bool:
    """Whether a call of `eval()`, or of `train()`, says that the epoch has ended."""
    if wait.reason == "sequence":
        # `train()` stands at the start of the pass over each of the loaders, too.
        return not training
    return wait.ended is course.opener or not course.others(wait.ended)


def ask_settles(course: Course, wait: Wait, one: Pass, anew: bool) -> str:
    """What a batch asked of the pass `one` says, `anew` for its first: `end`, `cancel`, `wait`."""
    others = course.others(wait.ended)
    if wait.reason == "others" and others:
        return _among_others(course, wait, one, anew, others)
    if wait.reason == "sequence":
        opener = course.opener
        if anew and (not one.grad or (opener is not None and one.same_loader(opener))):
            return "end"
        return "wait"
    if anew and one.grad and _continues(course, wait.ended, one):
        wait.reason = "sequence"
        return "wait"
    return "end"


def _continues(course: Course, ended: Pass, one: Pass) -> bool:
    if one.same_loader(ended) or ended.loader is None:
        return False
    if course.sequence is None:
        return one.is_first and one.trains
    return _follows_in_sequence(course, ended, one.loader)


def _among_others(course: Course, wait: Wait, one: Pass, anew: bool, others: list[Pass]) -> str:
    ended, is_opener = wait.ended, wait.ended is course.opener
    if one in others:
        # The one that ended lay inside the loop over this one, or is started again and again.
        return "cancel"
    if anew and one.same_loader(ended):
        active = [each for each in others if each.last_ask > ended.first_ask]
        if is_opener:
            active = [each for each in active if (each.length or 0) > (ended.length or 0)]
        return "cancel" if active else "end"
    return "end" if is_opener else "wait"
