"""Scripts as people write them, unmodified, under `python -m permafrost run`."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import torch

from expected import EXPECTED, Expected
from harness.models import Model, models_of
from harness.process import Result, run_hooked, run_plain
from harness.torches import NEW_ONLY
from harness.truth import Truth, read_truth, same_truth

PUBLIC = Path(__file__).parent / "public"
CLOCK_TIMES = re.compile(
    r"(Time\s+|Total time: |'(?:train|eval)_(?:runtime|\w+_per_second)': ')"
    r"[\d.]+(?: \([ \d.]+\))?"
)
"""What scripts print of the time: the only thing that may differ."""


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda each: each.id or each.script[:-3])
def test_epochs_and_verdicts_are_those_of_the_saved_state_dicts(expected, tmp_path):
    skip_without(expected)
    if NEW_ONLY and not expected.needs and not expected.both:
        pytest.skip("tried with torch 1; PERMAFROST_EVERY_TEST=1 tries it here too")
    truth_folder = tmp_path / "truth"
    truth_folder.mkdir()
    result = run_hooked(
        [str(PUBLIC / expected.script), *expected.args],
        tmp_path,
        expected.config,
        {"PERMA_TRUTH": str(truth_folder)},
    )
    explain(result)
    assert result.code == (3 if expected.moved else 0)
    assert result.messages("hook-fault", "hook-not-loaded") == []

    models = labelled(models_of(result.events), expected)
    truths = read_truth(truth_folder)
    assert {label: sorted(model.epochs) for label, model in models} == {
        label: list(range(1, epochs + 1)) for label, epochs in expected.models.items()
    }
    for label, model in models:
        assert {epoch.clock for epoch in model.epochs.values()} <= set(expected.clocks), label
        compare(expected, label, model, truths[label])


def compare(expected: Expected, label: str, model: Model, truth: Truth) -> None:
    """Each verdict of a model against what its state dicts say."""
    for number in truth.epochs:
        epoch = model.epochs[number]
        since = {name: expected.frozen_since(label, name, number) for name in truth.names}
        frozen = {name for name, first in since.items() if first is not None}
        really_moved = {
            name for name in frozen if name in truth.moved(number, (since[name] or 1) - 1)
        }
        assert really_moved == set(expected.moved.get(label, ())), f"{label} {number}"
        moved = dict.fromkeys(really_moved, "moved")
        assert epoch.verdicts == moved, f"{label}: verdicts of epoch {number}"
        still_there = truth.distinct(frozen - really_moved) + expected.unsaved
        assert epoch.intact == still_there, f"{label}: epoch {number}"

    parameters = {each["name"] for each in model.tensors if each["kind"] == "parameter"}
    trainable = {name for name in parameters if not expected.is_ever_frozen(label, name)}
    still = trainable - truth.moved(max(truth.epochs))
    assert set(model.unmoved) & trainable == still, f"{label}: tensors that never moved"
    assert trainable - still, f"{label}: nothing trained"


@pytest.mark.parametrize("script", sorted({each.script for each in EXPECTED}))
def test_with_no_rule_output_and_weights_are_bit_equal(script, tmp_path):
    expected = next(each for each in EXPECTED if each.script == script)
    skip_without(expected)
    if NEW_ONLY and not expected.needs:
        pytest.skip("tried with torch 1; PERMAFROST_EVERY_TEST=1 tries it here too")
    folders = {name: tmp_path / name for name in ("plain", "hooked")}
    for folder in folders.values():
        (folder / "truth").mkdir(parents=True)
    command = [str(PUBLIC / script), *expected.args]
    plain = run_plain(command, folders["plain"], truth_in(folders["plain"]))
    hooked = run_hooked(command, folders["hooked"], {"freeze": []}, truth_in(folders["hooked"]))
    explain(hooked)
    assert plain.code == 0
    assert hooked.code == 0
    assert hooked.of("epoch-ended"), "the hook saw no training"
    assert scrub(hooked.stdout, tmp_path) == scrub(plain.stdout, tmp_path)
    assert scrub(without_own_lines(hooked), tmp_path) == scrub(plain.stderr, tmp_path)
    if script != "hogwild.py":  # its processes race for the weights
        assert same_truth(folders["plain"] / "truth", folders["hooked"] / "truth")


def skip_without(expected: Expected) -> None:
    for module in expected.needs:
        try:
            found = importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            found = False
        if not found:
            pytest.skip(f"{module} is not installed beside torch {torch.__version__}")


def truth_in(folder: Path) -> dict[str, str]:
    return {"PERMA_TRUTH": str(folder / "truth")}


def labelled(models: list[Model], expected: Expected) -> list[tuple[str, Model]]:
    """Each model with the label it has in the truth: its class, `@2` for the second of a class."""
    seen: dict[str, int] = {}
    pairs = []
    for model in models:
        seen[model.class_name] = seen.get(model.class_name, 0) + 1
        numbered = f"{model.class_name}@{seen[model.class_name]}"
        pairs.append((numbered if numbered in expected.models else model.class_name, model))
    if expected.script != "hogwild.py":
        labels = [label for label, _ in pairs]
        assert sorted(labels) == sorted(expected.models), "models that trained"
    return pairs


def scrub(text: str, folder: Path) -> str:
    """The text without times and without the folder that it ran in."""
    return CLOCK_TIMES.sub(r"\1…", text).replace(str(folder / "hooked"), str(folder / "plain"))


def without_own_lines(result: Result) -> str:
    lines = result.stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("permafrost:"))


def explain(result: Result) -> None:
    """pytest shows this when the test fails."""
    print(result.stdout[-2000:])
    print(result.stderr[-4000:])
    print("\n".join(result.messages()))
    for event in result.of("config-error"):
        print(event["text"])
