"""The hook itself arrives: with real torch, under launchers, in children, in a run of no folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from arrival_place import PACKAGE, Ended, Place

from harness.ending import run_and_end

torch = pytest.importorskip("torch")

TORCHRUN = Path(sys.executable).parent / "torchrun"

TRAIN = """
import torch
torch.manual_seed(0)
def train(epochs=2):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    data = [(torch.randn(2), torch.randn(1)) for _ in range(8)]
    loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=WORKERS)
    for epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            (model(x) - y).square().mean().backward()
            optimizer.step()
    return sum(p.sum().item() for p in model.parameters())
"""


def trained(place: Place, script: str, *words: str, **env: str) -> Ended:
    """Runs a script with the real hook; the first layer is frozen."""
    place.add("run/permafrost.json", '{ "freeze": ["0.**"] }')
    file = place.add("project/train.py", TRAIN.replace("WORKERS", env.pop("WORKERS", "0")) + script)
    return place.python(*words, str(file), env=real(place, **env))


def real(place: Place, **more: str) -> dict[str, str]:
    run = {"PERMAFROST_COMMAND": "python train.py", "PYTHONPATH": str(PACKAGE / "site")}
    return {**place.env(), **run, **more}


def test_a_training_is_verified(place: Place) -> None:
    ended = trained(place, "print(train())")
    assert ended.code == 0 and ended.stderr == ""
    kinds = [event["type"] for event in ended.events]
    assert kinds[0] == "process-started" and kinds[-1] == "process-ended"
    assert [event["intact"] for event in ended.of("verified") if event["at"] == "epoch-end"] == [
        2,
        2,
    ]


def test_torch_alone_announces_a_process_and_nothing_else(place: Place) -> None:
    ended = trained(place, "print('nothing')")
    assert [event["type"] for event in ended.events] == ["process-started", "process-ended"]


def test_workers_of_a_data_loader_write_nothing(place: Place) -> None:
    ended = trained(place, "print(train())", WORKERS="2")
    assert ended.code == 0, ended.stderr
    assert len({event["proc"] for event in ended.events}) == 1
    assert len(ended.of("process-started")) == 1


CHILDREN = """
import multiprocessing as mp
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        context = mp.get_context(method)
        idle = context.Process(target=torch.manual_seed, args=(1,))
        child = context.Process(target=train)
        for each in (idle, child):
            each.start()
            each.join()
        print(method, idle.exitcode, child.pid, child.exitcode)
"""


def test_children_that_train_are_verified_and_others_are_silent(place: Place) -> None:
    ended = trained(place, CHILDREN)
    rows = [line.split() for line in ended.stdout.splitlines()]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("fork", "0", "0"),
        ("spawn", "0", "0"),
        ("forkserver", "0", "0"),
    ], ended.stderr
    children = [row[2] for row in rows]
    parent, *others = (event["proc"] for event in ended.of("process-started"))
    assert others == children and parent not in children
    assert {event["proc"] for event in ended.of("verified")} == set(children)


def test_events_that_cannot_be_written_never_hurt_the_training(place: Place) -> None:
    """As in a folder that is read-only; the tests run as root, whom no mode stops."""
    file = place.run / "events.jsonl"
    script = place.add("project/train.py", TRAIN.replace("WORKERS", "0") + "print(train())")
    plain = place.python(str(script), env=dict(os.environ))
    file.mkdir()
    place.add("run/permafrost.json", '{ "freeze": [] }')
    ended = place.python(str(script), env=real(place))
    assert (ended.code, ended.stdout) == (0, plain.stdout)
    assert ended.stderr == (
        f"permafrost: cannot write {file} (Is a directory); training went on, but this run is not "
        "verified.\n"
    )


@pytest.mark.parametrize("by", ["torchrun", "python -m torch.distributed.run"])
def test_torchrun_itself_is_no_process_of_the_run(place: Place, by: str) -> None:
    words = [sys.executable, "-m", "torch.distributed.run"]
    if by == "torchrun":
        if not TORCHRUN.exists():
            pytest.skip("this torch has no torchrun beside its interpreter")
        words = [str(TORCHRUN)]
    # torch 1.13's own launcher fails under Python 3.11 when nothing is redirected.
    redirected = ["-r", "1", "-t", "1"] if torch.__version__.startswith("1.") else []
    place.add("run/permafrost.json", '{ "freeze": ["0.**"] }')
    file = place.add("project/train.py", TRAIN.replace("WORKERS", "0") + "train()")
    command = [*words, "--nproc_per_node", "2", *redirected, str(file)]
    done = run_and_end(command, 150, place.root, real(place))
    assert done.returncode == 0, done.stderr
    first, second = place.events(), place.events("events.rank1.jsonl")
    assert {event["proc"][:3] for event in first} == {"r0."}
    assert {event["proc"][:3] for event in second} == {"r1."}
    for events in (first, second):
        (started,) = [event for event in events if event["type"] == "process-started"]
        assert (started["worldSize"], started["attempt"]) == (2, 1)
        assert any(event["type"] == "verified" for event in events)
