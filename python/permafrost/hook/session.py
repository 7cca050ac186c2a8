"""The hook once it is awake: composes the parts and hands them what torch does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.nn import Module

from .. import distributed
from ..clock import EpochClock
from ..settings import Settings
from . import gate
from .causes import Causes
from .freezer import Freezer
from .gate import ConfigGate
from .gradients import Gradients
from .loads import Loads
from .measure import Measure
from .norms import NormHolder
from .optimizers import Optimizers
from .preparation import Preparation
from .rebase import Rebase
from .registry import ModelRegistry
from .steps import Steps
from .training import Training

if TYPE_CHECKING:
    from .process import Process


class Session:
    """Everything that Permafrost does in this process from the first sign of training on."""

    def __init__(self, process: "Process") -> None:
        settings = process.settings
        self.process = process
        self.sink = process.sink
        self.faults = process.faults
        self.gate = ConfigGate(settings.config_text, settings.config_file, self.sink)
        self.optimizers = Optimizers(self.faults)
        self.norms = NormHolder()
        self.causes = Causes()
        self.measure = Measure(settings.budget, self.causes)
        self.registry = ModelRegistry(self.gate.config.rules, self.optimizers)
        self.freezer = Freezer(self.optimizers, self.norms)
        self.training = Training(
            self.gate,
            self.sink,
            self.measure,
            self.freezer,
            self.causes,
            self.faults,
            tells_progress=not settings.rank,
        )
        self.clock = EpochClock(
            self.training, self.registry, self.faults, self.gate.config.epoch_steps, self._inform
        )
        self.training.batches = lambda: self.clock.batches
        self.preparation = Preparation(self)
        self.gradients = Gradients(self.faults)
        self.steps = Steps(self)
        self.loads = Loads(self.faults)
        self.rebase = Rebase(self)

    @property
    def settings(self) -> Settings:
        """The run that this process belongs to."""
        return self.process.settings

    def install(self) -> None:
        """Patches torch."""
        self.optimizers.install()
        self.norms.install()
        self.gradients.install()
        self.loads.install()
        distributed.install(self.preparation.wrapping, self.faults, self.preparation.flattening)
        self.norms.on_mode = self._mode
        if self.gate.config.rules:
            self.preparation.watch_from_the_start()
        self.faults.run("finding the epochs", self.clock.install)

    def begin_anew(self, settings: Settings) -> None:
        """Other rules, in a run of their own: everything is let go of first."""
        for model in self.registry.models:
            for each in model.tensors:
                each.spans = ()
            if model.alive:
                self.freezer.apply(model, 1)
            self.measure.release(model.tensors)
            model.announced = False
        self.sink.write("run-ended", code=0, signal=None)
        self.registry.models.clear()
        self.preparation.engine_told = False
        self.process.goes_on_as(settings)
        self.gate.load(settings.config_text, settings.config_file)
        self.registry.use(self.gate.config.rules)

    def know_rank(self) -> None:
        """Takes on the rank of the process group: `mp.spawn` tells no child of it beforehand."""
        facts = distributed.rank_facts()
        if facts is None or facts.rank == self.settings.rank:
            return
        if self.process.started:
            self.sink.write("process-ended", code=0)
        self.process.goes_on_as(self.settings.ranked(facts.rank, facts.world_size, facts.attempt))
        self.training.tells_progress = not facts.rank

    def end(self) -> int:
        """The process is about to end: the last checks. Returns the code that it ends with."""
        self.faults.run("an inspection", self.preparation.inspect_at_exit)
        self.faults.run("the last epoch", self.clock.exiting)
        for model in list(self.registry.models):
            if model.alive:
                self.faults.run("the final check", self.training.final_check, model)
        self.faults.run(
            "the final check of the rules", self.gate.tell_unmatched, self.registry.models
        )
        return gate.exit_code

    def failed(self, *error: Any) -> None:
        """An uncaught exception is about to end the process: its class, itself, its traceback."""
        gate.exit_code = 1
        self.faults.run("reading a failure", self.steps.failed, *error)

    def _inform(self, text: str) -> None:
        self.sink.write("message", level="info", code="clock", text=text)

    def _mode(self, module: Module, training: bool) -> None:
        if self.registry.models and self.registry.model_of(module) is not None:
            self.faults.run("a change of mode", self.clock.mode, module, training)

    def forked(self) -> None:
        """In a forked child: what the parent trains is not under way here."""
        for model in self.registry.models:
            model.announced = False
            model.open = False
            model.epoch = model.steps = 0
            for each in model.tensors:
                each.reference = None
        self.preparation.arm()
