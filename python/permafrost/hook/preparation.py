"""From the making of an optimizer to the first training forward: models found, checked, told."""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import torch
from torch.nn import Module
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer

from .. import distributed
from . import shells
from .early_statistics import EarlyStatistics
from .engine import engine_facts
from .inspection import write_inspection
from .measure import current_tensors
from .tracked import TrackedModel

if TYPE_CHECKING:
    from .session import Session


class Preparation:
    """Freezes as soon as a model is known; takes references when it trains for the first time.

    Between the two a script initialises, casts and loads, so nothing is compared yet. The first
    training forward is seen by `Module.__call__`, which is patched only while a model waits.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._calls = session.process.calls
        self._early = EarlyStatistics()
        self._ids: frozenset[int] = frozenset()
        self._shaped: "weakref.WeakSet[Module]" = weakref.WeakSet()
        """Models with lazy layers that have begun the forward pass which gives them shapes."""
        self.shaping = False
        """Whether the latest forward pass is that one; a step after it is the first of training."""
        self.engine_told = False
        self._busy = False
        self._failures = 0

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """An optimizer has parameters: their models are found and frozen for epoch 1."""
        session = self._session
        record = session.optimizers.record(optimizer)
        if record is None:
            return
        session.steps.forget_models()
        if session.registry.knows(record.parameters()):
            for model in session.registry.models_of(record.parameters()):
                model.by_hand = model.on_trial = False
            for model in session.registry.models:
                if model.announced:
                    session.freezer.hide(model)
                else:
                    # What one optimizer has may be frozen as a whole, and then asks for gradients.
                    session.freezer.apply(model, 1)
        else:
            self._found(session.registry.collect())
        self.arm()

    def wrapping(self, module: Module, kind: str, facts: Mapping[str, Any]) -> None:
        """The script is about to wrap `module` (DDP, FSDP): too late to freeze after that."""
        session = self._session
        known = session.registry.knows(module.parameters())
        session.registry.wrapped(module, kind)
        session.registry.name_now(module)
        if kind == "ddp":
            session.freezer.ddp.add(module)
        if known:
            for model in session.registry.models_of(module.parameters()):
                model.wraps.add(kind)
                session.freezer.apply(model, max(1, model.epoch))
        else:
            self._found(session.registry.collect())
        self.arm()

    def flattening(self, parameters: Sequence[torch.Tensor], use_orig_params: bool) -> None:
        """FSDP1 is about to lay parameters into one, which may be impossible to freeze as asked."""
        session = self._session
        tracked = {id(t.tensor()): t for model in session.registry.models for t in model.tensors}
        members = [
            (each.name, each.spans)
            for tensor in parameters
            if (each := tracked.get(id(tensor))) is not None
        ]
        refusal = distributed.check_fsdp1(members, use_orig_params)
        if refusal is not None:
            session.gate.refuse(refusal)

    def freeze_now(self, module: Module) -> None:
        """`permafrost.freeze` of this module: no need to wait for it to train."""
        self._session.registry.wrapped(module, "api")
        self._session.registry.name_now(module)
        self._session.optimizers.adopt(module.parameters())
        self._found(self._session.registry.collect())
        self.announce()

    def trained_by_hand(self, parameters: list[torch.Tensor]) -> list[TrackedModel]:
        """A backward pass without any optimizer: the script updates the parameters itself."""
        models = self._session.registry.collect(parameters)
        for model in models:
            model.by_hand = True
        self._found(models)
        return models

    def _found(self, models: list[TrackedModel]) -> None:
        for model in models:
            self._session.freezer.apply(model, 1)

    def arm(self) -> None:
        """Waits for the first training forward of the models that have not trained yet."""
        waiting = self._session.registry.waiting
        self._ids = frozenset(key for model in waiting for key in model.module_ids)
        if waiting:
            self._early.clear()
            self._calls.listen(self._forward)
        elif self._session.optimizers.any or self._session.registry.models:
            self._nothing_waits()

    def _nothing_waits(self) -> None:
        """Forward passes are seen from now only where the script may train models by hand."""
        self._session.gradients.look()
        if self._session.steps.by_hand.expected:
            self._calls.listen(self._forward)
        else:
            self._calls.stop()

    def watch_from_the_start(self) -> None:
        """Until an optimizer or a backward pass shows what trains, statistics are remembered."""
        self._calls.listen(self._early_forward)

    def _early_forward(self, module: Module, outermost: bool) -> None:
        if outermost:
            self._session.faults.run("an early forward pass", self._early.before_forward, module)
            self._by_hand(module)

    def _forward(self, module: Module, outermost: bool) -> None:
        if outermost:
            self.shaping = bool(self._ids) and self._shapes(module)
        if (
            id(module) in self._ids
            and not self.shaping
            and not distributed.prepares_forward(module)
        ):
            self.announce()
        if outermost:
            self._by_hand(module)

    def _shapes(self, module: Module) -> bool:
        """Whether a forward pass gives lazy layers their shapes: the next one is the first then."""
        model = self._session.registry.model_of(module)
        root = model.root if model is not None else None
        if root is None or root in self._shaped:
            return False
        lazy = any(map(is_lazy, root.parameters())) or any(map(is_lazy, root.buffers()))
        if lazy:
            self._shaped.add(root)
        return lazy

    def _by_hand(self, module: Module) -> None:
        by_hand = self._session.steps.by_hand
        if by_hand.expected:
            self._session.faults.run("a forward pass", by_hand.forward, module)

    def announce(self) -> None:
        """The models that wait begin to train: checked against the config, told, compared from now.

        In an inspection, and when the config does not fit, the process ends here.
        """
        if self._busy or self._failures > 2:
            return
        self._busy = True
        faults = self._session.faults.count
        try:
            self._session.faults.run("the first training step", self._announce)
            self._failures += self._session.faults.count > faults
        finally:
            self._busy = self.shaping = False
            self._ids = frozenset()
            self._nothing_waits()

    def _announce(self) -> None:
        session = self._session
        session.know_rank()
        by_hand = [model for model in session.registry.waiting if model.by_hand]
        extra = [
            tensor
            for model in by_hand
            for each in model.tensors
            if each.script_trains and (tensor := each.tensor()) is not None
        ]
        models = session.registry.collect(extra)
        handed = session.registry.models_with(session.optimizers.trained())
        expected = bool(by_hand) or session.steps.by_hand.expected
        for model in models:
            model.by_hand = expected and model not in handed and not model.sharded
        self._found(models)
        for model in models:
            self._early.put_back(model)
        self._early.clear()
        session.registry.forget_dead()
        if session.settings.mode == "inspect":
            self._leave()
        session.process.start()
        session.norms.forget()
        session.gate.check(session.registry.models)
        session.gate.check_anything_trains(session.registry.models)
        for model in models:
            session.training.prepare(model)
            self._begin(model)
        if not session.settings.rank:
            self._inspect()
        session.steps.forget_models()

    def trial_passed(self, model: TrackedModel) -> None:
        """A model that is frozen and compared since its first gradient is seen to train."""
        self._session.faults.run("the first step by hand", self._trial_passed, model)

    def _trial_passed(self, model: TrackedModel) -> None:
        model.on_trial = False
        self._session.process.start()
        self._session.gate.check(self._session.registry.models)
        self._begin(model)
        if not self._session.settings.rank:
            self._inspect()

    def _begin(self, model: TrackedModel) -> None:
        session = self._session
        if not self.engine_told:
            session.sink.write("engine", **engine_facts(model))
            self.engine_told = True
        self._tell(model)
        model.announced = True
        session.clock.announced(model)
        if (root := model.root) is not None:
            weakref.finalize(root, self._gone, model, os.getpid()).atexit = False

    def _gone(self, model: TrackedModel, process: int) -> None:
        if not model.announced or process != os.getpid():
            return
        session = self._session
        session.faults.run("the last look at a model", self._last_look, model)

    def _last_look(self, model: TrackedModel) -> None:
        if model.shells:
            shells.move_in(model)
        if current_tensors(model):
            self._session.clock.deleting(model)
        self._session.training.deleted(model)

    def _tell(self, model: TrackedModel) -> None:
        trained = [each for each in model.tensors if each.script_trains]
        self._session.sink.write(
            "model",
            model=model.name,
            className=model.class_name,
            tensors=[each.json() for each in model.tensors],
            frozen={
                each.name: [
                    {"from": span.from_, "until": span.until, "rule": span.rule}
                    for span in each.spans
                ]
                for each in model.tensors
                if each.spans
            },
            matched=model.matched,
            trainableBefore=sum(each.elements for each in trained),
            trainableAfter=sum(each.elements for each in trained if not each.frozen_at(1)),
        )

    def inspect_at_exit(self) -> None:
        """An inspection of a script that ends without training shows the models it has found."""
        if self._session.settings.mode == "inspect":
            self._inspect()

    def _inspect(self) -> None:
        session = self._session
        file = session.settings.inspection
        if file is None or not session.registry.models or session.settings.rank:
            return
        try:
            models = [model for model in session.registry.models if not model.on_trial]
            write_inspection(file, session.settings.command, models)
        except OSError as error:
            session.sink.write(
                "message",
                level="warning",
                code="inspection",
                text=f"The inspection cannot be written: {error}",
            )

    def _leave(self) -> None:
        """Ends an inspection before anything trains."""
        self._inspect()
        self._session.process.start()
        self._session.sink.write("stopped", reason="inspected")
        self._session.sink.write("process-ended", code=0)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(0)
