"""The training loops of frameworks: their methods are wrapped, no callback of ours is added."""

from __future__ import annotations

from typing import Any, Callable

from ...imports import when_imported
from ..loops import Loops
from ..ports import FaultsPort, Inform
from . import fastai, ignite, lightning, searches, transformers, ultralytics


def install(loops: Loops, faults: FaultsPort, inform: Inform) -> None:
    """Listens to each framework from the moment that the script imports it."""
    for framework in (lightning, transformers, ignite, ultralytics, fastai, searches):
        for name in framework.MODULES:
            when_imported(name, _attach(framework.attach, name, loops, faults, inform))


def _attach(
    attach: Callable[..., list[str]], name: str, loops: Loops, faults: FaultsPort, inform: Inform
) -> Callable[[Any], None]:
    def imported(module: Any) -> None:
        missing = faults.run(f"listening to {name}", attach, module, loops, faults, default=[])
        if missing:
            inform(
                f"{name} has no {', '.join(missing)} in this version: its own epochs are not "
                "heard, passes over the loader tell them instead."
            )

    return imported
