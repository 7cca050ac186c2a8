"""Replacing functions of torch in place, once."""

from __future__ import annotations

import functools
from typing import Any, Callable

_PATCHED: set[tuple[int, str]] = set()


def wrap(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> bool:
    """Replaces the function `owner.name` by `make(original)`; a second time does nothing.

    `owner` is a class or a module that stays for the whole process. What `make` returns gets the
    name, the documentation and the attributes of the original, so that code which looks at them
    (torch's own `hooked` mark on `Optimizer.step`, `inspect.signature`) sees what it knows.

    Returns whether `owner` has such a function of its own or inherited and was patched now.
    """
    key = (id(owner), name)
    original = getattr(owner, name, None)
    if original is None or key in _PATCHED:
        return False
    _PATCHED.add(key)
    setattr(owner, name, functools.wraps(original)(make(original)))
    return True
