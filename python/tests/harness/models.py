"""The events of a run by model and epoch, read by code that shares nothing with ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Epoch:
    """What was told of one epoch of a model."""

    clock: str
    ended: bool = False
    verified: list[dict[str, Any]] = field(default_factory=list)

    @property
    def intact(self) -> int | None:
        """The least number of intact tensors that a verification told; None before any."""
        return min((each["intact"] for each in self.verified), default=None)

    @property
    def findings(self) -> dict[str, dict[str, Any]]:
        """Findings by tensor name; of several the first."""
        found: dict[str, dict[str, Any]] = {}
        for verification in self.verified:
            for finding in verification["findings"]:
                found.setdefault(finding["name"], finding)
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        """The kind of each finding by tensor name."""
        return {name: finding["verdict"] for name, finding in self.findings.items()}


@dataclass
class Model:
    """A model that trained: announced once or more before its first epoch."""

    name: str
    class_name: str
    proc: str
    tensors: list[dict[str, Any]]
    frozen: dict[str, Any]
    epochs: dict[int, Epoch] = field(default_factory=dict)

    @property
    def unmoved(self) -> list[str]:
        """The trainable tensors that never moved, as the last verification told."""
        told = [each for epoch in self.epochs.values() for each in epoch.verified]
        return told[-1]["unmoved"] if told else []


def models_of(events: Iterable[dict[str, Any]]) -> list[Model]:
    """The models that trained at least one epoch, in the order of their announcement."""
    latest: dict[tuple[str, str], Model] = {}
    models: list[Model] = []
    for event in events:
        if "model" not in event or event["model"] is None:
            continue
        key = (event["proc"], event["model"])
        if event["type"] == "model":
            model = Model(
                event["model"],
                event["className"],
                event["proc"],
                event["tensors"],
                event["frozen"],
            )
            known = latest.get(key)
            if known is not None and not known.epochs:
                models.remove(known)
            latest[key] = model
            models.append(model)
        elif key in latest:
            _note(latest[key], event)
    return [model for model in models if model.epochs]


def _note(model: Model, event: dict[str, Any]) -> None:
    if event["type"] == "epoch-started":
        known = model.epochs.get(event["epoch"])
        if known is None:
            model.epochs[event["epoch"]] = Epoch(event["clock"])
        else:
            known.clock = event["clock"]
    elif event["type"] == "epoch-ended":
        model.epochs[event["epoch"]].ended = True
    elif event["type"] == "verified":
        model.epochs.setdefault(event["epoch"], Epoch("?")).verified.append(event)
