"""A model prepared for matching: its names in order, so that a pattern looks at few of them."""

from __future__ import annotations

from bisect import bisect_left
from weakref import WeakKeyDictionary

from .pattern import Look, Pattern, unify_separators
from .tensor import NamedModel

_LAST = "\U0010ffff"


class ModelIndex:
    """The names and aliases of a model's tensors; the tensors are indices into `model.tensors`."""

    def __init__(self, model: NamedModel) -> None:
        names: list[str] = []
        owners: list[int] = []
        self.kinds = [each.kind for each in model.tensors]
        self.types = [each.type for each in model.tensors]
        groups: dict[str, list[int]] = {}
        self._siblings: dict[int, list[int]] = {}
        """For each tensor that is a statistic of a module: all statistics of that module."""
        for number, tensor in enumerate(model.tensors):
            names.append(tensor.name)
            owners.append(number)
            for alias in tensor.aliases:
                names.append(alias)
                owners.append(number)
            if tensor.kind == "statistic" and tensor.module != "":
                group = groups.setdefault(tensor.module, [])
                group.append(number)
                self._siblings[number] = group
        unified = [unify_separators(name) for name in names]
        order = sorted(range(len(names)), key=unified.__getitem__)
        self._unified = [unified[at] for at in order]
        self._names = [names[at] for at in order]
        self._owners = [owners[at] for at in order]
        self.results: dict[object, tuple[int, ...]] = {}
        """What rules were found to match, by their conditions."""

    def named(self, pattern: Pattern) -> set[int]:
        """The tensors one of whose names the pattern matches."""
        found: set[int] = set()
        for look in pattern.looks:
            found.update(self._looked(look))
        return found

    def with_siblings(self, found: set[int]) -> set[int]:
        """`found`, and with each statistic of a module the others of that module."""
        siblings = self._siblings
        groups = {id(siblings[each]): siblings[each] for each in found & siblings.keys()}
        return found.union(*groups.values())

    def _looked(self, look: Look) -> list[int]:
        head, unified = look.head, self._unified
        low = bisect_left(unified, head)
        high = bisect_left(unified, head + _LAST, low)
        if look.exact or look.below:
            longer = low
            while longer < high and len(unified[longer]) == len(head):
                longer += 1
            return self._owners[low:longer] if look.exact else self._owners[longer:high]
        if low == high:
            return []
        tails, inside, matches = look.tails, look.inside, look.matches
        return [
            owner
            for owner, text, name in zip(
                self._owners[low:high], unified[low:high], self._names[low:high]
            )
            if inside in text and text.endswith(tails) and matches(name)
        ]


_indexes: WeakKeyDictionary[NamedModel, ModelIndex] = WeakKeyDictionary()


def index_of(model: NamedModel) -> ModelIndex:
    """The index of a model, made once."""
    known = _indexes.get(model)
    if known is None:
        known = _indexes[model] = ModelIndex(model)
    return known
