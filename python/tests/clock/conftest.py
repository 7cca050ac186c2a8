from __future__ import annotations

from typing import Iterator

import pytest
from clock_bench import Bench, Installed, Loop


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    one = Installed()
    yield one
    one.remove()


@pytest.fixture
def bench(installed: Installed) -> Iterator[Bench]:
    one = installed.fresh()
    yield one
    assert one.faults == []


@pytest.fixture
def loop(bench: Bench) -> Loop:
    return Loop(bench)
