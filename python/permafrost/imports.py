"""Telling when a module has been imported."""

from __future__ import annotations

import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Optional, Sequence

Callback = Callable[[ModuleType], None]


def when_imported(module_name: str, callback: Callback) -> None:
    """Calls `callback(module)` once: now when the module is loaded, else right after it is.

    A module whose own import is under way counts as loaded when that is done. What the callback
    raises goes to `report_fault`, never into the script's import.
    """
    module = sys.modules.get(module_name)
    if module is not None and not _is_initializing(module):
        _call(module_name, callback, module)
        return
    _waiting.setdefault(module_name, []).append(callback)
    if module is not None:
        _watch_end(module_name, module.__spec__)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _ignore(label: str, error: BaseException) -> None:
    pass


report_fault: Callable[[str, BaseException], None] = _ignore
"""Gets what callbacks raise, with words for the work; `arrival` sets it."""

_waiting: dict[str, list[Callback]] = {}


class _Finder:
    """Finds as the others do, and watches the loader of what is waited for."""

    def __init__(self) -> None:
        self._asking: set[tuple[int, str]] = set()

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        key = (threading.get_ident(), name)
        # Other finders of this kind ask sys.meta_path themselves, and so us again.
        if name not in _waiting or key in self._asking:
            return None
        self._asking.add(key)
        try:
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                spec: ModuleSpec | None = None
                if find is not None and finder is not self:
                    spec = find(name, path, target)
                if spec is not None:
                    _watch(name, spec.loader)
                    return spec
            return None
        finally:
            self._asking.discard(key)


_finder = _Finder()


def _watch(name: str, loader: Any) -> None:
    """Has `loader` tell when it has executed the module `name`."""
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return

    def exec_module(module: ModuleType) -> None:
        # One loader may serve many modules, and a module may be looked for and not be loaded.
        if module.__name__ == name:
            loader.__dict__.pop("exec_module", None)
        execute(module)
        if module.__name__ == name:
            _loaded(name, module)

    try:
        loader.exec_module = exec_module
    except (AttributeError, TypeError):
        report_fault(f"waiting for {name}", TypeError(f"{loader!r} takes no attributes"))


class _Watched(ModuleSpec):
    """The spec of a module that is being imported; importlib clears `_initializing` at the end."""

    def __setattr__(self, attribute: str, value: Any) -> None:
        super().__setattr__(attribute, value)
        if attribute == "_initializing" and not value:
            self.__class__ = ModuleSpec  # type: ignore[assignment]
            module = sys.modules.get(self.name)
            if module is not None:
                _loaded(self.name, module)


def _watch_end(name: str, spec: Any) -> None:
    if type(spec) is ModuleSpec:
        spec.__class__ = _Watched


def _is_initializing(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _loaded(name: str, module: ModuleType) -> None:
    for callback in _waiting.pop(name, []):
        _call(name, callback, module)


def _call(name: str, callback: Callback, module: ModuleType) -> None:
    try:
        callback(module)
    except Exception as error:  # never into the script's import
        report_fault(f"the import of {name}", error)
