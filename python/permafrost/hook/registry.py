"""The models of the process: found when an optimizer has their parameters, or a backward pass."""

from __future__ import annotations

import weakref
from typing import Callable, Iterable, Optional

import torch
from torch.nn import Module

from ..distributed import class_name, unwrapped
from ..rules import Rule, plan_model
from .copies import copies_in
from .describe import describe
from .names import variable_of
from .optimizers import Optimizers
from .roots import Roots
from .tracked import TrackedModel


def plan_into(model: TrackedModel, rules: list[Rule]) -> None:
    """Notes at each tensor of `model` when the rules freeze it."""
    plan = plan_model(rules, model.named())
    model.matched = list(plan.matched)
    for tracked in model.tensors:
        tracked.spans = tuple(plan.spans.get(tracked.name, ()))


class ModelRegistry:
    """Finds models, gives them names and plans. One that has trained keeps its place."""

    def __init__(self, rules: list[Rule], optimizers: Optimizers) -> None:
        self._rules = rules
        self._optimizers = optimizers
        self._names: "weakref.WeakKeyDictionary[Module, str]" = weakref.WeakKeyDictionary()
        self._wraps: "weakref.WeakKeyDictionary[Module, set[str]]" = weakref.WeakKeyDictionary()
        self._by_module: dict[int, TrackedModel] = {}
        self.models: list[TrackedModel] = []

    def use(self, rules: list[Rule]) -> None:
        """Plans with other rules from now on."""
        self._rules = rules

    def model_of(self, module: Module) -> Optional[TrackedModel]:
        """The model that `module` is, contains, or is a part of."""
        found = self._by_module.get(id(module))
        if found is not None and found.alive:
            return found
        inner = unwrapped(module)
        return self._by_module.get(id(inner))

    def models_of(self, parameters: Iterable[torch.Tensor]) -> list[TrackedModel]:
        return self.models_with({id(each) for each in parameters})

    def models_with(self, wanted: set[int]) -> list[TrackedModel]:
        """The models that have a parameter with one of these ids."""
        return [
            model
            for model in self.models
            if any(id(t.tensor()) in wanted for t in model.tensors if t.info.kind == "parameter")
        ]

    @property
    def waiting(self) -> list[TrackedModel]:
        """The models that have been found but have not trained yet."""
        return [
            model
            for model in self.models
            if not model.announced and not model.on_trial and model.alive
        ]

    def wrapped(self, module: Module, kind: str) -> None:
        """The script is about to wrap `module` for distributed training."""
        self._wraps.setdefault(module, set()).add(kind)

    def name_now(self, module: Module) -> None:
        """Remembers what the script calls the model, while its variables are on the stack."""
        root = unwrapped(module)
        if root not in self._names:
            name = variable_of(root) or (variable_of(module) if module is not root else None)
            if name is not None:
                self._names[root] = name

    def knows(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether a model that is alive has every one of the parameters."""
        return {id(each) for each in parameters} <= self._covered(self.models)

    def collect(self, extra: Iterable[torch.Tensor] = ()) -> list[TrackedModel]:
        """Finds the models of all optimizers, of what was wrapped and of `extra` anew.

        Returns those that are new or wait to train. What waits is thrown away first: a module that
        was a model of its own a moment ago may have become a part of another.
        """
        parameters = [each for record in self._optimizers.all() for each in record.parameters()]
        parameters += [each for module in list(self._wraps) for each in module.parameters()]
        parameters += extra
        waiting = {id(model.root): model for model in self.waiting}
        self.models = [model for model in self.models if model.announced or model.on_trial]
        fresh = self._unknown(parameters, lambda top: True, waiting)
        self._add(fresh)
        return fresh

    def try_out(self, parameters: Iterable[torch.Tensor]) -> list[TrackedModel]:
        """Finds the models of `parameters` that are not known; they do not wait for training."""
        fresh = self._unknown(parameters, lambda top: self.model_of(top) is None, {})
        for model in fresh:
            model.by_hand = model.on_trial = True
            model.ran = False
        self._add(fresh)
        return fresh

    def _unknown(
        self,
        parameters: Iterable[torch.Tensor],
        takes: Callable[[Module], bool],
        waiting: dict[int, TrackedModel],
    ) -> list[TrackedModel]:
        """Models of those `parameters` that no known one has; `waiting` by id of their roots."""
        covered = self._covered(self.models)
        wanted = [each for each in parameters if id(each) not in covered]
        fresh: list[TrackedModel] = []
        if wanted:
            roots = Roots()
            trained = self._optimizers.trained() | {id(each) for each in wanted}
            tops = roots.holding(wanted)
            held = {
                id(part) for top in tops if id(unwrapped(top)) in waiting for part in top.modules()
            }
            for top in tops:
                if takes(top) and not _selects(top, held):
                    self.name_now(top)
                    before = waiting.get(id(unwrapped(top)))
                    fresh.append(self._model(top, roots, trained, before))
        return fresh

    def _add(self, fresh: list[TrackedModel]) -> None:
        self.models.extend(fresh)
        self._name(fresh)
        for model in fresh:
            self._plan(model)
        self._index()

    def _covered(self, models: Iterable[TrackedModel]) -> set[int]:
        return {id(t.tensor()) for model in models if model.alive for t in model.tensors}

    def replan(self, model: TrackedModel) -> None:
        """Reads the tensors of `model` again, after the script put others into it."""
        describe(model, {})
        self._plan(model)
        self._index()

    def forget_dead(self) -> list[TrackedModel]:
        """Drops the models that the script has deleted, and returns them."""
        dead = [model for model in self.models if not model.alive]
        if dead:
            self.models = [model for model in self.models if model.alive]
            self._index()
        return dead

    def _model(
        self, top: Module, roots: Roots, trained: set[int], before: Optional[TrackedModel]
    ) -> TrackedModel:
        root = unwrapped(top)
        name = class_name(root)
        model = TrackedModel(root, self._names.get(root, name), name)
        model.parts = [
            (prefix, weakref.ref(root if part is top else part))
            for prefix, part in roots.parts(top)
            if part is top or any(id(each) in trained for each in part.parameters())
        ]
        if before is not None:
            model.tensors = before.tensors
        for module in top.modules():
            model.wraps |= self._wraps.get(module, set())
        describe(model, copies_in(root, trained))
        model.module_ids |= frozenset(id(each) for each in top.modules())
        return model

    def _name(self, models: list[TrackedModel]) -> None:
        """Two models in training at a time have two names: `net`, `net (2)`."""
        taken = {model.name for model in self.models if model not in models and model.alive}
        for model in models:
            name, number = model.name, 2
            while model.name in taken:
                model.name = f"{name} ({number})"
                number += 1
            taken.add(model.name)

    def _plan(self, model: TrackedModel) -> None:
        plan_into(model, self._rules)

    def _index(self) -> None:
        self._by_module = {
            key: model for model in self.models if model.alive for key in model.module_ids
        }


def _selects(top: Module, held: set[int]) -> bool:
    """Whether `top` only lines up parts of models that wait already, as `net[:3]` does."""
    if id(top) in held or top._parameters or top._buffers:
        return False
    return all(id(each) in held for each in top.children())
