"""What the command line works on."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import Any, Optional, Sequence

from ..rules import (
    ConfigProblem,
    FreezeConfig,
    NamedModel,
    NamedTensor,
    check_rules,
    everything_frozen,
    format_problem,
    parse_config,
    plan_model,
)
from .errors import ConfigError, UsageError
from .output import note


@dataclass(frozen=True)
class Project:
    folder: str
    """Of the config; `.permafrost` lies in it too."""
    config_file: str
    config_text: Optional[str]
    """None when there is no config, as `config`."""
    config: Optional[FreezeConfig]

    @property
    def inspection_file(self) -> str:
        """What the last inspection of the user's command found."""
        return os.path.join(self.folder, ".permafrost", "model.json")


def open_project(option: Optional[str]) -> Project:
    """Reads the config that `--config` names, else `permafrost.json` here; tells its problems.

    Raises ConfigError when it is not valid, UsageError when `--config` names a missing file.
    """
    file = os.path.abspath(option if option is not None else "permafrost.json")
    folder = os.path.dirname(file)
    try:
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            text = stream.read()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        if missing and option is None:
            return Project(folder, file, None, None)
        raise UsageError(
            f"There is no {file}." if missing else f"Cannot read {file} ({error_code(error)}).",
            "Check the path after --config.",
        ) from None
    parsed = parse_config(text)
    for problem in parsed.problems:
        note(format_problem(shown(file), problem))
    if parsed.config is None:
        raise ConfigError(f"{file} is not valid")
    return Project(folder, file, text, parsed.config)


def warn_by_inspection(project: Project, command: str) -> None:
    """Tells of rules that match nothing in the models that `command` had last.

    Only warns: the models may have changed since, and the hook refuses before the first step.
    """
    if project.config is None:
        return
    try:
        inspection = read_inspection(project.inspection_file)
    except (OSError, ValueError) as error:
        note(f"warning: {error} Run permafrost inspect to write it anew.")
        return
    if inspection is None or inspection["source"] != command:
        return
    models = named_models(inspection)
    rules = project.config.rules
    problems: list[ConfigProblem] = list(check_rules(rules, models))
    for model in models:
        problem = everything_frozen(rules, plan_model(rules, model), model)
        if problem is not None:
            problems.append(problem)
    for problem in problems:
        note(format_problem(shown(project.config_file), replace(problem, severity="warning")))


def read_inspection(file: str) -> Optional[dict[str, Any]]:
    """The last inspection; None when there is none. Raises ValueError naming file and place."""
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
    except FileNotFoundError:
        return None
    try:
        inspection = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{file}:{error.lineno}:{error.colno}: not JSON: {error.msg}.") from None
    try:
        named_models(inspection)
        if isinstance(inspection["source"], str) and isinstance(inspection["time"], (int, float)):
            return dict(inspection)
    except (KeyError, TypeError, AttributeError):
        pass
    raise ValueError(f"{file} is not an inspection of this version.")


def named_models(inspection: dict[str, Any]) -> Sequence[NamedModel]:
    """The models of an inspection as rules address them."""
    return [
        NamedModel(
            name=model["name"],
            class_name=model["className"],
            tensors=[
                NamedTensor(
                    name=tensor["name"],
                    aliases=tuple(tensor.get("aliases", ())),
                    kind=tensor["kind"],
                    module=tensor["module"],
                    type=tensor["type"],
                )
                for tensor in model["tensors"]
            ],
        )
        for model in inspection["models"]
    ]


def shown(path: str) -> str:
    """A path as the user would write it."""
    try:
        short = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if short == "." or short.startswith("..") else short


def error_code(error: OSError) -> str:
    """`ENOENT`, `EACCES`, …"""
    import errno

    return errno.errorcode.get(error.errno or 0, str(error))
