"""What is left of a model that the script lets go of, for one last look.

A script that trains in a function has no model any more when the process ends. Between the end of
an epoch and the next step, stand-ins hold what the parts of the model hold, so that the moment in
which the model goes is one in which its tensors can still be compared. While training goes on
nothing is held: what the script takes out of its model is freed.
"""

from __future__ import annotations

import weakref

from torch.nn import Module

from .tracked import TrackedModel


class StandIn(Module):  # type: ignore[misc]
    """Holds what a module holds. Never a model of its own: `roots.py` passes it over."""


def keep(model: TrackedModel) -> None:
    """Holds what the parts of `model` hold now."""
    model.shells = [
        (prefix, _shell(part)) for prefix, each in model.parts if (part := each()) is not None
    ]


def drop(model: TrackedModel) -> None:
    """Training goes on, or the last look has been had."""
    model.shells = []


def move_in(model: TrackedModel) -> None:
    """After the model has gone: the stand-ins own what it owned itself."""
    places = {
        (id(tensor), attribute): shell
        for _, shell in model.shells
        for held in (shell._parameters, shell._buffers)
        for attribute, tensor in held.items()
    }
    for each in model.tensors:
        if each.owner() is None:
            shell = places.get((id(each.tensor()), each.attribute))
            if shell is not None:
                each.owner = weakref.ref(shell)


def _shell(part: Module) -> Module:
    shell = StandIn()
    shell._parameters = dict(part._parameters)
    shell._buffers = dict(part._buffers)
    shell._modules = dict(part._modules)
    return shell
