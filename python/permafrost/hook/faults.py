"""Keeps what goes wrong in the hook from the script that is being trained."""

from __future__ import annotations

import traceback
from typing import Any, Callable, Protocol


class Sink(Protocol):
    """Where events go."""

    def write(self, type: str, **fields: Any) -> None: ...


class Faults:
    """Runs the hook's own work; a failure is told once a label and training goes on.

    An epoch in which `count` grew cannot be called intact: something may have gone unseen.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._told: set[str] = set()
        self.count = 0
        self.latest: str | None = None

    def run(self, label: str, fn: Callable[..., Any], *args: Any, default: Any = None) -> Any:
        """What `fn(*args)` returns, or `default` when it fails.

        `label` names the work in words that follow "Permafrost failed at": `the end of a pass`.
        """
        try:
            return fn(*args)
        except Exception as error:  # the training never suffers
            self.tell(label, error)
            return default

    def tell(self, label: str, error: BaseException) -> None:
        """Counts a failure and writes it as an event, the first time for this label."""
        self.count += 1
        self.latest = f"Permafrost failed at {label}: {type(error).__name__}: {error}"
        if label in self._told:
            return
        self._told.add(label)
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__)[-3:])
        self._sink.write(
            "message",
            level="error",
            code="hook-fault",
            text=self.latest,
            advice=f"Training goes on; what was not measured is not verified. {trace.strip()}",
        )
