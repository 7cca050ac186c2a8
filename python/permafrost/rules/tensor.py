"""Tensors and models as rules address them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Sequence

TensorKind = Literal["parameter", "statistic"]
"""A parameter is what an optimizer moves; a statistic is what training moves beside it."""


class NamedTensor(NamedTuple):
    """A tensor as rules address it."""

    name: str
    """The framework's own name, without wrapper prefixes: `features.0.weight`."""
    aliases: tuple[str, ...]
    """Further names of the same memory: tied weights, a layer shared by two models."""
    kind: TensorKind
    module: str
    """Full name of the owning module; empty for a tensor that belongs to none."""
    type: str
    """Class of the owning module: `BatchNorm2d`; empty when there is none."""


@dataclass(frozen=True, eq=False)
class NamedModel:
    """A model as rules address it: `model` of a rule is a pattern over name or class name."""

    name: str
    class_name: str
    tensors: Sequence[NamedTensor]
