"""Hearing of a wrap in time, and of the rank."""

import os
import sys

from launch import ROOMS, free_port

from harness.ending import run_and_end
from harness.process import PYTHON_FOLDER


def test_every_way_to_wrap_is_heard() -> None:
    done = run_and_end(
        [sys.executable, str(ROOMS / "wrapping.py")],
        seconds=100,
        env={
            **os.environ,
            "PYTHONPATH": str(PYTHON_FOLDER),
            "OMP_NUM_THREADS": "1",
            "INIT": f"tcp://127.0.0.1:{free_port()}",
        },
    )
    assert "content" in done.stdout, done.stdout + done.stderr
