"""What the clock remembers of one model."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any, Optional

from .passes import Pass, Passes

STALE = 50
"""A pass that was not asked for a batch in so many steps does not feed the loop any more."""


@dataclass
class Feed:
    """What a pass has fed a model with in the epoch under way."""

    first: int
    """Batches that it had delivered at the first step with it, counted in this epoch."""
    before: int
    """Batches that it had delivered before this epoch."""
    steps: int = 0
    delivered: int = 0
    """Batches that it had delivered at the last step, in all."""
    since: int = 0
    """Steps since the last batch."""


@dataclass
class Wait:
    """A pass has ended; what the script does next tells whether the epoch has, too."""

    ended: Pass
    reason: str
    """`others` while other passes feed the epoch as well, `sequence` while another loader may
    follow in it, `trailing` while a step may be left over, `dropped` when it was given up."""


@dataclass(eq=False)
class Course:
    """Where one model is in training, as far as no framework tells."""

    model: Any
    rung: Optional[str] = None
    """The clock that has told its epochs so far."""
    told: Optional[str] = None
    """The clock that the epoch under way was announced with."""
    steps: int = 0
    """Optimizer steps in the epoch under way."""
    total: int = 0
    """Optimizer steps in all."""
    seen: int = 0
    """How many batches had been asked for in the process at its last step."""
    feeds: dict[Pass, Feed] = field(default_factory=dict)
    """The passes that feed the epoch, the one that opened it first."""
    trained: list["weakref.ref[Any]"] = field(default_factory=list)
    """The loaders of the epoch under way, in the order of their passes."""
    sequence: Optional[list["weakref.ref[Any]"]] = None
    """Those of the last epoch that passes have told."""
    wait: Optional[Wait] = None
    trailing: int = 0
    """Steps since the end of the last pass, without another."""
    short: int = 0
    """Epochs of one step in a row that calls of `train()` and `eval()` have told."""
    demoted: bool = False
    """Whether these calls are not believed any more."""

    @property
    def opener(self) -> Optional[Pass]:
        return next(iter(self.feeds), None)

    @property
    def last_clock(self) -> str:
        """What ends the epoch when nothing follows: a loader read to its end counts as a pass."""
        one = self.opener
        whole = one is not None and one.length is not None and one.delivered % one.length == 0
        return "dataset" if whole and one is not None and not one.endless else "exit"

    @property
    def pass_under_way(self) -> Optional[Pass]:
        """The pass over a loader that the epoch lies in, if any."""
        for one, feed in self.feeds.items():
            if not one.over and not one.endless and feed.since <= STALE:
                return one
        return None

    def pass_may_tell(self, epoch_steps: int) -> Optional[Pass]:
        """The pass whose end is worth waiting for; of unknown length, not for ever."""
        one = self.pass_under_way
        if one is not None and one.length is None and self.steps > epoch_steps:
            return None
        return one

    def others(self, one: Pass) -> list[Pass]:
        """The passes beside `one` that go on feeding the epoch."""
        return [each for each in self.feeds if each is not one and not each.over]

    def goes_on(self, one: Pass, passes: Passes) -> bool:
        """The quick way of a step with the next batch of `one`, the only pass under way."""
        feed = self.feeds.get(one)
        if feed is None or len(self.feeds) > 1 or one.last_ask <= self.seen or not one.grad:
            return False
        if one.thread != passes.step_thread or one.endless:
            return False
        self.seen = passes.asks
        self.total += 1
        self.steps += 1
        feed.steps += 1
        feed.since = 0
        feed.delivered = one.delivered
        return True

    def fed_by(self, passes: list[Pass]) -> None:
        """A step has been made with the last batches of `passes`."""
        for one in passes:
            feed = self.feeds.get(one)
            if feed is None:
                before = one.delivered - 1 if one.length is None else self._before(one)
                self.feeds[one] = feed = Feed(first=one.delivered - before, before=before)
                if not any(known() is one.loader for known in self.trained):
                    self.trained.append(_reference(one.loader))
            feed.since = 0
        for one, feed in self.feeds.items():
            if one.over:
                continue
            feed.steps += 1
            feed.since += 1
            feed.delivered = one.delivered

    @staticmethod
    def _before(one: Pass) -> int:
        return (one.delivered - 1) // one.length * one.length if one.length else 0

    def may_trail(self, one: Pass) -> bool:
        """Whether steps with batches of `one`, which is exhausted, may be still to come.

        Gradients may have been gathered in the last batches without a step, or the script may
        read ahead, so that each step comes after the next batch.
        """
        feed = self.feeds.get(one)
        if feed is None:
            return False
        if feed.delivered < one.delivered:
            return True
        return feed.first > 1 and feed.steps == one.delivered - feed.before - (feed.first - 1)

    def close(self) -> None:
        """The epoch under way has ended."""
        self.steps = 0
        self.feeds = {}
        self.trained = []
        self.wait = None
        self.trailing = 0


def _reference(loader: Optional[Any]) -> Any:
    return (lambda: None) if loader is None else weakref.ref(loader)
