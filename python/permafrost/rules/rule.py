"""Rules and the config that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .place import Place

DEFAULT_ON_MOVE: Literal["report"] = "report"
DEFAULT_EPOCH_STEPS = 100
"""Optimizer steps."""
_NOWHERE = Place(1, 1, 0, 0)


@dataclass(frozen=True)
class Rule:
    """A rule of `freeze`."""

    match: str
    """Pattern over the tensor's full name, without a leading `!`."""
    freeze: bool = True
    """False for a rule that thaws."""
    type: str | None = None
    """Pattern over the class of the owning module."""
    tensors: Literal["parameters", "statistics"] | None = None
    model: str | None = None
    """Pattern over the model's name or class."""
    from_: int | None = None
    """First epoch, from 1."""
    until: int | None = None
    """Last epoch, from 1, inclusive."""
    text: str = ""
    """As written in the file, on one line."""
    place: Place = _NOWHERE


@dataclass(frozen=True)
class FreezeConfig:
    """A valid `permafrost.json`."""

    command: str | None = None
    """The command that trains, as typed in a terminal."""
    model: str | None = None
    """A checkpoint that the editor takes names from; PyTorch is not concerned."""
    rules: list[Rule] = field(default_factory=list)
    on_move: Literal["stop", "report"] = DEFAULT_ON_MOVE
    epoch_steps: int = DEFAULT_EPOCH_STEPS
    """Optimizer steps that count as an epoch where no better clock is found."""
    engine: str | None = None
    """What TensorFlow.js is to run on; PyTorch is not concerned."""
    cache: Literal["off", "auto", "on"] = "off"
    """Whether TensorFlow.js computes a frozen prefix once; PyTorch is not concerned."""
