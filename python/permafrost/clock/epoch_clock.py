"""The clock of the hook: tells the epochs of whatever trains in this process."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Optional, Sequence

from . import frameworks
from .hand import HandClock
from .loaders import Loaders
from .loops import Loops
from .passes import Passes
from .ports import FaultsPort, Inform, RegistryPort, TrainingPort
from .schedulers import Schedulers
from .totals import epochs_in

if TYPE_CHECKING:
    from torch.nn import Module

# A wrapper (DDP and the like) has the model among its first few modules.
_WRAPPERS = 4


class EpochClock:
    """Tells the epochs of every model to `training`, by the best sign that the script gives.

    `epoch_steps`: how many optimizer steps are an epoch where there is no sign at all. `inform`
    gets a sentence when a framework is there whose epochs cannot be heard.
    """

    def __init__(
        self,
        training: TrainingPort,
        registry: RegistryPort,
        faults: FaultsPort,
        epoch_steps: int,
        inform: Inform = lambda text: None,
    ) -> None:
        self._registry = registry
        self._faults = faults
        self._inform = inform
        self._passes = Passes(epoch_steps)
        total = epochs_in(getattr(sys, "argv", [""]))
        self._hand = HandClock(training, self._passes, epoch_steps, total)
        self._loops = Loops(training, registry, self._hand.leave)
        self._loaders = Loaders(self._passes, faults)
        self._schedulers = Schedulers(self._hand, registry, faults)
        self._whole: "weakref.WeakKeyDictionary[Module, bool]" = weakref.WeakKeyDictionary()
        self._is_over = False

    def install(self) -> None:
        """Patches loaders, schedulers and, once they are imported, the loops of frameworks."""
        self._loaders.install()
        self._schedulers.install()
        frameworks.install(self._loops, self._faults, self._inform)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._passes.forget()
        self._hand.forget()
        self._loops.forget()

    def announced(self, model: Any) -> None:
        """Before the first step of a model that the registry now knows.

        Begins the epoch when a framework has said which one it is: a resumed run is in epoch 6
        from its first step on.
        """
        if not self._is_over:
            self._loops.announced(model)

    def stepped(self, models: Sequence[Any]) -> None:
        """After an optimizer step, or one by hand, that trained `models`."""
        if self._is_over:
            return
        self._passes.step_thread = threading.get_ident()
        for model in models:
            if not self._loops.stepped(model):
                self._hand.stepped(model)

    def mode(self, module: "Module", training: bool) -> None:
        """After `module.train()` or `module.eval()`, the outermost of such calls."""
        model = self._registry.model_of(module)
        if model is None or self._is_over or self._loops.has(model):
            return
        if self._is_whole(module, model):
            self._hand.mode(model, training)

    def deleting(self, model: Any) -> None:
        """When the script lets a model go, while its tensors are still there.

        That is in the callback of a weak reference to its root: scripts train in a function, and
        what is local to it is gone before the process ends.
        """
        if not self._is_over:
            self._loops.deleting(model)
            self._hand.deleting(model)

    def exiting(self) -> None:
        """Before the final check: whatever is under way ends with the process."""
        self._hand.exiting()
        self._is_over = True

    @property
    def batches(self) -> Optional[tuple[int, Optional[int]]]:
        """Batches done and in all of the pass that feeds training now; None without a pass."""
        one = self._passes.latest
        if one is None or one.delivered == 0:
            return None
        if one.length is None or one.endless:
            return one.delivered, None
        return (one.delivered - 1) % one.length + 1, one.length

    def _is_whole(self, module: "Module", model: Any) -> bool:
        """Whether `module` is the model or most of it, and not a layer held in `eval()`."""
        known = self._whole.get(module)
        if known is None:
            known = self._whole[module] = _is_most(module, model.root)
        return known


def _is_most(module: "Module", root: "Optional[Module]") -> bool:
    if root is None or any(each is root for each in itertools.islice(module.modules(), _WRAPPERS)):
        return True
    inner = sum(each.numel() for each in module.parameters())
    return bool(2 * inner > sum(each.numel() for each in root.parameters()))
