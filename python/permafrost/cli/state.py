"""What the events of a run add up to, as far as the command line tells it (src/runs/state.ts)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .frozen_count import FrozenSteps


@dataclass
class EpochState:
    epoch: int
    previous: Optional[int] = None
    """The epoch before it as its process counted, 0 for none; None when it did not tell."""
    started_at: float = 0
    milliseconds: Optional[float] = None
    verification: Optional[dict[str, Any]] = None
    """As in `verified`; None until it was verified."""


@dataclass
class ModelState:
    name: str
    """Distinct within the run: `net`, and `net (2)` when a model of that name trains again."""
    event_name: str
    proc: str
    frozen: FrozenSteps
    total_epochs: Optional[int] = None
    epochs: list[EpochState] = field(default_factory=list)
    """In ascending order."""


@dataclass
class ProcessState:
    runtime: str
    """`python 3.11.7`."""
    exit_code: Optional[int] = None
    """None while it runs, and for ever when it was killed."""


@dataclass(frozen=True)
class Movement:
    """A frozen tensor that moved, once for the whole run."""

    model: str
    name: str
    epoch: int
    """First epoch at whose end it differed."""
    finding: dict[str, Any]


@dataclass
class RunState:
    rules: list[str] = field(default_factory=list)
    status: str = "starting"
    started_at: float = 0
    ended_at: Optional[float] = None
    exit_code: Optional[int] = None
    signal: Optional[str] = None
    engine: Optional[dict[str, Any]] = None
    config_error: Optional[dict[str, Any]] = None
    processes: dict[str, ProcessState] = field(default_factory=dict)
    """Processes that had loaded the framework, by `proc`."""
    models: list[ModelState] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    garbled_lines: int = 0
    movements: dict[tuple[str, str], Movement] = field(default_factory=dict)
    """By model and tensor, in the order in which they were told."""

    @property
    def over(self) -> bool:
        """Whether no more events are to be expected."""
        return self.ended_at is not None
