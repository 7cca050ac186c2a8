"""The hook that lives inside a PyTorch process."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def install(torch: ModuleType, settings: Any) -> Any:
    """Starts the hook once torch has been loaded; a second call in a process does nothing."""
    from .process import install as start

    return start(settings)
