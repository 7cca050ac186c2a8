"""Values that the script loads or casts are a new base, told plainly."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from torch.nn import Module

from .measure import current_tensors
from .tracked import Cause, TrackedModel, TrackedTensor

if TYPE_CHECKING:
    from .session import Session

Place = tuple[int, str, int]


@dataclass
class Before:
    """How a model was right before the script loaded or cast something."""

    model: TrackedModel
    places: dict[str, Place]
    moved: frozenset[str]
    """Names that did not equal their references even then."""


class Rebase:
    """Around `load_state_dict`, `.to()` and the like of a model that trains."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._still: "weakref.WeakSet[TrackedModel]" = weakref.WeakSet()
        """Models that a call like `.to(device)` left alone: some scripts make one every batch."""
        session.loads.before = self._before
        session.loads.after = self._after

    def _before(self, module: Module, how: str) -> Optional[list[Before]]:
        """What moved before the load would be lost with it: it is found now."""
        found = []
        for model in self._models(module):
            looked = how == "load" or model not in self._still
            moved = self._moved(model) if looked else frozenset()
            places = {name: _place(now) for name, (_, now) in current_tensors(model).items()}
            found.append(Before(model, places, moved))
        return found or None

    def _moved(self, model: TrackedModel) -> frozenset[str]:
        measured = self._session.measure.measure(model, None, closes=False)
        moved = {each["name"]: each for each in measured.moved}
        for each in model.tensors:
            each.early = moved.get(each.name, each.early)
        return frozenset(moved)

    def _models(self, module: Module) -> list[TrackedModel]:
        announced = [m for m in self._session.registry.models if m.announced and m.alive]
        if not announced:
            return []
        inside = {id(each) for each in module.modules()}
        return [model for model in announced if model.module_ids & inside]

    def _after(self, module: Module, before: list[Before], cause: Cause, how: str) -> None:
        inside = {id(each) for each in module.modules()}
        for each in before:
            self._rebind(each.model)
            current = current_tensors(each.model)
            same = all(_place(now) == each.places.get(n) for n, (_, now) in current.items())
            if how == "cast" and same:
                self._still.add(each.model)
                continue
            self._still.discard(each.model)
            cast = {
                n for n, (_, now) in current.items() if _dtype(each.places.get(n)) != str(now.dtype)
            }
            self._new_base(each, inside, cast if how == "cast" else None, cause)

    def _new_base(
        self, before: Before, inside: set[int], cast: Optional[set[str]], cause: Cause
    ) -> None:
        """Of a load (`cast` is None) all that changed has a new base; of a cast, another dtype."""
        session, model = self._session, before.model
        frozen = [
            each
            for each in model.tensors
            if each.frozen and (owner := each.owner()) is not None and id(owner) in inside
        ]
        changed = [
            each
            for each in session.measure.changed(model, frozen)
            if cast is None or each.name in cast
        ]
        if changed:
            session.measure.take(model, changed)
            for each in changed:
                each.rebased = cause
            session.norms.refresh(model)
        session.causes.watch(model)

    def _rebind(self, model: TrackedModel) -> None:
        """`load_state_dict(assign=True)` and some casts put other objects in place."""
        current = current_tensors(model)
        strange: list[TrackedTensor] = []
        for each in model.tensors:
            now = current.get(each.name)
            if now is not None and now[0] is each.owner() and now[1] is not each.tensor():
                each.tensor = weakref.ref(now[1])
                strange.append(each)
        if any(each.info.kind == "parameter" for each in strange):
            self._session.freezer.apply(model, max(1, model.epoch))


def _place(tensor: Any) -> Place:
    try:
        return int(tensor.data_ptr()), str(tensor.dtype), id(tensor)
    except Exception:  # no memory of its own: a shard, a meta tensor
        return 0, str(tensor.dtype), id(tensor)


def _dtype(place: Optional[Place]) -> Any:
    return place[1] if place is not None else None
