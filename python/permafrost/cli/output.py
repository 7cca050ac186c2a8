"""What the command line prints."""

from __future__ import annotations

import contextlib
import re
import sys
from typing import Any, Optional

# What must not reach a reader raw: control characters, and the invisible or bidirectional ones
# that let a name look like another (Unicode TR 36); as src/runs/words/visibleText.ts.
_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_LONGEST = 2000


def visible_text(text: str) -> str:
    """Text from a file as it may be shown: hidden characters as `\\u202e`, cut after 2,000."""
    cut = f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
    return _HIDDEN.sub(lambda match: _escaped(ord(match.group())), cut)


def _escaped(code: int) -> str:
    return f"\\u{{{code:x}}}" if code > 0xFFFF else f"\\u{code:04x}"


def say(text: str) -> None:
    """Writes text to stdout: what the user asked for."""
    _write(sys.stdout, text if text.endswith("\n") else f"{text}\n")


def note(text: str) -> None:
    """Writes lines to stderr, each with Permafrost's name before it: stdout is the script's.

    A run goes on, and ends with its own code, when nobody reads them: a closed terminal.
    """
    lines = text[:-1].split("\n") if text.endswith("\n") else text.split("\n")
    with contextlib.suppress(OSError):
        _write(sys.stderr, "".join(f"permafrost: {visible_text(line)}\n" for line in lines))


def message_line(level: str, text: str, advice: Optional[str]) -> str:
    """A message of the hook as one line: `warning: What is wrong. The way out.`"""
    stop = "" if text.endswith((".", "!", "?")) else "."
    return f"{level}: {text}{stop} {advice or ''}".rstrip()


def show_output(output: bytes) -> None:
    """Writes to stderr what a command has printed, as it is."""
    sys.stderr.buffer.write(output)
    sys.stderr.flush()


def _write(stream: Any, text: str) -> None:
    # A terminal of another encoding must not end the run.
    stream.buffer.write(text.encode("utf-8", "backslashreplace"))
    stream.flush()
