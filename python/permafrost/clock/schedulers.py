"""Steps of learning rate schedulers, where they are a sign of an epoch."""

from __future__ import annotations

import threading
import weakref
from typing import Any, Callable

from torch.optim import lr_scheduler

from ..hook.patching import wrap
from .hand import HandClock
from .ports import FaultsPort, RegistryPort


class Schedulers:
    """A scheduler that has once stepped after a single optimizer step goes by batches."""

    def __init__(self, hand: HandClock, registry: RegistryPort, faults: FaultsPort) -> None:
        self._hand = hand
        self._registry = registry
        self._faults = faults
        self._steps: "weakref.WeakKeyDictionary[Any, dict[Any, int]]" = weakref.WeakKeyDictionary()
        self._by_batch: "weakref.WeakSet[Any]" = weakref.WeakSet()
        self._inside = threading.local()

    def install(self) -> None:
        base = getattr(lr_scheduler, "LRScheduler", None) or lr_scheduler._LRScheduler
        for kind in vars(lr_scheduler).values():
            if not isinstance(kind, type) or "step" not in vars(kind):
                continue
            if issubclass(kind, (base, lr_scheduler.ReduceLROnPlateau)):
                wrap(kind, "step", self._step)

    def _step(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(self._inside, "step", False):
                return original(scheduler, *args, **kwargs)
            self._inside.step = True
            try:
                result = original(scheduler, *args, **kwargs)
            finally:
                self._inside.step = False
            self._faults.run("a step of a scheduler", self._stepped, scheduler)
            return result

        return step

    def _stepped(self, scheduler: Any) -> None:
        optimizer = getattr(scheduler, "optimizer", None)
        if optimizer is None or not self._registry.models or scheduler in self._by_batch:
            return
        parameters = [each for group in optimizer.param_groups for each in group["params"]]
        models = list(self._registry.models_of(parameters))
        before = self._steps.get(scheduler, {})
        now = {model: self._hand.course(model).total for model in models}
        self._steps[scheduler] = now
        since = {model: count - before.get(model, 0) for model, count in now.items()}
        if any(steps == 1 for steps in since.values()):
            self._by_batch.add(scheduler)
        self._hand.scheduled(models, since)
