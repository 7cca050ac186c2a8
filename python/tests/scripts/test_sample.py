"""The sample that ships with Permafrost, whole and with copies of it sabotaged."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from harness.models import models_of
from harness.process import Result, run_hooked, run_plain
from harness.torches import tried_with_torch_1

SAMPLE = Path(__file__).parents[3] / "samples" / "pytorch-digits"
RULES = ["conv1.**", "bn1.**", "layer1.**", "layer2.**"]
FROZEN = 6 + 12 + 18
"""Tensors: the stem, a stage of two convolutions, and one with a third for its shortcut."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns(".permafrost", "__pycache__", "finetuned.pt")
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample", ignore=ignored))


def test_it_learns_and_every_frozen_tensor_is_intact(folder: Path) -> None:
    result = run_hooked(["train.py", "--epochs", "3"], folder, None)
    assert result.code == 0, result.stderr
    (model,) = models_of(result.events)
    assert {n: (each.intact, each.verdicts) for n, each in model.epochs.items()} == {
        number: (FROZEN, {}) for number in (1, 2, 3)
    }
    before, *_, after = accuracies(result)
    assert after > before + 0.5
    assert any(
        f"{FROZEN} frozen tensors intact over 3 epochs" in line for line in result.own_lines()
    )


@tried_with_torch_1
def test_with_no_rule_it_prints_what_it_prints_alone(folder: Path) -> None:
    plain = run_plain(["train.py", "--epochs", "2"], folder)
    hooked = run_hooked(["train.py", "--epochs", "2"], folder, {"freeze": []})
    assert plain.code == hooked.code == 0
    assert hooked.stdout == plain.stdout


@tried_with_torch_1
@pytest.mark.parametrize(
    ("sabotage", "name", "elements"),
    [
        ("model.conv1.weight.data.view(-1)[3] += 1e-7", "conv1.weight", 1),
        ("model.bn1.bias.data[5] = -0.0", "bn1.bias", 1),
        ("model.layer1.bn2.running_mean.mul_(0.99).add_(0.001)", "layer1.bn2.running_mean", 8),
    ],
)
def test_a_sabotaged_copy_is_caught_in_epoch_2(folder, sabotage, name, elements) -> None:
    result = sabotaged(folder, sabotage)
    assert result.code == 3, result.stderr
    (model,) = models_of(result.events)
    assert model.epochs[1].verdicts == {}
    assert model.epochs[2].verdicts == {name: "moved"}
    assert model.epochs[2].findings[name]["elements"] == elements
    assert any(f"epoch 2/3: {name} moved" in line for line in result.own_lines())


@tried_with_torch_1
def test_batch_norm_set_to_training_stands_still(folder: Path) -> None:
    result = sabotaged(folder, "model.train(); model(images)")
    assert result.code == 0, result.stderr
    assert f"{FROZEN} frozen tensors intact" in result.stderr


@tried_with_torch_1
def test_a_rule_that_matches_nothing_is_refused_before_training(folder: Path) -> None:
    result = run_hooked(["train.py", "--epochs", "1"], folder, {"freeze": ["layer9.**"]})
    assert result.code == 2
    assert "epoch 1" not in result.stdout
    (refusal,) = result.of("config-error")
    assert "layer9" in refusal["text"]


def sabotaged(folder: Path, statement: str) -> Result:
    """Trains a copy for three epochs that does this once, after a step of epoch 2."""
    script = (folder / "train.py").read_text()
    zero = "    with torch.no_grad():\n        model.bn1.bias[5] = 0.0\n"
    condition = "        if EPOCH[0] == 2 and not done:\n            done = True\n"
    once = f"{condition}            {statement}\n"
    changes = [
        ('    print(f"before:', f'{zero}    print(f"before:'),
        ("def train(model", "EPOCH = [0]\n\n\ndef train(model"),
        ("    total = 0.0\n", "    total = 0.0\n    EPOCH[0] += 1\n    done = False\n"),
        ("        optimizer.step()\n", f"        optimizer.step()\n{once}"),
    ]
    for old, new in changes:
        assert script.count(old) == 1, old
        script = script.replace(old, new)
    (folder / "sabotaged.py").write_text(script)
    return run_hooked(["sabotaged.py", "--epochs", "3"], folder, {"freeze": RULES})


def accuracies(result: Result) -> list[float]:
    return [float(text) for text in re.findall(r"accuracy (\d\.\d+)", result.stdout)]
