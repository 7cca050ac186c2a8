"""The course of training of each model: epochs begin and end here, whatever clock told them."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Optional

from ..distributed import local_tensor
from ..proof import UnmovedWatch
from . import shells
from .causes import Causes
from .faults import Faults, Sink
from .freezer import Freezer
from .gate import ConfigGate, end_process, warn
from .gradient_norms import GradientNorms
from .measure import Measure, Measured, current_tensors
from .tracked import TrackedModel

# Seconds between two progress events of one model.
_PROGRESS_EVERY = 0.25
# Rungs of docs/events.md, best first.
_RUNGS = ("fit", "dataset", "evaluate", "train", "scheduler", "steps", "exit")


class Training:
    """Ties freezing, verification and the events about both to the epochs."""

    def __init__(
        self,
        gate: ConfigGate,
        sink: Sink,
        measure: Measure,
        freezer: Freezer,
        causes: Causes,
        faults: Faults,
        tells_progress: bool,
    ) -> None:
        self._gate = gate
        self._sink = sink
        self._measure = measure
        self._freezer = freezer
        self._causes = causes
        self._faults = faults
        self.tells_progress = tells_progress
        self._progress: dict[int, float] = {}
        self._unmoved: dict[int, UnmovedWatch] = {}
        self.gradients: dict[int, GradientNorms] = {}
        self.latest: dict[int, Measured] = {}
        """By id of a model, its last verification."""
        self.batches: Callable[[], Optional[tuple[int, Optional[int]]]] = lambda: None

    def prepare(self, model: TrackedModel) -> None:
        """Before the first training step: everything of epoch 1 is held, its references taken."""
        self._freezer.apply(model, 1)
        self._measure.take(model, [each for each in model.tensors if each.frozen])
        self._causes.watch(model)
        watch = UnmovedWatch()
        watch.begin(
            [
                (each.name, tensor)
                for each in model.tensors
                if each.script_trains
                and (tensor := each.tensor()) is not None
                and not each.always_frozen
                and local_tensor(tensor).numel() > 0
            ]
        )
        self._unmoved[id(model)] = watch
        self.gradients[id(model)] = GradientNorms()

    def has_moved(self, model: TrackedModel) -> bool:
        """Whether a trainable tensor of `model` has moved since it was prepared."""
        watch = self._unmoved.get(id(model))
        return watch is not None and watch.has_moved()

    def begin(
        self,
        model: TrackedModel,
        *,
        epoch: Optional[int] = None,
        epochs: Optional[int] = None,
        clock: str,
        batches: Optional[int] = None,
    ) -> None:
        """Tells that an epoch has begun; `epoch` (from 1) jumps, without it counting goes on."""
        if not model.announced:
            return
        wanted = epoch if epoch is not None else model.epoch + (0 if model.open else 1)
        if model.open and wanted == model.epoch:
            if _better(clock, model.clock) or (epochs is not None and epochs != model.epochs):
                model.clock, model.epochs = clock, epochs
                self._sink.write(
                    "epoch-started", model=model.name, epoch=wanted, epochs=epochs, clock=clock
                )
            return
        if model.open:
            self.end(model, model.clock or clock)
        previous = model.epoch
        if wanted != previous + 1:
            self._apply(model, wanted)
        model.epoch = wanted
        model.open = True
        model.steps = 0
        model.clock, model.epochs = clock, epochs
        model.started_at = time.perf_counter()
        model.faults_before = self._faults.count
        self._sink.write(
            "epoch-started",
            model=model.name,
            epoch=wanted,
            previous=previous,
            epochs=epochs,
            clock=clock,
        )

    def step(self, model: TrackedModel) -> None:
        """One optimizer step of the epoch under way is done."""
        if not model.open:
            return
        model.steps += 1
        now = time.perf_counter()
        if not self.tells_progress or now - self._progress.get(id(model), -1.0) < _PROGRESS_EVERY:
            return
        self._progress[id(model)] = now
        done, total = self.batches() or (model.steps, None)
        self._sink.write("progress", model=model.name, epoch=model.epoch, batch=done, batches=total)

    def end(
        self,
        model: TrackedModel,
        clock: str,
        metrics: Mapping[str, float] = {},
        at: str = "epoch-end",
    ) -> None:
        """Ends the epoch that `model` is in and verifies it; `clock` is what told its end."""
        if not model.open:
            return
        if clock != model.clock:
            self._sink.write(
                "epoch-started",
                model=model.name,
                epoch=model.epoch,
                epochs=model.epochs,
                clock=clock,
            )
        self._sink.write(
            "epoch-ended",
            model=model.name,
            epoch=model.epoch,
            metrics=dict(metrics),
            milliseconds=(time.perf_counter() - model.started_at) * 1000,
        )
        self._report(model, self._measured(model), at)
        if at != "exit":
            self._apply(model, model.epoch + 1)
            shells.keep(model)

    def final_check(self, model: TrackedModel) -> None:
        """Once more before the process ends, for what came after the last verification."""
        if not model.announced or model.epoch == 0:
            return
        if model.open and model.clock != "fit" and model.steps > 0:
            self.end(model, "exit", at="exit")
            return
        measured = self._measured(model)
        if model.touched or model.open or measured.findings:
            self._report(model, measured, "exit")

    def verify_now(self, model: TrackedModel) -> Measured:
        """Verifies outside the course of epochs, and ends the one under way, if one is."""
        if model.open and model.steps > 0:
            self.end(model, model.clock or "steps")
            return self.latest[id(model)]
        measured = self._measured(model)
        if model.epoch > 0 and (model.touched or measured.findings):
            self._report(model, measured, "exit")
        return measured

    def deleted(self, model: TrackedModel) -> None:
        """The script has let go of the model: a last look, if its tensors are still there."""
        try:
            if model.shells:
                shells.move_in(model)
            if model.epoch > 0 and not current_tensors(model):
                self._told_unverified(model)
            else:
                self.final_check(model)
        finally:
            shells.drop(model)
            self._measure.release(model.tensors)
            self._unmoved.pop(id(model), None)

    def _told_unverified(self, model: TrackedModel) -> None:
        if not model.open or model.steps == 0:
            return
        reason = "the script deleted the model before the epoch ended"
        measured = Measured(
            findings=[
                {"name": each.name, "verdict": "not verified", "reason": reason}
                for each in model.tensors
                if each.frozen
            ]
        )
        self._sink.write(
            "epoch-ended", model=model.name, epoch=model.epoch, metrics={}, milliseconds=0
        )
        self._report(model, measured, "exit")

    def _apply(self, model: TrackedModel, epoch: int) -> None:
        newly = self._freezer.apply(model, epoch)
        if newly:
            self._measure.take(model, newly)
        self._causes.watch(model)
        for norm in model.norms:
            norm.running = norm.batch = 0

    def _measured(self, model: TrackedModel) -> Measured:
        fault = self._faults.latest if self._faults.count > model.faults_before else None
        return self._measure.measure(model, fault)

    def _report(self, model: TrackedModel, measured: Measured, at: str) -> None:
        normalization = [
            {
                "module": norm.name,
                "mode": norm.mode,
                "frozen": norm.frozen,
            }
            for norm in model.norms
            if norm.kind in ("batch", "instance", "frozen") and norm.running + norm.batch > 0
        ]
        watch = self._unmoved.get(id(model))
        unmoved = (
            self._faults.run("looking for what never moved", watch.unmoved, default=[])
            if watch
            else []
        )
        norms = self.gradients.get(id(model))
        gradient = norms.ended() if norms is not None else None
        model.open = False
        model.touched = False
        self.latest[id(model)] = measured
        self._sink.write(
            "verified",
            model=model.name,
            epoch=model.epoch,
            at=at,
            **measured.fields(),
            normalization=normalization,
            unmoved=list(unmoved),
            **({"gradientNorm": gradient} if gradient is not None else {}),
        )
        self._advise(model, norms)
        unplaced = {
            each["name"]
            for each in measured.moved
            if each["cause"]["kind"] == "in-place" and "file" not in each["cause"]
        }
        if at != "exit":
            self._faults.run("looking for a line", self._causes.hunt_next, model, unplaced)
        if measured.moved and self._gate.config.on_move == "stop":
            self._stop(model, measured.moved, at)

    def _advise(self, model: TrackedModel, norms: Optional[GradientNorms]) -> None:
        message = norms.explosion(model) if norms is not None else None
        if message is not None:
            self._sink.write("message", level="warning", code="gradients-exploded", **message)

    def _stop(self, model: TrackedModel, found: list[dict[str, Any]], at: str) -> None:
        self._sink.write("stopped", reason="moved", model=model.name, epoch=model.epoch)
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        warn(
            f"{model.name}: frozen tensor {found[0]['name']}{more} moved in epoch {model.epoch}; "
            "training stopped"
        )
        # At the exit the process already ends; its own failure is worth more than ours.
        if at != "exit":
            end_process(3)


def _better(clock: str, than: Optional[str]) -> bool:
    if than is None:
        return True
    return clock in _RUNGS and than in _RUNGS and _RUNGS.index(clock) < _RUNGS.index(than)
