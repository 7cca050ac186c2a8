"""Reads one line of an events file; docs/events.md has the format."""

from __future__ import annotations

import json
from typing import Any, Optional

Event = dict[str, Any]

_TEXT = (str,)
_NUMBER = (int, float)
_DELTA = (int, float, str)
_NULL = type(None)

# What the reducer relies on; what it does not read may be as it likes.
_FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "run-started": {"id": _TEXT, "command": _TEXT, "rules": (list,)},
    "process-started": {"pid": (int,), "runtime": _TEXT, "argv": (list,)},
    "engine": {"framework": _TEXT, "version": _TEXT, "package": _TEXT},
    "model": {"model": _TEXT, "className": _TEXT, "tensors": (list,), "frozen": (dict,)},
    "epoch-started": {"model": _TEXT, "epoch": (int,), "epochs": (int, _NULL), "clock": _TEXT},
    "progress": {"model": _TEXT, "epoch": (int,), "batch": _NUMBER},
    "epoch-ended": {"model": _TEXT, "epoch": (int,), "milliseconds": _NUMBER},
    "verified": {
        "model": _TEXT,
        "epoch": (int,),
        "intact": (int,),
        "findings": (list,),
        "normalization": (list,),
    },
    "message": {"level": _TEXT, "code": _TEXT, "text": _TEXT},
    "config-error": {"text": _TEXT, "file": _TEXT, "line": (int,), "column": (int,)},
    "stopped": {"reason": _TEXT},
    "process-ended": {"code": (int,)},
    "run-ended": {"code": (int, _NULL)},
}

_FINDINGS: dict[str, dict[str, tuple[type, ...]]] = {
    "moved": {"elements": (int, _NULL), "maxDelta": (*_DELTA, _NULL)},
    "rebased": {"cause": (dict,)},
    "replaced": {},
    "missing": {},
    "not verified": {"reason": _TEXT},
}


def read_event(line: str) -> Optional[Event]:
    """The event of a line; None for a type that this version does not know.

    Raises ValueError for a line that is not valid.
    """
    event = json.loads(line)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError('not an object with a "type"')
    fields = _FIELDS.get(event["type"])
    if fields is None:
        return None
    if event.get("v") != 1:
        raise ValueError("another version")
    _check(event, {"t": _NUMBER, "proc": _TEXT, **fields})
    if event["type"] == "verified":
        for finding in event["findings"]:
            _check(finding, {"name": _TEXT, **_FINDINGS[_text(finding, "verdict")]})
    if event["type"] == "model":
        for spans in event["frozen"].values():
            for span in spans:
                _check(span, {"from": (int,), "until": (int, _NULL)})
    return event


def _text(value: Any, key: str) -> str:
    text = value.get(key) if isinstance(value, dict) else None
    if text not in _FINDINGS:
        raise ValueError(f"{key} is malformed")
    return str(text)


def _check(value: Any, fields: dict[str, tuple[type, ...]]) -> None:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    for name, types in fields.items():
        each = value.get(name)
        if not isinstance(each, types) or isinstance(each, bool):
            raise ValueError(f"{name} is malformed")
