"""Doing something before and after a method of a framework."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from ...hook.patching import wrap
from ..ports import FaultsPort

Part = Callable[..., None]


def around(
    owner: Any,
    name: str,
    faults: FaultsPort,
    label: str,
    before: Optional[Part] = None,
    after: Optional[Part] = None,
    always: Optional[Part] = None,
) -> None:
    """Has `before`, `after` and `always` called with the arguments of the method `owner.name`.

    `after` is left out when the method raises, `always` is not.
    """

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            if before is not None:
                faults.run(label, before, *args)
            try:
                result = original(*args, **kwargs)
                if after is not None:
                    faults.run(label, after, *args)
                return result
            finally:
                if always is not None:
                    faults.run(label, always, *args)

        return method

    wrap(owner, name, make)


def missing_in(owner: Any, *names: str) -> list[str]:
    """The methods that `owner` lacks."""
    return [name for name in names if not callable(getattr(owner, name, None))]


def numbers(values: Optional[Mapping[str, Any]]) -> dict[str, float]:
    """The single numbers among `values`, be they floats or tensors."""
    found = {}
    for key, value in (values or {}).items():
        if hasattr(value, "numel") and hasattr(value, "item") and value.numel() == 1:
            value = value.item()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[str(key)] = float(value)
    return found


def whole(number: Any) -> Optional[int]:
    """`number` when it is a number of epochs or batches that one can show, else None."""
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    return number if isinstance(number, int) and 0 < number < 10**7 else None
