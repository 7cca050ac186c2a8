"""`permafrost.freeze` and `permafrost.verify` in a process of their own, as a notebook has it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from harness.ending import run_and_end

PYTHON_FOLDER = Path(__file__).resolve().parents[2]

NOTEBOOK = """
import torch, permafrost
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 2)
)
before = {name: tensor.clone() for name, tensor in model.state_dict().items()}


def refused(*arguments):
    try:
        permafrost.freeze(*arguments)
    except (ValueError, FileNotFoundError) as error:
        print(type(error).__name__, error)
    assert all(p.requires_grad for p in model.parameters())


refused(model, ["nothing.**"])
refused(model, ["**"])
refused(model, {"freeze": [], "colour": 1})
refused(model)
try:
    permafrost.verify()
except RuntimeError as error:
    print(error)


def train(epochs):
    for _ in range(epochs):
        for x, y in data:
            model.train()
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()


permafrost.freeze(model, ["0.**", "1.**"])
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
data = DataLoader(TensorDataset(torch.randn(16, 4), torch.randint(0, 2, (16,))), batch_size=8)
train(2)
report = permafrost.verify()
print(report, bool(report))
assert all(torch.equal(before[n], t) for n, t in model.state_dict().items() if n[0] in "01")
with torch.no_grad():
    model[0].bias[0] += 1
report = permafrost.verify()
print(bool(report), [(f["name"], f["verdict"], f["elements"]) for f in report.findings])

permafrost.freeze(model, ["3.**"])
train(1)
print(permafrost.verify())
assert not torch.equal(before["0.weight"], model[0].weight)
"""


LATE = """
import torch, permafrost

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
other = torch.nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.1)
others = torch.optim.Adam(other.parameters(), lr=0.1)


def train(steps):
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).pow(2).mean().backward()
        assert sum(p.grad.norm() for p in model.parameters()) > 0
        optimizer.step()


train(2)  # Adam has estimates of what is frozen next
before = model[0].weight.clone()
permafrost.freeze(model, ["0.**"])
train(3)
assert torch.equal(before, model[0].weight)
print(permafrost.verify(), [len(each.param_groups[0]["params"]) for each in (optimizer, others)])
permafrost.freeze(model, ["2.**"])
head = model[2].weight.clone()
train(3)
assert not torch.equal(before, model[0].weight)
assert torch.equal(head, model[2].weight)
print(permafrost.verify(), [len(each.param_groups[0]["params"]) for each in (optimizer, others)])
"""


def test_an_optimizer_that_was_made_before(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    env = {**os.environ, "PYTHONPATH": str(PYTHON_FOLDER)}
    done = run_and_end([sys.executable, "late.py"], 60, tmp_path, env)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "model: 2 frozen intact [2, 2]",
        "model: 2 frozen intact [2, 2]",
    ]
    for file in tmp_path.glob(".permafrost/runs/*/events*.jsonl"):
        events = [json.loads(line) for line in file.read_text().splitlines()]
        assert {each["model"] for each in events if "model" in each} == {"model"}
        assert [each["epoch"] for each in events if each["type"] == "verified"] == [1]


def test_a_notebook(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PYTHON_FOLDER), "OMP_NUM_THREADS": "1"}
    environment.pop("PERMAFROST_RUN_DIR", None)
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    done = run_and_end([sys.executable, "notebook.py"], 120, tmp_path, environment)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith('ConfigError permafrost.freeze():3:5: error: "nothing.**" matches')
    assert "Every parameter is frozen" in lines[1]
    assert 'Unknown key "colour"' in lines[2]
    assert lines[3].startswith("FileNotFoundError") and "permafrost.json" in lines[3]
    assert lines[4].startswith("nothing has been frozen")
    assert lines[5:] == [
        "model: 7 frozen intact True",
        "False [('0.bias', 'moved', 1)]",
        "model: 2 frozen intact",
    ]
    runs = sorted((tmp_path / ".permafrost" / "runs").iterdir())
    told = [
        [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
        for run in runs
    ]
    assert [events[0]["launcher"] for events in told] == ["hook", "hook"]
    assert [events[-1]["type"] for events in told] == ["run-ended", "run-ended"]
    by_rules = {tuple(events[0]["rules"]): events for events in told}
    first = by_rules['"0.**"', '"1.**"']
    assert [e["epoch"] for e in first if e["type"] == "epoch-ended"] == [1, 2]
    assert [len(e["findings"]) for e in first if e["type"] == "verified"] == [0, 0, 1]
