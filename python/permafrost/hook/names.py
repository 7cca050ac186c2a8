"""What a model is called: by the variable that the script keeps it in, or by its class."""

from __future__ import annotations

from typing import Optional

from torch.nn import Module

from .places import script_frames

_DULL = {"self", "cls", "module", "_"}


def variable_of(root: Module) -> Optional[str]:
    """The name of a variable on the stack, or of an attribute of a `self` there, that is `root`."""
    for frame in script_frames(2):
        places = [frame.f_locals]
        code = frame.f_code
        own = code.co_varnames[0] if code.co_argcount > 0 else None
        owner = frame.f_locals.get("self")
        if owner is not None and not isinstance(owner, Module):
            places.append(getattr(owner, "__dict__", {}))
        for variables in places:
            for name, value in list(variables.items()):
                if value is not root or (places[0] is variables and name == own):
                    continue
                if name not in _DULL and not name.startswith("_"):
                    return str(name)
    return None
