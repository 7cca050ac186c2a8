"""The passes over loaders that are under way."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any, Callable, Optional

import torch

from .lengths import is_endless, length_of, may_train


class Pass:
    """One pass over a loader: from `iter(loader)` to its end."""

    __slots__ = (
        "_loader",
        "delivered",
        "derived",
        "endless",
        "first_ask",
        "grad",
        "is_first",
        "last_ask",
        "length",
        "over",
        "thread",
        "trains",
    )

    def __init__(self, loader: Any, derived: bool = False) -> None:
        self._loader = weakref.ref(loader)
        self.derived = derived
        """Whether another pass reads it: then that one counts."""
        self.delivered = 0
        """Batches that the script has got."""
        self.length: Optional[int] = None
        """Batches in one pass, when it is known."""
        self.endless = False
        """Whether its end is not the end of an epoch, because it does not come."""
        self.first_ask = 0
        self.last_ask = 0
        """When it was asked for its first and its last batch, as counts of all such questions."""
        self.grad = True
        """Whether gradients were enabled at the last of these: else nothing is trained with it."""
        self.is_first = False
        """Whether its loader had never been read before."""
        self.trains = False
        """Whether the loader looks like one to train with."""
        self.thread = 0
        self.over = False

    @property
    def loader(self) -> Optional[Any]:
        return self._loader()

    def same_loader(self, other: "Pass") -> bool:
        return self.loader is not None and self.loader is other.loader


class Passes:
    """Knows the passes by their iterators, and tells when one is read or ends.

    Iterators and loaders stay as they are: passes are found by the id of the iterator, and a weak
    reference says when the script has let it go.
    """

    def __init__(self, epoch_steps: int) -> None:
        self._epoch_steps = epoch_steps
        self.by_id: dict[int, Pass] = {}
        self._references: dict[int, "weakref.ref[Any]"] = {}
        self._live: list[Pass] = []
        self._unread: dict[int, "weakref.ref[Any]"] = {}
        self.dropped: "deque[Pass]" = deque()
        """Passes that the script let go before their end. Only noted, because it may happen
        anywhere, even inside a garbage collection."""
        self.alert = False
        """Whether the next batch asked for has something to tell."""
        self.asks = 0
        """How many batches have been asked for in all."""
        self.step_thread: Optional[int] = None
        """The thread that trains. Passes read ahead in others tell nothing about it."""
        self.on_asked: Callable[[Pass, bool], None] = lambda each, anew: None
        self.on_finished: Callable[[Pass, str], None] = lambda each, how: None

    def forget(self) -> None:
        """In a forked child: the iterators of the parent are no business of it."""
        self.by_id.clear()
        self._references.clear()
        self._live.clear()
        self.dropped.clear()
        self.step_thread = None

    def loader_made(self, loader: Any) -> None:
        key = id(loader)
        self._unread[key] = weakref.ref(loader, lambda _: self._unread.pop(key, None))

    def unread(self) -> list[Any]:
        """The loaders that exist and have never been read."""
        found = [reference() for reference in list(self._unread.values())]
        return [loader for loader in found if loader is not None]

    def opened(self, iterator: Any, loader: Any, derived: bool = False) -> Pass:
        """A pass over `loader` begins: `iterator` is its own, or has been set back for it."""
        before = self.by_id.get(id(iterator))
        if before is not None:
            self.let_go(before)
        found = self.by_id[id(iterator)] = self.begin(loader, derived)
        self._watch(iterator)
        return found

    def begin(self, loader: Any, derived: bool = False) -> Pass:
        """A pass that only its owner knows. Reads off `loader`, which may be gone at its end."""
        one = Pass(loader, derived)
        one.is_first = self._unread.pop(id(loader), None) is not None
        if not derived:
            one.length = length_of(loader)
            one.endless = is_endless(loader, one.length, self._epoch_steps)
            one.trains = may_train(loader)
        return one

    def moved(self, iterator: Any, loader: Any) -> None:
        """`iterator`, begun as a part of another pass, is what the script reads `loader` with."""
        self.by_id[id(iterator)] = self.begin(loader)

    def _watch(self, iterator: Any) -> None:
        key = id(iterator)
        if key in self._references:
            return

        def gone(_: Any) -> None:
            self._references.pop(key, None)
            found = self.by_id.pop(key, None)
            if found is not None:
                self.let_go(found)

        try:
            self._references[key] = weakref.ref(iterator, gone)
        except TypeError:  # its class has slots: a later object may get its id
            self.by_id.pop(key, None)

    def let_go(self, one: Pass) -> None:
        """The script has given up a pass before its end, by `break` for instance."""
        if not one.over:
            one.over = True
            if one.delivered > 0:
                self.dropped.append(one)
                self.alert = True

    def asked(self, one: Pass) -> None:
        """The script is about to get a batch. On the hot path, once for each of them."""
        self.asks = now = self.asks + 1
        one.last_ask = now
        one.grad = torch.is_grad_enabled()
        if one.first_ask == 0:
            one.first_ask = now
            one.thread = threading.get_ident()
            self._live = [*(each for each in self._live if not each.over), one]
            self._told(one, True)
        elif self.alert:
            self._told(one, False)

    def _told(self, one: Pass, anew: bool) -> None:
        if self.step_thread is None or one.thread == self.step_thread:
            self.on_asked(one, anew)

    def delivered(self, one: Pass) -> None:
        """The script gets a batch; `len(loader)` of them are a pass when the end does not come."""
        one.delivered = count = one.delivered + 1
        length = one.length
        if length is not None and count > length and (count - 1) % length == 0 and not one.endless:
            self._finish(one, "boundary")

    def exhausted(self, one: Pass) -> None:
        if not one.over:
            one.over = True
            self._finish(one, "exhausted")

    def _finish(self, one: Pass, how: str) -> None:
        if self.step_thread is None or one.thread == self.step_thread:
            self.on_finished(one, how)

    @property
    def only(self) -> Optional[Pass]:
        """The pass under way, where there is just one."""
        live = self._live
        return live[0] if len(live) == 1 and not live[0].over else None

    def feeding(self, since: int) -> list[Pass]:
        """The passes read since so many questions, by the thread that trains; outermost first.

        Of two over one loader the later one counts: the script has let the other lie.
        """
        self._live = live = [one for one in self._live if not one.over and not one.derived]
        found: list[Pass] = []
        for one in sorted(live, key=lambda each: each.last_ask):
            if one.last_ask <= since or not one.grad or one.thread != self.step_thread:
                continue
            found = [each for each in found if not each.same_loader(one)]
            found.append(one)
        return found

    @property
    def latest(self) -> Optional[Pass]:
        """The pass that feeds training now."""
        live = [one for one in self._live if not one.over and not one.derived and one.grad]
        return max(live, key=lambda one: one.last_ask, default=None)
