"""`freeze` and `verify` for notebooks and loops of your own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from torch.nn import Module

from .cli.errors import LaunchError
from .cli.launch import append_event, prepare_run
from .cli.project import Project
from .hook import process as processes
from .hook.describe import describe
from .hook.gate import nothing_trains
from .hook.registry import plan_into
from .hook.session import Session
from .hook.tracked import TrackedModel
from .rules import (
    FreezeConfig,
    check_rules,
    format_problem,
    parse_config,
)
from .settings import Settings, read_settings

Config = Union[str, Sequence[Union[str, Mapping[str, Any]]], Mapping[str, Any]]


class ConfigError(ValueError):
    """The rules are not valid, or do not fit the model; the text names file, line and column."""


@dataclass(frozen=True)
class ModelReport:
    """What one verification found of one model."""

    model: str
    epoch: int
    """The epoch that it closed, counted from 1; 0 when no step has been made."""
    intact: int
    """How many frozen tensors equal their references in every byte."""
    findings: tuple[dict[str, Any], ...]
    """One for each frozen tensor that does not, as in docs/events.md."""


@dataclass(frozen=True)
class Report:
    """What `verify` found. True when every frozen tensor of every model is intact."""

    models: tuple[ModelReport, ...]

    def __bool__(self) -> bool:
        return not self.findings and any(each.intact for each in self.models)

    @property
    def findings(self) -> tuple[dict[str, Any], ...]:
        return tuple(finding for each in self.models for finding in each.findings)

    def __str__(self) -> str:
        return "\n".join(_sentence(each) for each in self.models) or "nothing is frozen"


def freeze(model: Module, config: Optional[Config] = None) -> None:
    """See `permafrost.freeze`."""
    file, text = _config_text(config)
    parsed = parse_config(text)
    if parsed.config is None:
        raise ConfigError("\n".join(format_problem(file, each) for each in parsed.problems))
    running = _running()
    if running is not None and running.settings.launched:
        # `permafrost run` has rules of its own for this process, which hold.
        running.sink.write(
            "message",
            level="info",
            code="api-in-run",
            text="permafrost.freeze() in the script is passed over: the run has rules of its own",
        )
        return
    _check(model, parsed.config, file, running)
    settings = _new_run(file, text, parsed.config)
    processes.install(settings)
    session = processes.current()
    if session is None:
        raise RuntimeError("Permafrost cannot start in this process; its events say why")
    if running is not None:
        session.begin_anew(settings)
    session.preparation.freeze_now(model)


def verify() -> Report:
    """See `permafrost.verify`."""
    session = _running()
    if session is None or not session.registry.models:
        raise RuntimeError("nothing has been frozen: call permafrost.freeze(model, rules) first")
    reports = []
    for model in session.registry.models:
        if model.announced and (model.alive or model.shells):
            measured = session.training.verify_now(model)
            reports.append(
                ModelReport(model.name, model.epoch, measured.intact, tuple(measured.findings))
            )
    return Report(tuple(reports))


def _running() -> Optional[Session]:
    """The hook of this process, also when a launcher brought it under a name of its own."""
    arrived = sys.modules.get("_permafrost.hook.process")
    found = arrived.current() if arrived is not None else None
    return found if found is not None else processes.current()


def _config_text(config: Optional[Config]) -> tuple[str, str]:
    """Name of the config for messages, and its text."""
    if config is None or isinstance(config, (str, os.PathLike)):
        file = os.fspath(config) if config is not None else "permafrost.json"
        with open(file, encoding="utf-8", newline="") as stream:
            return file, stream.read()
    value = dict(config) if isinstance(config, Mapping) else {"freeze": list(config)}
    return "permafrost.freeze()", json.dumps(value, indent=2)


def _check(module: Module, config: FreezeConfig, file: str, running: Optional[Session]) -> None:
    """Raises ConfigError before anything is touched. `running` may hold parameters of the model."""
    model = TrackedModel(module, type(module).__name__, type(module).__name__)
    describe(model, {})
    problems = check_rules(config.rules, [model.named()])
    if problems:
        raise ConfigError("\n".join(format_problem(file, each) for each in problems))
    plan_into(model, config.rules)
    held = {
        id(each.tensor())
        for other in (running.registry.models if running is not None else ())
        for each in other.tensors
        if each.flipped
    }
    trained = [each for each in model.tensors if each.script_trains or id(each.tensor()) in held]
    problem = nothing_trains(trained, config.rules)
    if problem is not None:
        raise ConfigError(format_problem(file, problem))


def _new_run(file: str, text: str, config: FreezeConfig) -> Settings:
    folder = os.getcwd()
    command = " ".join(getattr(sys, "argv", [])) or "python"
    try:
        run = prepare_run(
            Project(folder, os.path.join(folder, file), text, config),
            command,
            folder,
            "run",
            launcher="hook",
        )
        directory = run.directory
    except LaunchError as error:
        # Nobody will see the run, but freezing and verifying do not depend on it.
        sys.stderr.write(f"permafrost: {error} Verified in memory only.\n")
        directory = tempfile.mkdtemp(prefix="permafrost-")
        with open(os.path.join(directory, "permafrost.json"), "w", encoding="utf-8") as stream:
            stream.write(text)
        append_event(
            os.path.join(directory, "events.jsonl"),
            "message",
            level="info",
            code="api-in-memory",
            text=str(error),
        )
    settings = read_settings({"PERMAFROST_RUN_DIR": directory, "PERMAFROST_CONFIG_FILE": file})
    assert settings is not None
    return settings


def _sentence(report: ModelReport) -> str:
    said = f"{report.model}: {report.intact} frozen intact"
    for finding in report.findings:
        said += f"; {finding['name']} {finding['verdict']}"
        if finding["verdict"] == "moved":
            said += f" ({finding['cause']['text']})"
    return said
