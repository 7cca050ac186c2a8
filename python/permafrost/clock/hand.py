"""Epochs of training loops written by hand."""

from __future__ import annotations

import weakref
from typing import Any, Optional, Sequence

from . import waiting
from .course import Course, Wait
from .passes import Pass, Passes
from .ports import TrainingPort
from .rungs import better

# So many times `epochSteps` a pass over data of unknown length may take.
_PATIENCE = 10
# So many steps after the last pass are left over from it; more are a loop of another kind.
_TRAILING = 10
# So many one-step epochs in a row are believed when the script names no number of epochs.
_SHORT = 500


class HandClock:
    """Tells epochs by the best sign that the script gives.

    That is the end of a pass over a loader in which steps happened, else `eval()` after steps, else
    `train()` after steps, else a step of a learning rate scheduler, else a number of steps.
    """

    def __init__(
        self,
        training: TrainingPort,
        passes: Passes,
        epoch_steps: int,
        total: Optional[int],
    ) -> None:
        self._training = training
        self._passes = passes
        self._epoch_steps = epoch_steps
        self._total = total
        self._courses: "weakref.WeakKeyDictionary[Any, Course]" = weakref.WeakKeyDictionary()
        passes.on_asked = self._asked
        passes.on_finished = self._finished

    def forget(self) -> None:
        """In a forked child: its training begins anew."""
        self._courses = weakref.WeakKeyDictionary()

    def course(self, model: Any) -> Course:
        found = self._courses.get(model)
        if found is None:
            found = self._courses[model] = Course(model)
        return found

    def leave(self, model: Any) -> None:
        """A loop of a framework takes over: what was begun by hand ends here."""
        course = self._courses.get(model)
        if course is None or course.steps == 0:
            return
        self._end(course, "dataset" if course.wait else course.told or "exit")

    def exiting(self) -> None:
        """The process is about to end: so does the epoch under way."""
        self._drain()
        for course in list(self._courses.values()):
            if course.wait is not None:
                self._end(course, "dataset")
            else:
                self._end(course, course.last_clock, at="exit")

    def deleting(self, model: Any) -> None:
        """The script lets the model go, and its tensors can still be read."""
        course = self._courses.get(model)
        if course is None or course.steps == 0 or not model.open:
            return
        clock = "dataset" if course.wait is not None else course.last_clock
        course.close()
        self._training.end(model, clock, {}, "exit")

    def stepped(self, model: Any) -> None:
        """An optimizer step has trained `model`, in the thread that `passes` knows of."""
        passes = self._passes
        course = self.course(model)
        if model.open and not passes.alert and course.wait is None:
            one = passes.only
            if one is not None and course.goes_on(one, passes):
                if one.length is None:
                    self._count_steps(course)
                return
        self._drain()
        fed = passes.feeding(course.seen)
        course.seen = passes.asks
        course.total += 1
        if model.open and fed:
            self._supersede(course, fed)
        if fed:
            course.wait = None
        elif course.wait is not None or (not model.open and course.rung == "dataset"):
            course.trailing += 1
            if course.trailing <= _TRAILING:
                course.steps += 1 if model.open else 0
                return
            self._end(course, "dataset")
            course.rung = None
        if not model.open:
            self._begin(course, fed)
            if not model.open:
                return
        course.fed_by(fed)
        course.steps += 1
        self._tell_better(course)
        self._count_steps(course)

    def mode(self, model: Any, training: bool) -> None:
        """The script has called `train()` or `eval()` of the whole model."""
        self._drain()
        course = self._courses.get(model)
        if course is None or not model.open:
            return
        if course.wait is not None:
            if waiting.mode_settles(course, course.wait, training):
                self._end(course, "dataset")
        elif course.steps > 0 and course.pass_may_tell(self._epoch_steps) is None:
            self._end_together("train" if training else "evaluate")

    def scheduled(self, models: Sequence[Any], steps_since: dict[Any, int]) -> None:
        """A learning rate scheduler has stepped, so many steps of each model after it last did."""
        self._drain()
        for model in models:
            course = self._courses.get(model)
            if course is None or not model.open:
                continue
            if course.wait is not None:
                if course.wait.reason != "sequence" and not course.others(course.wait.ended):
                    self._end(course, "dataset")
            elif steps_since.get(model, 0) > 1 and course.pass_may_tell(self._epoch_steps) is None:
                self._end_together("scheduler")

    def _drain(self) -> None:
        """Takes up what was noted when it could not be acted on."""
        dropped = self._passes.dropped
        while dropped:
            self._finished(dropped.popleft(), "dropped")

    def _asked(self, one: Pass, anew: bool) -> None:
        self._drain()
        self._passes.alert = False
        for course in list(self._courses.values()):
            wait = course.wait
            if wait is None or not course.model.open:
                continue
            verdict = waiting.ask_settles(course, wait, one, anew)
            if verdict == "end":
                self._end(course, "dataset")
            elif verdict == "cancel":
                course.wait = None
                course.feeds.pop(wait.ended, None)
            else:
                self._passes.alert = True

    def _finished(self, one: Pass, how: str) -> None:
        for course in list(self._courses.values()):
            if one in course.feeds:
                self._finished_for(course, one, how)

    def _finished_for(self, course: Course, one: Pass, how: str) -> None:
        if one.endless or (how == "dropped" and one.delivered <= 1 and one.length != 1):
            # Too long to be an epoch, or a look at one batch as in `next(iter(loader))`.
            course.feeds.pop(one)
            return
        if course.others(one):
            self._await(course, Wait(one, "others"))
        elif how == "dropped":
            self._await(course, Wait(one, "dropped"))
        elif how == "exhausted" and course.may_trail(one):
            self._await(course, Wait(one, "trailing"))
        elif waiting.more_follows(course, one, self._passes.unread()):
            self._await(course, Wait(one, "sequence"))
        else:
            self._end(course, "dataset")

    def _await(self, course: Course, wait: Wait) -> None:
        course.wait = wait
        self._passes.alert = True

    def _supersede(self, course: Course, fed: list[Pass]) -> None:
        """A loader begun again while its last pass lies unfinished: that one was the epoch."""
        for one in fed:
            for earlier in list(course.feeds):
                if one is earlier or earlier.over or not one.same_loader(earlier):
                    continue
                earlier.over = True
                if earlier is course.opener:
                    self._end(course, "dataset")
                    return
                course.feeds.pop(earlier)

    def _begin(self, course: Course, fed: list[Pass]) -> None:
        course.close()
        main = fed[0] if fed and not fed[0].endless else None
        if main is None and course.rung == "dataset":
            course.rung = None
        clock = "dataset" if main is not None else course.rung or "steps"
        self._announce(course, clock, main)

    def _announce(self, course: Course, clock: str, main: Optional[Pass]) -> None:
        model = course.model
        epoch = model.epoch if model.open else model.epoch + 1
        total = self._total if clock not in ("steps", "exit") else None
        batches = main.length if main is not None else None
        if batches is None and clock == "steps":
            batches = self._epoch_steps
        course.told = clock
        self._training.begin(
            model,
            epochs=total if total is not None and epoch <= total else None,
            clock=clock,
            batches=batches,
        )

    def _tell_better(self, course: Course) -> None:
        main = course.opener
        if main is not None and not main.endless and better("dataset", course.told):
            self._announce(course, "dataset", main)

    def _count_steps(self, course: Course) -> None:
        """Ends the epoch by the number of its steps where nothing better can be expected."""
        if course.rung not in (None, "steps") or course.steps < self._epoch_steps:
            return
        main = course.pass_under_way
        if main is not None:
            if main.length is not None or course.steps < self._epoch_steps * _PATIENCE:
                return
            main.endless = True
        if not any(
            each.model.open and each.steps == course.steps - 1 for each in self._courses.values()
        ):  # else another model of the loop is about to make the same step
            self._end_together("steps")

    def _end_together(self, clock: str) -> None:
        """Models that step in one loop (GAN) end their epochs together."""
        for course in list(self._courses.values()):
            if course.steps == 0 or course.wait is not None:
                continue
            if course.demoted and clock in ("evaluate", "train"):
                continue
            if course.rung is not None and better(course.rung, clock):
                continue
            if course.pass_may_tell(self._epoch_steps) is None:
                self._end(course, clock)

    def _end(self, course: Course, clock: str, at: str = "epoch-end") -> None:
        model = course.model
        # Of a model that the script has deleted there is nothing to verify any more.
        if course.steps == 0 or not model.open or model.root is None:
            course.close()
            return
        if better(clock, course.told):
            self._announce(course, clock, None)
        if clock == "dataset":
            course.sequence = course.trained
        self._judge_length(course, clock)
        if clock != "exit":
            course.rung = "steps" if course.demoted else clock
        course.close()
        self._training.end(model, clock, {}, at)

    def _judge_length(self, course: Course, clock: str) -> None:
        """Calls of `train()` at each step, for ever, are a habit and not epochs."""
        if clock not in ("evaluate", "train"):
            return
        course.short = course.short + 1 if course.steps == 1 else 0
        course.demoted = course.short >= max(_SHORT, self._total or 0)
