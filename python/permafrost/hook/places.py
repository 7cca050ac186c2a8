"""Where in the script something happened."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType
from typing import Iterator, Optional

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PATHS = sysconfig.get_paths()
_LIBRARIES = tuple(
    os.path.join(path, "")
    for path in {_PATHS[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
)


def is_script(file: str) -> bool:
    """Whether `file` is code of the user: neither of a library, nor of Permafrost."""
    if file.startswith("<") or file.startswith(_PACKAGE):
        return False
    parts = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"
    return not file.startswith(_LIBRARIES) and not any(part in file for part in parts)


def script_frames(depth: int = 2) -> Iterator[FrameType]:
    """The frames of the script on the stack, innermost first."""
    frame: Optional[FrameType] = sys._getframe(depth)
    while frame is not None:
        if is_script(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def script_place() -> tuple[Optional[str], Optional[int]]:
    """File and line (from 1) of the script's innermost call; None twice when there is none."""
    for frame in script_frames(3):
        return os.path.abspath(frame.f_code.co_filename), frame.f_lineno
    return None, None
