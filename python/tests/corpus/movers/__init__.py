"""Ways to move a frozen tensor, each a class whose name is also the name of the model it trains."""

from __future__ import annotations

from .mover import Mover


def all_movers() -> list[type[Mover]]:
    """Every way, in the order of the files."""
    from . import (  # noqa: F401
        from_other_tensors,
        in_place,
        loading,
        modules,
        normalization,
        optimizers,
        values,
    )

    return _below(Mover)


def _below(base: type[Mover]) -> list[type[Mover]]:
    return [each for sub in base.__subclasses__() for each in (sub, *_below(sub))]
