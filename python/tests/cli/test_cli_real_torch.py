"""A real PyTorch training, and a Python without torch, under both command lines."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from cli_project import Ended, Project, without_id

from harness.bare_python import python_without_torch

pytest.importorskip("torch")

PY = sys.executable
ENV = {"OMP_NUM_THREADS": "1"}
TIMES = ("t", "pid", "milliseconds")

TRAIN = """
import torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
data = [(torch.randn(2), torch.randn(1)) for _ in range(8)]
for epoch in range(2):
    model.train()
    for x, y in torch.utils.data.DataLoader(data, batch_size=4):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()
    SABOTAGE
print("trained")
"""


def told(ended: Ended) -> dict[str, Any]:
    """What a run told, without times, process ids and its own id."""
    procs: dict[str, str] = {}
    events = []
    for event in ended.events:
        if event["type"] == "progress":
            continue
        kept = {key: value for key, value in event.items() if key not in TIMES}
        kept["proc"] = procs.setdefault(event["proc"], f"proc {len(procs)}")
        events.append(json.loads(without_id(json.dumps(kept))))
    return {
        "code": ended.code,
        "stdout": ended.stdout,
        "stderr": without_id(ended.stderr),
        "events": events,
    }


def under_both(project: Project, *args: str) -> Ended:
    by_node = project.permafrost(*args, by="node", env=ENV)
    by_python = project.permafrost(*args, by="python", env=ENV)
    assert told(by_python) == told(by_node)
    return by_python


@pytest.mark.parametrize(
    "sabotage, freeze, code",
    [
        ("pass", '"0.**", {"match": "1.**", "tensors": "statistics"}', 0),
        ("model[0].weight.data.add_(1.0)", '"0.**"', 3),
        ("pass", '"9.**"', 2),
    ],
    ids=["intact", "moved", "refused"],
)
def test_a_training_has_the_same_events_and_exit_code(
    both: Project, sabotage: str, freeze: str, code: int
) -> None:
    both.add("permafrost.json", f'{{ "freeze": [{freeze}] }}')
    both.add("train.py", TRAIN.replace("SABOTAGE", sabotage))
    ended = under_both(both, "run", "--", PY, "train.py")
    assert ended.code == code, ended.stderr
    if code == 0:
        assert "epoch 2/2: 5 frozen intact" in ended.notes or any(
            note.startswith("epoch 2") and "5 frozen intact" in note for note in ended.notes
        )
        assert ended.stdout == "trained\n"


def test_an_inspection_is_the_same(both: Project) -> None:
    both.add("permafrost.json", '{ "freeze": ["0.**"] }')
    both.add("train.py", TRAIN.replace("SABOTAGE", "pass"))
    ended = under_both(both, "inspect", "--", PY, "train.py")
    assert ended.code == 0, ended.stderr
    assert "trained" not in ended.stderr and "running_mean" in ended.stdout


def test_a_script_that_trains_nothing_is_told_so(both: Project) -> None:
    both.add("train.py", "import torch")
    ended = under_both(both, "run", "--", PY, "train.py")
    assert ended.code == 0
    assert "No model was seen: the command loaded PyTorch, but trained nothing." in ended.notes
    ended = under_both(both, "inspect", "--", PY, "train.py")
    assert ended.code == 1 and "no model was seen" in ended.stderr


def test_no_torch_in_that_python_is_told_alike(both: Project) -> None:
    python = str(python_without_torch(both.folder.parent))
    both.add("train.py", "import torch")
    for subcommand in ("run", "inspect"):
        ended = under_both(both, subcommand, "--", python, "train.py")
        assert ended.code == 1 and "ModuleNotFoundError: No module named 'torch'" in ended.stderr
        assert any(f"There is no torch in {python}" in note for note in ended.notes)
