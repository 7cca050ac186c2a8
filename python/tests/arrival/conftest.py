"""A place in which processes of a run arrive."""

from __future__ import annotations

from pathlib import Path

import pytest
from arrival_place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
