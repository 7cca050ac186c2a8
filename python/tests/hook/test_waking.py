"""The hook is light until the script trains, and misses nothing by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from permafrost.hook import patching

SITE = Path(patching.__file__).resolve().parents[1] / "site"

PRELUDE = """
import sys, torch
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))

def awake():
    return "_permafrost.hook.session" in sys.modules

def sgd():
    return torch.optim.SGD(model.parameters(), lr=0.1)

def step(optimizer):
    optimizer.zero_grad()
    model(torch.randn(4, 2)).sum().backward()
    optimizer.step()
"""


Told = tuple["subprocess.CompletedProcess[str]", list[dict[str, Any]]]


def run(tmp_path: Path, script: str, rules: str = '["0.*"]') -> Told:
    """How the script ended, and the events of its run."""
    (tmp_path / "permafrost.json").write_text(f'{{"freeze": {rules}}}')
    file = tmp_path / "train.py"
    file.write_text(PRELUDE + script)
    done = subprocess.run(
        [sys.executable, str(file)],
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(SITE),
            "PERMAFROST_RUN_DIR": str(tmp_path),
            "PERMAFROST_COMMAND": "python train.py",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    return done, [json.loads(line) for line in lines]


def told(tmp_path: Path, script: str, rules: str = '["0.*"]') -> tuple[Any, list[dict[str, Any]]]:
    """What the script left in `said`, and the events of its run."""
    done, events = run(tmp_path, f"{script}\nimport json\nprint(json.dumps(said))\n", rules)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout), events


@pytest.mark.parametrize("rules", ['["0.*"]', "[]"])
def test_what_does_not_train_leaves_the_hook_asleep(tmp_path: Path, rules: str) -> None:
    script = """
model.eval()
state = model.state_dict()
model.load_state_dict(state)
model.to(torch.float64).to(torch.float32)
with torch.no_grad():
    model.train()(torch.randn(4, 2))
said = awake()
"""
    said, events = told(tmp_path, script, rules)
    assert said is False
    assert [event["type"] for event in events] == ["process-started", "process-ended"]


@pytest.mark.parametrize(
    "sign",
    [
        "sgd()",
        "model(torch.randn(4, 2))",
        "torch.autograd.backward(torch.ones(1, requires_grad=True))",
        "torch.utils.data.DataLoader([1])",
        "open(__file__.replace('train.py', 'ignite.py'), 'w').close(); import ignite",
    ],
)
def test_what_training_begins_with_wakes_it(tmp_path: Path, sign: str) -> None:
    script = f"""
said = [awake()]
{sign}
said.append(awake())
patching = sys.modules["_permafrost.hook.patching"]
said += [str(each[1]) for each in patching._STAND_INS]
"""
    said, _ = told(tmp_path, script)
    assert said == [False, True], "each stand-in has given way to a patched function"


def test_all_that_is_waited_for_belongs_to_a_library_that_wakes_it(tmp_path: Path) -> None:
    script = """
sgd()
waking = sys.modules["_permafrost.hook.waking"]
waited = set(sys.modules["_permafrost.imports"]._waiting)
said = [each for each in waited if not any(
    (each + ".").startswith(library + ".") for library in waking.LIBRARIES
)]
"""
    said, _ = told(tmp_path, script)
    assert said == []


def test_functions_that_were_taken_before_are_heard_and_replacements_stay(tmp_path: Path) -> None:
    script = """
from torch.autograd import backward
calls = []
train = torch.nn.Module.train
def mine(module, mode=True):
    calls.append(mode)
    return train(module, mode)
torch.nn.Module.train = mine
optimizer = sgd()
for _ in range(2):
    model.train()
    optimizer.zero_grad()
    backward(model(torch.randn(4, 2)).sum())
    optimizer.step()
said = [torch.nn.Module.train is mine, len(calls) > 0, model[1].training]
"""
    said, events = told(tmp_path, script, '["1.running_*", "1.num_batches_tracked"]')
    assert said == [True, True, False]
    verified = [event for event in events if event["type"] == "verified"]
    assert verified and all(not event["findings"] for event in verified)


def test_a_fork_that_trains_first_is_a_process_of_its_own(tmp_path: Path) -> None:
    script = """
import os
child = os.fork()
if child == 0:
    optimizer = sgd()
    step(optimizer)
    step(optimizer)
    sys.exit()
os.waitpid(child, 0)
"""
    _, events = run(tmp_path, script)
    parent, child = dict.fromkeys(each["proc"] for each in events if each["type"] != "message")
    kinds = {proc: [e["type"] for e in events if e["proc"] == proc] for proc in (parent, child)}
    assert kinds[parent] == ["process-started", "process-ended"]
    assert kinds[child][0] == "process-started" and "verified" in kinds[child]


def test_an_exception_before_it_wakes_is_told_by_the_exit_code(tmp_path: Path) -> None:
    done, events = run(tmp_path, "raise ValueError('as asked')")
    assert done.returncode == 1
    assert [(each["type"], each.get("code")) for each in events][-1] == ("process-ended", 1)


class Kind:
    def method(self, number: int) -> int:
        return number


def test_a_stand_in_gives_way_and_serves_who_has_taken_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(patching, "_PATCHED", set())
    kind = type("Copy", (Kind,), {})
    woken = []

    def make(original: Any) -> Any:
        return lambda each, number: original(each, number) + 100

    def wake() -> None:
        woken.append(True)
        patching.wrap(kind, "method", make)

    patching.stand_in_for(kind, "method", wake)
    taken = kind.method
    assert woken == [] and taken.__name__ == "method"
    assert taken(kind(), 1) == 101 and woken == [True]
    assert kind().method(2) == 102 and kind.method is not taken
    assert taken(kind(), 3) == 103 and woken == [True]
    assert not patching.wrap(kind, "method", make), "a second time does nothing"
