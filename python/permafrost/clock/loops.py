"""Epochs of frameworks that have a training loop of their own."""

from __future__ import annotations

import weakref
from typing import Any, Callable, Mapping, Optional

from .ports import RegistryPort, TrainingPort


class _Loop:
    """A training loop of a framework that is running."""

    def __init__(self, owner: Any) -> None:
        self.owner = weakref.ref(owner)
        self.epoch = 0
        self.epochs: Optional[int] = None
        self.batches: Optional[int] = None
        self.open = False
        self.steps: "weakref.WeakKeyDictionary[Any, int]" = weakref.WeakKeyDictionary()
        """Of each model that it has trained, the steps in the epoch under way."""
        self.offsets: "weakref.WeakKeyDictionary[Any, int]" = weakref.WeakKeyDictionary()
        """How many epochs a model had trained before, in an earlier loop."""


class Loops:
    """The framework's own numbers are taken over; an earlier loop's epochs count before them."""

    def __init__(
        self, training: TrainingPort, registry: RegistryPort, leave: Callable[[Any], None]
    ) -> None:
        self._training = training
        self._registry = registry
        self._leave = leave
        self._running: list[_Loop] = []
        self._pauses = 0

    def forget(self) -> None:
        """In a forked child: the loops of the parent go on there."""
        self._running.clear()
        self._pauses = 0

    def pause(self) -> None:
        """What is trained from here to `go_on` is thrown away by the framework: no epochs."""
        self._pauses += 1

    def go_on(self) -> None:
        self._pauses = max(0, self._pauses - 1)

    def epoch_begins(
        self,
        owner: Any,
        module: Any,
        epoch: int,
        epochs: Optional[int] = None,
        batches: Optional[int] = None,
    ) -> None:
        """The loop `owner` begins its epoch `epoch` (from 1) of `epochs`, training `module`.

        `module` may be None where it is not known: the models that step are it.
        """
        if self._pauses:
            return
        loop = self._of(owner)
        if loop is None:
            self._running.append(loop := _Loop(owner))
        if loop.open:
            self._close(loop, {}, or_without_step=False)
        loop.epoch, loop.epochs, loop.batches = epoch, epochs, batches
        loop.open = True
        model = self._registry.model_of(module) if module is not None else None
        for each in {*loop.steps, *([model] if model is not None else [])}:
            if each.root is not None:
                self._begin(loop, each)

    def epoch_ends(self, owner: Any, metrics: Optional[Mapping[str, float]] = None) -> None:
        loop = self._of(owner)
        if loop is not None and loop.open and not self._pauses:
            # Statistics move without an optimizer step, too.
            self._close(loop, metrics or {}, or_without_step=True)

    def finished(self, owner: Any) -> None:
        """The loop has ended, in whatever way."""
        loop = self._of(owner)
        if loop is None or self._pauses:
            return
        self._running.remove(loop)
        if loop.open:
            self._close(loop, {}, or_without_step=False)

    def deleting(self, model: Any) -> None:
        """As of the loop by hand: the epoch under way ends with the model."""
        for loop in self._running:
            if loop.open and loop.steps.pop(model, 0) > 0 and model.open:
                self._training.end(model, "fit", {}, "exit")

    def announced(self, model: Any) -> None:
        """`model` is about to make its first step, which may be in a later epoch than 1."""
        loop = self._open_one()
        if loop is not None and not model.open and not self._pauses:
            self._begin(loop, model)

    def stepped(self, model: Any) -> bool:
        """Counts an optimizer step of `model`; whether it was made in a loop of a framework."""
        if self._pauses:
            return True
        if not self._running:
            return False
        loop = self._open_one()
        if loop is None:
            return self.has(model)
        if not model.open or model not in loop.steps:
            self._begin(loop, model)
        loop.steps[model] += 1
        return True

    def has(self, model: Any) -> bool:
        """Whether a framework is training `model`."""
        return self._pauses > 0 or any(model in loop.steps for loop in self._running)

    def _open_one(self) -> Optional[_Loop]:
        """The innermost loop that is in an epoch."""
        return next((each for each in reversed(self._running) if each.open), None)

    def _of(self, owner: Any) -> Optional[_Loop]:
        self._running = [loop for loop in self._running if loop.owner() is not None]
        return next((loop for loop in self._running if loop.owner() is owner), None)

    def _begin(self, loop: _Loop, model: Any) -> None:
        if model not in loop.steps:
            self._leave(model)
            earlier = model.epoch if model.epoch >= loop.epoch else loop.epoch - 1
            loop.offsets[model] = earlier + 1 - loop.epoch
        offset = loop.offsets[model]
        loop.steps[model] = 0
        self._training.begin(
            model,
            epoch=loop.epoch + offset,
            epochs=loop.epochs + offset if loop.epochs is not None else None,
            clock="fit",
            batches=loop.batches,
        )

    def _close(self, loop: _Loop, metrics: Mapping[str, float], or_without_step: bool) -> None:
        loop.open = False
        for model, steps in list(loop.steps.items()):
            if model.open and model.root is not None and (steps > 0 or or_without_step):
                loop.steps[model] = 0
                self._training.end(model, "fit", metrics)
