"""A map from objects to facts about them that keeps neither alive nor asks them for equality."""

from __future__ import annotations

import weakref
from typing import Any, Generic, Optional, TypeVar

Value = TypeVar("Value")


class IdentityMap(Generic[Value]):
    """Weak keys by identity: tensors compare element by element, and modules as they like."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple["weakref.ref[Any]", Value]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Any) -> Optional[Value]:
        """The value of this very object, or None."""
        entry = self._entries.get(id(key))
        return entry[1] if entry is not None and entry[0]() is key else None

    def set(self, key: Any, value: Value) -> None:
        """Keeps `value` for as long as `key` is alive."""
        number = id(key)

        def forget(gone: "weakref.ref[Any]") -> None:
            entry = self._entries.get(number)
            if entry is not None and entry[0] is gone:
                del self._entries[number]

        self._entries[number] = (weakref.ref(key, forget), value)
