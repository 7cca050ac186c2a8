"""The optimizers of the script: who trains what, and what is kept from them."""

from __future__ import annotations

import gc
import weakref
from contextlib import contextmanager
from typing import Any, Callable, Iterable, Iterator, Optional

import torch
from torch.optim import Optimizer

from .compiling import is_compiling
from .faults import Faults
from .patching import wrap

# A group's list is the key: torch keeps the list and makes a new group around it when it loads.
Hidden = list[tuple[list[torch.Tensor], list[torch.Tensor]]]


class OptimizerRecord:
    """What the script handed to one optimizer, and what Permafrost took out."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.ref = weakref.ref(optimizer)
        self.hidden: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}
        """By id of a group's list: the list itself, and all that the script put into it."""
        self.stand_ins: set[int] = set()
        """Ids of frozen parameters that stay in sight, each in a group of nothing else."""
        self._aside: list[Hidden] = []

    @property
    def hides(self) -> bool:
        """Whether anything is taken out of it."""
        return bool(self.hidden or self.stand_ins)

    def parameters(self) -> list[torch.Tensor]:
        """All that the script handed in, frozen ones included."""
        optimizer = self.ref()
        if optimizer is None:
            return []
        found: list[torch.Tensor] = []
        for group in optimizer.param_groups:
            listed = group["params"]
            entry = self.hidden.get(id(listed))
            found.extend(entry[1] if entry is not None else listed)
        return found

    def hide(self, frozen: set[int], owned: set[int]) -> None:
        """Takes the parameters with the ids `frozen` out of the groups, for good.

        Of `owned`, the ids of the model that they are of, the others come back. What belongs to
        other models stays as it is: one optimizer may train several. A group that would be empty
        keeps one, which is out for each step: scripts ask `group["params"][0]` for its device.
        """
        optimizer = self.ref()
        if optimizer is None:
            return
        for group in optimizer.param_groups:
            listed = group["params"]
            if not isinstance(listed, list):
                continue
            entry = self.hidden.get(id(listed))
            whole = _union(entry[1], listed) if entry is not None else list(listed)
            ids = {id(each) for each in whole}
            shown = {id(each) for each in listed} - self.stand_ins
            out = (ids - shown - owned) | (ids & frozen)
            kept = [each for each in whole if id(each) not in out]
            self.stand_ins -= ids
            if whole and not kept:
                kept = whole[:1]
                self.stand_ins.add(id(kept[0]))
            if len(kept) == len(whole):
                if entry is not None:
                    listed[:] = whole
                    del self.hidden[id(listed)]
                continue
            self.hidden[id(listed)] = (listed, whole)
            listed[:] = kept

    def in_sight(self) -> list[torch.Tensor]:
        """The parameters that the groups show now."""
        optimizer = self.ref()
        groups = optimizer.param_groups if optimizer is not None else ()
        return [each for group in groups for each in group["params"]]

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Shows the optimizer as the script made it, so that saved states keep their positions."""
        kept = [(listed, whole, list(listed)) for listed, whole in self.hidden.values()]
        for listed, whole, _ in kept:
            listed[:] = whole
        try:
            yield
        finally:
            for listed, _, active in kept:
                listed[:] = active

    def step_begins(self) -> None:
        """Takes the stand-ins out. LBFGS needs one parameter, and moves none without gradient."""
        optimizer = self.ref()
        taken = self.stand_ins and not isinstance(optimizer, torch.optim.LBFGS)
        self._aside.append(self.without(self.stand_ins) if taken else [])

    def step_ends(self) -> None:
        """Puts them back."""
        for listed, whole in self._aside.pop():
            listed[:] = whole

    def without(self, frozen: set[int]) -> Hidden:
        """Takes parameters out for the time of one step; the result puts them back."""
        optimizer = self.ref()
        taken = []
        for group in optimizer.param_groups if optimizer is not None else ():
            listed = group["params"]
            if isinstance(listed, list) and any(id(each) in frozen for each in listed):
                taken.append((listed, list(listed)))
                listed[:] = [each for each in listed if id(each) not in frozen]
        return taken


def _union(whole: list[torch.Tensor], listed: list[torch.Tensor]) -> list[torch.Tensor]:
    """What was there, with what the script has added to the list since."""
    known = {id(each) for each in whole}
    return [*whole, *(each for each in listed if id(each) not in known)]


class Optimizers:
    """Every optimizer of the process, from its making on."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._records: "weakref.WeakKeyDictionary[Optimizer, OptimizerRecord]" = (
            weakref.WeakKeyDictionary()
        )
        self.on_made: Callable[[Optimizer], None] = lambda optimizer: None
        self.on_empty: Callable[[], None] = lambda: None
        self.before_step: Callable[[Optimizer], Any] = lambda optimizer: None
        self.after_step: Callable[[Optimizer, Any], None] = lambda optimizer, before: None
        self.on_mismatch: Callable[[str], None] = lambda text: None
        self._depth = 0
        self._inner = 0

    def install(self) -> None:
        wrap(Optimizer, "__init__", self._patched_init)
        wrap(Optimizer, "add_param_group", self._patched_add)
        wrap(Optimizer, "state_dict", self._patched_state_dict)
        wrap(Optimizer, "load_state_dict", self._patched_load)

    @property
    def any(self) -> bool:
        return len(self._records) > 0

    def all(self) -> list[OptimizerRecord]:
        return [each for each in self._records.values() if each.ref() is not None]

    def record(self, optimizer: Optimizer) -> Optional[OptimizerRecord]:
        return self._records.get(optimizer)

    def adopt(self, parameters: Iterable[torch.Tensor]) -> None:
        """Takes in what trains any of the parameters and was made before the hook was there."""
        wanted = {id(each) for each in parameters}
        for each in gc.get_objects():
            if not issubclass(type(each), Optimizer) or each in self._records:
                continue
            if any(id(handed) in wanted for handed in OptimizerRecord(each).in_sight()):
                self._made(each)

    def trained(self) -> set[int]:
        """Ids of the parameters that any optimizer was given."""
        return {id(each) for record in self.all() for each in record.parameters()}

    def _patched_init(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def __init__(optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
            try:
                original(optimizer, *args, **kwargs)
            except ValueError as error:
                if "empty parameter list" in str(error):
                    self.on_empty()
                raise
            self._faults.run("the making of an optimizer", self._made, optimizer)

        return __init__

    def _made(self, optimizer: Optimizer) -> None:
        if getattr(type(optimizer), "__module__", "").startswith("accelerate."):
            return
        self._records[optimizer] = OptimizerRecord(optimizer)
        self._watch_steps(type(optimizer))
        self.on_made(optimizer)

    def _patched_add(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def add_param_group(optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            result = original(optimizer, *args, **kwargs)
            if optimizer in self._records:
                self._faults.run("a new parameter group", self.on_made, optimizer)
            return result

        return add_param_group

    def _patched_state_dict(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def state_dict(optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            record = self._records.get(optimizer)
            if record is None or not record.hidden:
                return original(optimizer, *args, **kwargs)
            with record.whole():
                return original(optimizer, *args, **kwargs)

        return state_dict

    def _patched_load(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def load_state_dict(optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            record = self._records.get(optimizer)
            try:
                if record is None or not record.hidden:
                    return original(optimizer, *args, **kwargs)
                with record.whole():
                    return original(optimizer, *args, **kwargs)
            except ValueError as error:
                if "group" in str(error):
                    self._faults.run("a refused optimizer state", self.on_mismatch, str(error))
                raise

        return load_state_dict

    def _watch_steps(self, kind: type) -> None:
        """Patches `step` where it is defined, once for all optimizers that inherit it."""
        owner = next((each for each in kind.__mro__ if "step" in vars(each)), kind)
        if owner is not Optimizer:
            wrap(owner, "step", self._patched_step)

    def _patched_step(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            if is_compiling():
                return original(optimizer, *args, **kwargs)
            if optimizer not in self._records:  # copied or unpickled: never made by __init__
                self._faults.run("the making of an optimizer", self._made, optimizer)
            before = self._faults.run("the beginning of a step", self._entered, optimizer)
            try:
                return original(optimizer, *args, **kwargs)
            finally:
                self._faults.run("the end of a step", self._left, optimizer, before)

        return step

    def _entered(self, optimizer: Optimizer) -> Any:
        self._depth += 1
        self._inner = self._depth
        try:
            return self.before_step(optimizer)
        finally:
            self._records[optimizer].step_begins()

    def _left(self, optimizer: Optimizer, before: Any) -> None:
        # An optimizer that steps another one (Lookahead, SAM) is no step of its own.
        leaf = self._inner == self._depth
        self._depth -= 1
        self._records[optimizer].step_ends()
        self.after_step(optimizer, (before, leaf))
