"""No test can hang: one that takes too long fails, and what it started is ended."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from harness.ending import end_all

SECONDS = 180
"""How long a test, and what it and its module prepare, may each take; most take a second."""


def _guard() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def ring(number: int, frame: Any) -> None:
        end_all()
        pytest.fail(f"took more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    yield from _guard()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    yield from _guard()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    yield from _guard()
