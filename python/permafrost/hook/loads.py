"""What the script itself loads or casts: a new base, not a movement."""

from __future__ import annotations

from typing import Any, Callable

from torch.nn import Module

from .faults import Faults
from .patching import wrap
from .places import script_place
from .tracked import Cause


class Loads:
    """Tells when the script is about to load or cast values, and when it has."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._depth = 0
        self.before: Callable[[Module, str], Any] = lambda module, how: None
        self.after: Callable[[Module, Any, Cause, str], None] = lambda *arguments: None

    def install(self) -> None:
        wrap(Module, "load_state_dict", self._patched("load", "load_state_dict() was called"))
        # `.to()`, `.half()`, `.cuda()` and the like all go through `_apply`.
        wrap(Module, "_apply", self._patched("cast", "the script cast or moved it"))

    def _patched(self, how: str, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def load(module: Module, *args: Any, **kwargs: Any) -> Any:
                if self._depth > 0:
                    return original(module, *args, **kwargs)
                before = self._faults.run("the beginning of a load", self.before, module, how)
                self._depth += 1
                try:
                    return original(module, *args, **kwargs)
                finally:
                    self._depth -= 1
                    if before is not None:
                        self._faults.run(
                            "the end of a load", self._ended, module, before, text, how
                        )

            return load

        return make

    def _ended(self, module: Module, before: Any, text: str, how: str) -> None:
        self.after(module, before, Cause("load", text, *script_place()), how)
