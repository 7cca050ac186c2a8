"""Other interpreters than the one that runs the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYENV = Path.home() / ".pyenv" / "versions"
"""Where pyenv keeps its Pythons; there may be none."""


def python_without_torch(folder: Path) -> Path:
    """The interpreter of a new environment in `folder` in which nothing is installed."""
    bare = folder / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    return bare / "bin" / "python"
