"""Hearing of a wrap in time, and of the rank."""

import os
import subprocess
import sys

from launch import ROOMS, free_port

from harness.process import PYTHON_FOLDER


def test_every_way_to_wrap_is_heard() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOMS / "wrapping.py")],
        env={
            **os.environ,
            "PYTHONPATH": str(PYTHON_FOLDER),
            "OMP_NUM_THREADS": "1",
            "INIT": f"tcp://127.0.0.1:{free_port()}",
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "content" in done.stdout, done.stdout + done.stderr
