"""What happens in a process of a run once it has imported torch."""

from __future__ import annotations

from types import ModuleType

from . import imports
from .events import EventSink
from .settings import read_settings


def torch_loaded(torch: ModuleType) -> None:
    """Starts the hook; outside a run it does nothing. A failure is told as an event.

    Called by `site/sitecustomize.py` right after the module `torch` has been executed.
    """
    settings = read_settings()
    # A module of that name in the project is not the framework.
    if settings is None or not hasattr(torch, "nn"):
        return
    sink = EventSink(settings)

    def tell(label: str, error: BaseException) -> None:
        sink.write(
            "message",
            level="error",
            code="hook-fault",
            text=f"Permafrost failed at {label}: {type(error).__name__}: {error}",
            advice="Training goes on; what was not measured is not verified.",
        )

    imports.report_fault = tell
    try:
        from .hook import install

        install(torch, settings)
    except Exception as error:  # the training never suffers
        tell("its start", error)
