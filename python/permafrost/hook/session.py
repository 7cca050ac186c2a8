"""The hook in one process: composes the parts and hands them what torch does."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import platform
import sys
from typing import Any, Optional

from torch.nn import Module

from .. import distributed
from ..clock import EpochClock
from ..events import EventSink
from ..settings import Settings, read_settings
from . import gate
from .causes import Causes
from .faults import Faults
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


class Session:
    """Everything that Permafrost does in this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sink = EventSink(settings)
        self.faults = Faults(self.sink)
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
        self._started = False
        self._ended = False
        self._pid = os.getpid()

    def install(self) -> None:
        """Patches torch, and says that the hook is here."""
        self.optimizers.install()
        self.norms.install()
        self.gradients.install()
        self.loads.install()
        distributed.install(self.preparation.wrapping, self.faults, self.preparation.flattening)
        self.norms.on_mode = self._mode
        if self.gate.config.rules:
            self.preparation.watch_from_the_start()
        self.faults.run("finding the epochs", self.clock.install)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.end)
        _note_failures(self)
        if not _is_helper_process():
            self.start()

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
        self.settings = settings
        self.sink.reopen(settings)
        self.gate.load(settings.config_text, settings.config_file)
        self.registry.use(self.gate.config.rules)
        self._started = False

    def know_rank(self) -> None:
        """Takes on the rank of the process group: `mp.spawn` tells no child of it beforehand."""
        facts = distributed.rank_facts()
        if facts is None or facts.rank == self.settings.rank:
            return
        if self._started:
            self.sink.write("process-ended", code=0)
            self._started = False
        self.settings = self.settings.ranked(facts.rank, facts.world_size, facts.attempt)
        self.sink.reopen(self.settings)
        self.training.tells_progress = not facts.rank

    def start(self) -> None:
        """Says once that this process has the hook; children of multiprocessing when they train."""
        if self._started:
            return
        self._started = True
        settings = self.settings
        rank: dict[str, Any] = {}
        if settings.rank is not None:
            rank = {"rank": settings.rank, "host": platform.node()}
            if settings.world_size is not None:
                rank["worldSize"] = settings.world_size
            if settings.attempt is not None:
                rank["attempt"] = settings.attempt
        self.sink.write(
            "process-started",
            pid=os.getpid(),
            runtime=f"python {platform.python_version()}",
            argv=[str(each) for each in getattr(sys, "argv", [""])],
            **rank,
        )
        if multiprocessing.parent_process() is not None:
            # Such children leave by os._exit, past atexit.
            from multiprocessing.util import Finalize

            Finalize(None, self.end, exitpriority=-100)

    def end(self) -> None:
        """The process is about to end."""
        if self._ended or not self._started or self._pid != os.getpid():
            return
        self._ended = True
        self.faults.run("an inspection", self.preparation.inspect_at_exit)
        self.faults.run("the last epoch", self.clock.exiting)
        for model in list(self.registry.models):
            if model.alive:
                self.faults.run("the final check", self.training.final_check, model)
        self.faults.run(
            "the final check of the rules", self.gate.tell_unmatched, self.registry.models
        )
        self.sink.write("process-ended", code=gate.exit_code)
        if not self.settings.launched:
            self.sink.write("run-ended", code=gate.exit_code, signal=None)

    def _inform(self, text: str) -> None:
        self.sink.write("message", level="info", code="clock", text=text)

    def _mode(self, module: Module, training: bool) -> None:
        if self.registry.models and self.registry.model_of(module) is not None:
            self.faults.run("a change of mode", self.clock.mode, module, training)

    def _forked(self) -> None:
        """In a forked child: another process, which may train the same models on its own."""
        self._pid = os.getpid()
        settings = read_settings()
        if settings is not None:
            self.settings = settings
            self.sink.reopen(settings)
        self._started = self._ended = False
        for model in self.registry.models:
            model.announced = False
            model.open = False
            model.epoch = model.steps = 0
            for each in model.tensors:
                each.reference = None
        self.preparation.arm()


def _note_failures(session: Session) -> None:
    """An uncaught exception ends the process with code 1: told in `process-ended`."""
    before = sys.excepthook

    def excepthook(*args: Any) -> Any:
        gate.exit_code = 1
        session.faults.run("reading a failure", session.steps.failed, *args[:3])
        return before(*args)

    sys.excepthook = excepthook


def _is_helper_process() -> bool:
    """Whether this process trains only perhaps: workers of multiprocessing, launchers."""
    if multiprocessing.parent_process() is not None:
        return True
    words = list(getattr(sys, "orig_argv", [])) + list(getattr(sys, "argv", []))
    if any(
        "multiprocessing" in word and ("spawn" in word or "forkserver" in word) for word in words
    ):
        return True
    if any("_inductor" in word for word in words):  # its compile workers load torch, too
        return True
    name = os.path.basename(words[0]) if words else ""
    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else name
    return program in ("torchrun", "accelerate", "deepspeed") or "torch.distributed" in " ".join(
        words[:4]
    )


_session: Optional[Session] = None


def current() -> Optional[Session]:
    return _session


def install(settings: Settings) -> Session:
    """Starts the hook in this process; a second call does nothing."""
    global _session
    if _session is None:
        _session = Session(settings)
        _session.install()
    return _session
