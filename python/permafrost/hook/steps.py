"""Around every step: what is frozen stays out of it, and what it did is noted."""

from __future__ import annotations

import re
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

import torch
from torch.optim import Optimizer

from . import shells
from .by_hand import ByHand
from .tracked import TrackedModel

if TYPE_CHECKING:
    from .session import Session

# What autograd says of a tensor that is not to have a gradient.
_ASKS_FOR_GRADIENT = re.compile(r"(does not|doesn't) require (grad|gradient)\b")


@dataclass
class Token:
    """What has to be put right after a step."""

    models: list[TrackedModel]
    taken: list[tuple[list[torch.Tensor], list[torch.Tensor]]] = field(default_factory=list)
    versions: list[list[int]] = field(default_factory=list)
    restore: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)


class Steps:
    """Hears of the steps of all optimizers and of backward passes."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._models: "weakref.WeakKeyDictionary[Optimizer, list[TrackedModel]]" = (
            weakref.WeakKeyDictionary()
        )
        self._thawed: set[int] = set()
        self.by_hand = ByHand(session)
        optimizers, gradients = session.optimizers, session.gradients
        optimizers.on_made = session.preparation.optimizer_made
        optimizers.on_empty = self._empty
        optimizers.before_step = self._before
        optimizers.after_step = self._after
        optimizers.on_mismatch = self._mismatch
        gradients.on_backward = self._backward
        gradients.on_zeros = self._zeros

    def forget_models(self) -> None:
        """Other models are there: which optimizer trains which is found anew."""
        self._models = weakref.WeakKeyDictionary()

    def _models_of(self, optimizer: Optimizer) -> list[TrackedModel]:
        models = self._models.get(optimizer)
        if models is None:
            record = self._session.optimizers.record(optimizer)
            models = self._session.registry.models_of(record.parameters() if record else [])
            self._models[optimizer] = models
        return models

    def _before(self, optimizer: Optimizer) -> Token:
        session = self._session
        models = self._models_of(optimizer)
        waits = any(not model.announced and not model.on_trial for model in models)
        if waits or session.preparation.shaping:
            session.preparation.announce()
            models = self._models_of(optimizer)
        token = Token([model for model in models if model.announced])
        record = session.optimizers.record(optimizer)
        for model in token.models:
            shells.drop(model)
            session.norms.look(model)
            self._sample(model)
            if not model.frozen_parameters:
                token.versions.append([])
                continue
            self._assert(model)
            token.versions.append(session.causes.versions(model))
            waiting = [each for each in model.frozen_parameters if not each.always_frozen]
            if waiting and record is not None:
                self._keep_out(optimizer, record, waiting, token)
        return token

    def _assert(self, model: TrackedModel) -> None:
        thawed = self._session.freezer.assert_frozen(model)
        self._session.gradients.drop(model)
        if thawed and id(model) not in self._thawed:
            self._thawed.add(id(model))
            more = f" and {len(thawed) - 1} more" if len(thawed) > 1 else ""
            self._tell(
                "warning",
                "script-thawed",
                f"The script set requires_grad of {thawed[0].name}{more} of {model.name} to "
                "True; the rules keep it frozen.",
            )

    def _keep_out(self, optimizer: Optimizer, record: Any, waiting: Any, token: Token) -> None:
        tensors = [tensor for each in waiting if (tensor := each.tensor()) is not None]
        if isinstance(optimizer, torch.optim.LBFGS):
            # It keeps one flat vector over all parameters: they stay, and are put back after.
            token.restore = [(each, each.detach().clone()) for each in tensors]
        else:
            token.taken = record.without({id(each) for each in tensors})

    def _sample(self, model: TrackedModel) -> None:
        norms = self._session.training.gradients.get(id(model))
        if norms is None or not norms.due(model):
            return
        parameters = [
            tensor
            for each in model.tensors
            if each.script_trains and not each.frozen and (tensor := each.tensor()) is not None
        ]
        norms.sample(parameters)

    def _after(self, optimizer: Optimizer, what: Any) -> None:
        token, leaf = what
        if token is None:
            return
        for listed, whole in token.taken:
            listed[:] = whole
        with torch.no_grad():
            for tensor, kept in token.restore:
                if not torch.equal(tensor, kept):
                    tensor.copy_(kept)
        for model, versions in zip(token.models, token.versions):
            if versions:
                self._session.causes.stepped(model, versions, optimizer)
        if leaf:
            self._count(id(optimizer), token.models)

    def _count(self, stepper: int, models: list[TrackedModel]) -> None:
        """A model with several optimizers has made a step when one of them comes again."""
        counted = []
        for model in models:
            if not model.stepped or stepper in model.stepped:
                model.stepped = {stepper}
                counted.append(model)
            else:
                model.stepped.add(stepper)
                model.touched = True
        for model in counted:
            model.touched = True
        if counted:
            self._session.clock.stepped(counted)
            for model in counted:
                self._session.training.step(model)
        for model in models:
            if not model.open:  # a step after the end of an epoch
                shells.keep(model)

    def _backward(self) -> None:
        session = self._session
        self.by_hand.after_backward()
        for model in session.registry.models:
            if model.frozen_parameters:
                session.gradients.drop(model)
            if model.by_hand and self.by_hand.has_stepped(model) and model.announced:
                shells.drop(model)
                session.norms.look(model)
                self._count(0, [model])

    def _empty(self) -> None:
        """The script handed an optimizer nothing, since everything is frozen already."""
        models = self._session.registry.models
        if any(each.flipped for model in models for each in model.tensors):
            self._session.gate.refuse_everything()

    def _mismatch(self, text: str) -> None:
        self._tell(
            "error",
            "optimizer-state",
            f"The optimizer refused the state that the script loaded: {text}.",
            "It was saved with other parameter groups than this script makes. Permafrost "
            "shows saved states all parameters of the script, frozen or not; load one that was "
            "saved so, or start the optimizer anew.",
        )

    def _zeros(self, file: str, line: int) -> None:
        self._tell(
            "info",
            "script-reads-gradients",
            f"The script reads gradients of parameters at {file}:{line}, so those frozen for "
            "the whole run have gradients of zeros instead of none.",
            "Skip parameters without a gradient there (`if p.grad is not None`) to save "
            "their memory.",
        )

    def failed(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        """The script failed: says so when it may be for a gradient that freezing took away."""
        text = str(error)
        if not any(model.frozen_parameters for model in self._session.registry.models):
            return
        if kind in (TypeError, AttributeError) and "NoneType" in text:
            self._tell(
                "error",
                "script-reads-gradients",
                f"The script failed with {kind.__name__}: {text}. Frozen parameters have no "
                "gradient, as after freezing by hand.",
                "Where the script reads `p.grad` of all parameters, skip those that are None.",
            )
        elif kind is RuntimeError and _ASKS_FOR_GRADIENT.search(text):
            self._tell(
                "error",
                "script-reads-gradients",
                f"The script failed with RuntimeError: {text}. Frozen parameters ask for no "
                "gradient, as after freezing by hand.",
                "Where the script names all parameters to autograd, as in "
                "`torch.autograd.grad`, leave out those without `requires_grad`.",
            )

    def _tell(self, level: str, code: str, text: str, advice: Optional[str] = None) -> None:
        more = {"advice": advice} if advice else {}
        self._session.sink.write("message", level=level, code=code, text=text, **more)
