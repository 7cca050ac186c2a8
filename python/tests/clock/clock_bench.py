"""A stand-in for the rest of the hook, which writes down what the clock tells."""

from __future__ import annotations

import functools
import weakref
from typing import Any, Callable, Optional

import torch
from torch import nn

from permafrost import imports
from permafrost.clock import EpochClock, frameworks, loaders, schedulers
from permafrost.clock.frameworks import around
from permafrost.hook import patching


class Model:
    def __init__(self, root: nn.Module, name: str) -> None:
        self._root, self.name = weakref.ref(root), name
        self.epoch, self.open, self.clock = 0, False, ""
        self.epochs: Optional[int] = None
        self.steps = 0
        self.told: list[tuple[int, str, int]] = []
        """Of each epoch that has ended: its number, its clock and its steps."""
        self.begun: list[tuple[int, Optional[int], str, Optional[int]]] = []
        self.metrics: list[dict[str, float]] = []

    @property
    def root(self) -> Any:
        return self._root()


class Bench:
    """Training port, registry and core in one; faults are not swallowed but kept."""

    def __init__(self) -> None:
        self.models: list[Model] = []
        self.faults: list[str] = []
        self.informed: list[str] = []
        self.epoch_steps = 100
        self.clock = EpochClock(self, self, self, self.epoch_steps, self.informed.append)

    # What the core does.
    def run(self, label: str, fn: Callable[..., Any], *args: Any, default: Any = None) -> Any:
        try:
            return fn(*args)
        except Exception as error:
            self.faults.append(f"{label}: {error!r}")
            return default

    def track(self, module: nn.Module, name: str = "net") -> Model:
        self.models.append(Model(module, name))
        return self.models[-1]

    def model_of(self, module: nn.Module) -> Optional[Model]:
        for model in self.models:
            if model.root is None:
                continue
            inside = {id(each) for each in model.root.modules()}
            if id(module) in inside or any(each is model.root for each in module.modules()):
                return model
        return None

    def models_of(self, parameters: Any) -> list[Model]:
        wanted = {id(each) for each in parameters}
        return [
            model
            for model in self.models
            if model.root is not None and any(id(p) in wanted for p in model.root.parameters())
        ]

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        models = self.models_of(p for group in optimizer.param_groups for p in group["params"])
        if models:
            self.run("a step", self.clock.stepped, models)
        for model in models:
            if model.open:
                model.steps += 1
            elif model.told:  # ended by this step, or left over
                epoch, clock, steps = model.told[-1]
                model.told[-1] = (epoch, clock, steps + 1)

    # The training port.
    def begin(
        self,
        model: Model,
        *,
        epoch: Optional[int] = None,
        epochs: Optional[int] = None,
        clock: str,
        batches: Optional[int] = None,
    ) -> None:
        wanted = epoch if epoch is not None else model.epoch + (0 if model.open else 1)
        if not (model.open and wanted == model.epoch):
            model.steps = 0
        model.epoch, model.epochs, model.open, model.clock = wanted, epochs, True, clock
        model.begun.append((wanted, epochs, clock, batches))

    def end(self, model: Model, clock: str, metrics: Any = (), at: str = "epoch-end") -> None:
        assert model.root is not None or at == "exit"
        assert model.open, f"{model.name}: end without a beginning"
        model.open = False
        model.told.append((model.epoch, clock, model.steps))
        model.metrics.append(dict(metrics))


class Installed:
    """The bench with its patches in this process; `remove` takes all of them away again."""

    def __init__(self) -> None:
        self.bench = Bench()
        self._undo: list[Callable[[], None]] = []
        self._inside = 0
        self._is_there = True
        for module in (loaders, schedulers, around):
            self._set(module, "wrap", self._wrap)
        for module in (loaders, frameworks):
            self._set(module, "when_imported", self._when_imported)
        for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.LBFGS):
            self._after(kind, "step", lambda optimizer, *_: self.bench.stepped(optimizer))
        self._after(nn.Module, "train", self._mode)
        self.bench.clock.install()

    def remove(self) -> None:
        self._is_there = False
        for undo in reversed(self._undo):
            undo()

    def _when_imported(self, name: str, callback: Callable[[Any], None]) -> None:
        imports.when_imported(name, lambda module: callback(module) if self._is_there else None)

    def _mode(self, module: nn.Module, training: bool = True) -> None:
        self.bench.run("mode", self.bench.clock.mode, module, training)

    def _set(self, owner: Any, name: str, value: Any) -> None:
        own, before = name in vars(owner), getattr(owner, name)
        self._undo.append(lambda: setattr(owner, name, before) if own else delattr(owner, name))
        setattr(owner, name, value)

    def _wrap(self, owner: Any, name: str, make: Callable[..., Any]) -> bool:
        own, before = name in vars(owner), getattr(owner, name, None)
        done = patching.wrap(owner, name, make)
        if done:
            self._undo.append(lambda: patching._PATCHED.discard((id(owner), name)))
            self._undo.append(lambda: setattr(owner, name, before) if own else delattr(owner, name))
        return done

    def _after(self, owner: Any, name: str, tell: Callable[..., None]) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self_: Any, *args: Any, **kwargs: Any) -> Any:
            self._inside += 1
            try:
                result = original(self_, *args, **kwargs)
            finally:
                self._inside -= 1
            if self._inside == 0:
                tell(self_, *args)
            return result

        self._set(owner, name, method)

    def fresh(self) -> Bench:
        bench = self.bench
        bench.models.clear()
        bench.faults.clear()
        bench.clock._forked()
        bench.clock._is_over = False
        bench.clock._hand._total = None
        # Garbage of earlier tests, which no script would have around.
        bench.clock._passes._unread.clear()
        torch.manual_seed(0)
        return bench


class Loop:
    """A model with its optimizer, and a step that trains it."""

    def __init__(self, bench: Bench, name: str = "net") -> None:
        self.net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01)
        self.model = bench.track(self.net, name)

    def step(self, batch: Any = None) -> None:
        x = batch[0] if batch is not None else torch.ones(8, 4)
        self.optimizer.zero_grad()
        self.net(x).sum().backward()
        self.optimizer.step()

    @property
    def told(self) -> list[tuple[int, str, int]]:
        return self.model.told
