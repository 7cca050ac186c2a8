"""Version of Permafrost, the same as in package.json."""

from __future__ import annotations

VERSION = "0.1.0"
