"""Models that the script updates itself, without an optimizer of torch."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import Module

from .early_statistics import EarlyStatistics
from .roots import live_modules
from .tracked import TrackedModel

if TYPE_CHECKING:
    from .session import Session


@dataclass
class Trial:
    """A model of which it is not known yet whether it trains."""

    model: TrackedModel
    passes: int = 0
    """Backward passes since its first gradient."""


class ByHand:
    """Finds the models that have gradients and no optimizer.

    Where the script has no optimizer at all, what a backward pass gives gradients to trains. Beside
    an optimizer it may as well be a network that passes gradients on and stays as it is (a
    perceptual loss). It is on trial then: frozen and compared from its first gradient on, but told
    of only when it moves. Such models are looked for only where the code of the script changes
    tensors by their gradients, since every forward pass has to be seen for it.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._looked = 0
        self._early = EarlyStatistics()
        self._loose: "weakref.WeakKeyDictionary[Module, list[weakref.ref[torch.Tensor]]]" = (
            weakref.WeakKeyDictionary()
        )
        """What has been called to train, with those of its parameters that no optimizer has."""
        self._trials: list[Trial] = []

    @property
    def expected(self) -> bool:
        """Whether the code of the script changes tensors by their gradients."""
        gradients = self._session.gradients
        if not gradients.looked:
            gradients.look()
        return gradients.script.updates

    def forward(self, module: Module) -> None:
        """Before an outermost forward pass that may train `module`."""
        model = self._session.registry.model_of(module)
        if model is not None:
            model.ran = True
            return
        loose = self._loose.get(module)
        if loose is None:
            handed = self._session.optimizers.trained()
            loose = self._loose[module] = [
                weakref.ref(each)
                for each in module.parameters()
                if each.requires_grad and id(each) not in handed
            ]
        if loose and self._session.gate.config.rules:
            self._early.before_forward(module)

    def after_backward(self) -> None:
        """Looks for what has gradients now, and judges what is on trial."""
        session = self._session
        if not session.registry.models and not session.optimizers.any:
            self._look_alone()
        elif self._loose:
            parameters = [
                parameter
                for module, loose in list(self._loose.items())
                for each in (loose if module.training else ())
                if (parameter := each()) is not None and parameter.grad is not None
            ]
            if parameters:
                self._try(parameters)
        if self._trials:
            self._judge()

    def has_stepped(self, model: TrackedModel) -> bool:
        """Whether the backward pass that is over now is one of this model, as far as one knows."""
        ran = model.ran is not False
        if model.ran:
            model.ran = False
        return ran

    def _look_alone(self) -> None:
        """Looks for what a backward pass without optimizers gave gradients to, a few times."""
        if self._looked >= 5:
            return
        self._looked += 1
        parameters = [
            parameter
            for module in live_modules()
            if module.training
            for parameter in module._parameters.values()
            if parameter is not None and parameter.grad is not None
        ]
        if parameters:
            self._session.preparation.trained_by_hand(parameters)
            self._session.preparation.announce()

    def _try(self, parameters: list[torch.Tensor]) -> None:
        session = self._session
        for model in session.registry.try_out(parameters):
            session.freezer.apply(model, 1)
            self._early.put_back(model)
            session.training.prepare(model)
            self._trials.append(Trial(model))
        found = {id(each) for each in parameters}
        for module, loose in list(self._loose.items()):
            if any(id(each()) in found for each in loose):
                del self._loose[module]
        if not self._loose:
            self._early.clear()

    def _judge(self) -> None:
        """At the first, second, fourth, eighth pass: has it moved?"""
        for trial in list(self._trials):
            model = trial.model
            trial.passes += 1
            if not model.alive:
                self._session.training.deleted(model)
            known = model in self._session.registry.models
            if not known or not model.alive or not model.on_trial:  # an optimizer has it now
                self._trials.remove(trial)
            elif trial.passes & (trial.passes - 1) == 0 and self._trains(model):
                self._trials.remove(trial)
                self._session.preparation.trial_passed(model)

    def _trains(self, model: TrackedModel) -> bool:
        if self._session.training.has_moved(model):
            return True
        # The rules are for this one: nothing is left of it that could move.
        return not any(each.script_trains and not each.frozen for each in model.tensors)
