"""With which torch a test is worth its time: the suite runs with torch 1.13 and with the newest."""

from __future__ import annotations

import os
import re

import pytest
import torch

VERSION = tuple(int(each) for each in re.findall(r"\d+", torch.__version__)[:2])
"""The major and minor version of this torch."""

NEW_ONLY = VERSION >= (2, 0) and "PERMAFROST_EVERY_TEST" not in os.environ
"""Whether tests that the run with torch 1 makes are to be left out."""

tried_with_torch_1 = pytest.mark.skipif(
    NEW_ONLY, reason="tried with torch 1; PERMAFROST_EVERY_TEST=1 tries it here too"
)
"""For tests of our own logic, which no other torch can break."""
