"""What the events of a run add up to, as far as the command line tells it (src/runs/state.ts)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .frozen_count import FrozenSteps

Verification = dict[str, Any]
"""As in `verified`; a finding of several ranks has the `ranks` that found it."""


@dataclass
class RankEpoch:
    """What one rank told of an epoch."""

    started_at: float
    milliseconds: Optional[float] = None
    verification: Optional[Verification] = None


@dataclass
class EpochState:
    """An epoch; of several ranks, as the lowest of them told it."""

    epoch: int
    previous: Optional[int] = None
    """The epoch before it as its process counted, 0 for none; None when it did not tell."""
    started_at: float = 0
    milliseconds: Optional[float] = None
    verification: Optional[Verification] = None
    """None until it was verified; of several ranks, the worst that any of them found so far."""
    ranks: dict[int, RankEpoch] = field(default_factory=dict)


@dataclass
class RankState:
    """One of the processes that train a model together."""

    proc: str
    frozen: Optional[FrozenSteps] = None
    """None when it is what the model froze."""
    announced: bool = True
    """False when its description was lost: it is taken to freeze what the model does."""


@dataclass
class ModelState:
    name: str
    """Distinct within the run: `net`, and `net (2)` when a model of that name trains again."""
    event_name: str
    proc: str
    frozen: FrozenSteps
    attempt: int = 1
    ranks: dict[int, RankState] = field(default_factory=dict)
    """Empty for a process without a rank."""
    total_epochs: Optional[int] = None
    epochs: list[EpochState] = field(default_factory=list)
    """In ascending order."""


@dataclass
class ProcessState:
    runtime: str
    """`python 3.11.7`."""
    rank: Optional[int] = None
    world_size: Optional[int] = None
    attempt: int = 1
    ended: bool = False
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
    """What several ranks said alike stands once."""
    garbled_lines: int = 0
    movements: dict[tuple[str, str], Movement] = field(default_factory=dict)
    """By model and tensor, in the order in which they were told."""

    @property
    def over(self) -> bool:
        """Whether no more events are to be expected."""
        return self.ended_at is not None
