"""The version is one for both languages."""

from __future__ import annotations

import json
from pathlib import Path

from permafrost.version import VERSION

PACKAGE = Path(__file__).parents[3] / "package.json"


def test_is_that_of_package_json() -> None:
    assert json.loads(PACKAGE.read_text(encoding="utf-8"))["version"] == VERSION
