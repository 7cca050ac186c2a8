"""The config of the run, and the refusal to train when it does not fit the models."""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn, Sequence

from ..rules import ConfigProblem, FreezeConfig, Rule, check_rules, matches_model, parse_config
from .faults import Sink
from .tracked import TrackedModel, TrackedTensor

exit_code = 0
"""What `process-ended` will tell."""

_EVERYTHING = "Every parameter is frozen, so there is nothing to train."
_THAW = 'Thaw what shall train with a rule such as "!head.**" at the end of "freeze".'


class ConfigGate:
    """Knows the rules; ends the process with code 2 when training with them makes no sense."""

    def __init__(self, config_text: str | None, config_file: str, sink: Sink) -> None:
        self._sink = sink
        self.load(config_text, config_file)

    def load(self, config_text: str | None, config_file: str) -> None:
        """Takes on another config; `config_file` is for messages."""
        self._file = config_file
        self._waiting: set[str] = set()
        self._problem: ConfigProblem | None = None
        self.config = FreezeConfig(command=None, rules=[], on_move="report", epoch_steps=100)
        self._unreadable = config_text is None
        if config_text is not None:
            parsed = parse_config(config_text)
            if parsed.config is not None:
                self.config = parsed.config
            else:
                errors = [each for each in parsed.problems if each.severity == "error"]
                self._problem = errors[0] if errors else None

    def check(self, models: Sequence[TrackedModel]) -> None:
        """Raises SystemExit(2) when the config is bad or a rule matches no tensor of any model.

        A rule for a model that does not exist yet waits: scripts make models one after the other.
        """
        if self._unreadable:
            self.refuse("The copy of the config in the run folder cannot be read.", "", 1, 1)
        if self._problem is not None:
            problem = self._problem
            self.refuse(problem.text, problem.advice, problem.line, problem.column)
        named = [model.named() for model in models]
        for problem in check_rules(self.config.rules, named):
            rule = next((r for r in self.config.rules if r.place.offset == problem.offset), None)
            if rule is not None and not any(matches_model(rule, each) for each in named):
                if rule.text not in self._waiting:
                    self._waiting.add(rule.text)
                    self._sink.write(
                        "message",
                        level="warning",
                        code="rule-waits",
                        text=f"{rule.text} is for a model that the script has not made yet",
                    )
            else:
                self.refuse(problem.text, problem.advice, problem.line, problem.column)

    def check_anything_trains(self, models: Sequence[TrackedModel]) -> None:
        """Raises SystemExit(2) when no parameter of any model could ever move."""
        trained = [t for model in models for t in model.tensors if t.script_trains]
        problem = nothing_trains(trained, self.config.rules)
        if problem is not None:
            self.refuse(problem.text, problem.advice, problem.line, problem.column)

    def refuse_everything(self) -> NoReturn:
        """Raises SystemExit(2): nothing is left for an optimizer."""
        self.refuse(_EVERYTHING, _THAW)

    def tell_unmatched(self, models: Sequence[TrackedModel]) -> None:
        """At the end of the process: says which of the rules that waited never matched."""
        if not models or not self._waiting:
            return
        for problem in check_rules(self.config.rules, [model.named() for model in models]):
            self._sink.write(
                "message",
                level="error",
                code="rule-unmatched",
                text=problem.text,
                advice=problem.advice or "",
            )

    def refuse(
        self, text: str, advice: str | None = None, line: int = 1, column: int = 1
    ) -> NoReturn:
        """Raises SystemExit(2): what the config asks for cannot be done. Places count from 1."""
        fields = {"advice": advice} if advice else {}
        self._sink.write(
            "config-error", text=text, file=self._file, line=line, column=column, **fields
        )
        self._sink.write("stopped", reason="config")
        warn(f"{self._file}:{line}:{column}: {text} {advice or ''}".rstrip())
        end_process(2)


def nothing_trains(trained: Sequence[TrackedTensor], rules: Sequence[Rule]) -> ConfigProblem | None:
    """What is wrong with rules that freeze all that the script trains, for the whole run."""
    if not trained or not all(each.always_frozen for each in trained):
        return None
    place = rules[trained[0].spans[0].rule].place
    return ConfigProblem(
        _EVERYTHING, _THAW, "error", place.line, place.column, place.offset, place.length
    )


def warn(line: str) -> None:
    """One line on stderr, apart from what the script prints there."""
    try:
        sys.stdout.flush()
        sys.stderr.write(f"permafrost: {line}\n")
        sys.stderr.flush()
    except Exception:  # a closed stream
        pass


def end_process(code: int) -> NoReturn:
    """Ends the process, in the main thread so that the script's own clean-up runs."""
    global exit_code
    exit_code = code
    if threading.current_thread() is threading.main_thread():
        raise SystemExit(code)
    sys.stdout.flush()
    os._exit(code)
