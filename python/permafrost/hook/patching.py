"""Replacing functions of torch in place, once."""

from __future__ import annotations

import functools
from typing import Any, Callable, Optional

Function = Callable[..., Any]

_PATCHED: set[tuple[int, str]] = set()
_STAND_INS: dict[tuple[int, str], tuple[Function, Function, list[Function]]] = {}
"""Of what waits to be patched: the stand-in, the original, and the patched function once there."""


def wrap(owner: Any, name: str, make: Callable[[Function], Function]) -> bool:
    """Replaces the function `owner.name` by `make(original)`; a second time does nothing.

    `owner` is a class or a module that stays for the whole process. What `make` returns gets the
    name, the documentation and the attributes of the original, so that code which looks at them
    (torch's own `hooked` mark on `Optimizer.step`, `inspect.signature`) sees what it knows.

    Returns whether `owner` has such a function of its own or inherited and was patched now.
    """
    key = (id(owner), name)
    present = getattr(owner, name, None)
    if present is None or key in _PATCHED:
        return False
    _PATCHED.add(key)
    stand_in, original, patched = _STAND_INS.pop(key, (present, present, []))
    replacement = functools.wraps(original)(make(original))
    patched.append(replacement)
    # What the script has put over a stand-in stays on top: it calls what stood there.
    if present is stand_in:
        setattr(owner, name, replacement)
    return True


def stand_in_for(owner: Any, name: str, wake: Optional[Function]) -> None:
    """Holds the place of `owner.name` until `wrap` patches it, which `wake()` is to bring about.

    `wake` is called before the function is called for the first time; with None the function is as
    it was until it is patched. Whoever has taken it from its place by then calls what is patched.
    """
    key = (id(owner), name)
    original = getattr(owner, name, None)
    if original is None or key in _PATCHED or key in _STAND_INS:
        return
    patched: list[Function] = []

    @functools.wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if wake is not None and not patched:
            wake()
        return (patched[0] if patched else original)(*args, **kwargs)

    _STAND_INS[key] = (stand_in, original, patched)
    setattr(owner, name, stand_in)
