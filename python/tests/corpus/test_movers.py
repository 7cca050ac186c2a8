"""Every way to move a frozen tensor is held off, or caught by name, epoch and cause."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from harness.models import Model, models_of
from harness.process import Result, run_hooked, run_plain
from movers import all_movers
from movers.mover import EPOCHS, Mover

STAGE = str(Path(__file__).parent / "movers" / "stage.py")
MOVERS = all_movers()
# One process for each says most, but importing torch takes seconds.
GROUP = int(os.environ.get("PERMAFROST_MOVERS_A_PROCESS", "26"))


def group_of(mover: type[Mover]) -> list[type[Mover]]:
    """The movers that are performed in one process with this one."""
    start = MOVERS.index(mover) // GROUP * GROUP
    return MOVERS[start : start + GROUP]


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Gives the run of the group in which a mover was performed, and that group."""
    kept: dict[type[Mover], Result] = {}

    def result_of(mover: type[Mover]) -> tuple[Result, list[type[Mover]]]:
        group = group_of(mover)
        if group[0] not in kept:
            config = {
                "freeze": [rule for each in group for rule in each.rules()],
                "onMove": "report",
            }
            names = [each.__name__ for each in group]
            folder = tmp_path_factory.mktemp("run")
            kept[group[0]] = run_hooked([STAGE, *names], folder, config)
        return kept[group[0]], group

    return result_of


@pytest.mark.parametrize("mover", MOVERS, ids=lambda each: each.__name__)
def test_mover(mover: type[Mover], performed: Any) -> None:
    result, group = performed(mover)
    print(result.stderr[-4000:])
    print("\n".join(result.messages()))
    truth = frozen_that_moved(mover, result)
    (model,) = [each for each in models_of(result.events) if each.class_name == mover.__name__]
    assert sorted(model.epochs) == [1, 2, 3]
    assert result.messages("hook-fault", "hook-not-loaded") == []
    assert result.code == (3 if any(moves(each, result) for each in group) else 0)
    if mover.verdict in ("moved", "held", "either"):
        check_movement(mover, model, truth)
    else:
        check_exchange(mover, model)


def check_movement(mover: type[Mover], model: Model, truth: dict[int, set[str]]) -> None:
    """What was told to have moved is exactly what moved."""
    told = {epoch: set(model.epochs[epoch].verdicts) for epoch in truth}
    if mover.loaded_after:
        verdicts = model.epochs[mover.epoch].verdicts
        assert {name: verdicts[name] for name in mover.tensors} == dict.fromkeys(
            mover.tensors, "moved"
        )
        assert {each for name, each in verdicts.items() if name not in mover.tensors} == {"rebased"}
        assert model.epochs[EPOCHS].verdicts == {}
        return
    if mover.__name__ != "MovedAndUndone":
        assert told == truth
    assert {v for e in model.epochs.values() for v in e.verdicts.values()} <= {"moved"}
    if mover.verdict == "held":
        assert not any(truth.values()), "it was to be held"
    if mover.verdict == "moved":
        assert {epoch for epoch, names in truth.items() if set(mover.tensors) <= names} == set(
            range(mover.epoch, EPOCHS + 1)
        )
    if not any(truth.values()):
        return
    first = min(epoch for epoch, names in truth.items() if names)
    findings = model.epochs[first].findings
    for name in set(mover.tensors) & truth[first]:
        finding = findings[name]
        if mover.causes:
            assert finding["cause"]["kind"] in mover.causes, finding
        if mover.elements is not None:
            assert finding["elements"] == mover.elements
        if mover.max_delta is not None:
            assert finding["maxDelta"] == mover.max_delta
        else:
            assert is_change(finding["maxDelta"])


def check_exchange(mover: type[Mover], model: Model) -> None:
    """Loaded, cast, replaced and deleted tensors are told apart from moved ones."""
    verdicts = model.epochs[mover.epoch].verdicts
    assert {name: verdicts.get(name) for name in mover.tensors} == dict.fromkeys(
        mover.tensors, mover.verdict
    )
    every = [verdict for each in model.epochs.values() for verdict in each.verdicts.values()]
    assert "moved" not in every
    assert model.epochs[1].verdicts == {}
    if mover.verdict == "rebased":
        assert model.epochs[3].verdicts == {}, "told once; compared with the new values from there"
        for name in mover.tensors:
            assert model.epochs[mover.epoch].findings[name]["cause"]["text"]


def moves(mover: type[Mover], result: Result) -> bool:
    """Whether a frozen tensor of this mover really moved, by its own account."""
    if mover.verdict in ("rebased", "replaced", "missing"):
        return False
    if mover.__name__ == "MovedAndUndone":
        return "moved" in [
            verdict
            for model in models_of(result.events)
            if model.class_name == mover.__name__
            for epoch in model.epochs.values()
            for verdict in epoch.verdicts.values()
        ]
    return any(frozen_that_moved(mover, result).values())


def frozen_that_moved(mover: type[Mover], result: Result) -> dict[int, set[str]]:
    """By epoch, the frozen tensors whose bytes differ from those before; printed by the script."""
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return {
        line["epoch"]: {name for name in line["moved"] if name.startswith(mover.frozen)}
        for line in lines
        if line["mover"] == mover.__name__
    }


def is_change(delta: Any) -> bool:
    """Whether this is the largest difference of two values that are not equal."""
    if delta in ("NaN", "Infinity"):
        return True
    return isinstance(delta, (int, float)) and math.isfinite(delta) and delta > 0


def test_each_does_move_when_frozen_by_requires_grad_alone(tmp_path: Path) -> None:
    """A mover that moves nothing would prove nothing; two are there to see that it is not told."""
    names = [each.__name__ for each in MOVERS]
    result = run_plain([STAGE, *names], tmp_path, {"NAIVE": "1"})
    print(result.stderr)
    assert result.code == 0
    for mover in MOVERS:
        if mover.__name__ in ("MovedAndUndone", "BufferAssignedEqual"):
            continue
        moved = frozen_that_moved(mover, result)
        assert set(mover.tensors) <= moved[mover.epoch], mover.__name__
