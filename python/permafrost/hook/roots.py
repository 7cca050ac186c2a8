"""Finding the modules of a process, and which of them nothing else contains."""

from __future__ import annotations

import gc
from typing import Iterable, Iterator

import torch
from torch.nn import Module

from .shells import StandIn


def live_modules() -> list[Module]:
    """Every module of the process. `type()` is asked, not `isinstance`: proxies would answer.

    One whose own `__init__` has not begun (DDP's, when it is told of) has no parts yet.
    """
    objects = gc.get_objects()
    kinds = {kind for kind in set(map(type, objects)) if issubclass(kind, Module)} - {StandIn}
    return [each for each in objects if type(each) in kinds and "_modules" in each.__dict__]


def loose_children(module: Module) -> Iterator[tuple[str, Module]]:
    """Modules in plain lists, tuples or dicts of `module`, where torch does not see them."""
    for name, value in list(vars(module).items()):
        if name.startswith("_"):
            continue
        if isinstance(value, (list, tuple)):
            items: Iterable[tuple[object, object]] = enumerate(value)
        elif type(value) is dict:
            items = value.items()
        else:
            continue
        for key, each in list(items):
            if issubclass(type(each), Module):
                yield f"{name}.{key}.", each


class Roots:
    """A picture of the modules as they are nested now."""

    def __init__(self) -> None:
        modules = live_modules()
        children = {id(child) for each in modules for child in each._modules.values()}
        self.tops = [each for each in modules if id(each) not in children]
        self._loose: dict[int, list[tuple[str, Module]]] = {}
        self._adopt(modules)

    def _adopt(self, modules: list[Module]) -> None:
        """Gives a top that lies in a plain list to the module that holds the list."""
        tops = {id(each) for each in self.tops}
        adopted: set[int] = set()
        for module in modules:
            for prefix, child in loose_children(module):
                if id(child) in tops and id(child) not in adopted and child is not module:
                    adopted.add(id(child))
                    self._loose.setdefault(id(module), []).append((prefix, child))
        self.tops = [each for each in self.tops if id(each) not in adopted]

    def parts(self, top: Module) -> list[tuple[str, Module]]:
        """`top`, and what lies in plain lists below it, with the prefix of their names."""
        found = [("", top)]
        if not self._loose:
            return found
        seen = {id(top)}
        for prefix, part in found:
            for name, module in part.named_modules():
                for inner, child in self._loose.get(id(module), ()):
                    if id(child) not in seen:
                        seen.add(id(child))
                        found.append((f"{prefix}{name}.{inner}" if name else prefix + inner, child))
        return found

    def holding(self, parameters: Iterable[torch.Tensor]) -> list[Module]:
        """The tops that any of the parameters belongs to, in the order of their making."""
        wanted = {id(each) for each in parameters}
        return [top for top in self.tops if self._holds(top, wanted)]

    def _holds(self, top: Module, wanted: set[int]) -> bool:
        return any(id(each) in wanted for _, part in self.parts(top) for each in part.parameters())
