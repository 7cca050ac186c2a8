"""With no rule a run is bit for bit the run that it is without Permafrost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.process import Result, run_hooked, run_plain
from harness.torches import NEW_ONLY, VERSION

SCRIPT = str(Path(__file__).parent / "train_and_tell.py")
CASES = ["sgd", "sgd+workers", "sgd+clipped", "adam", "adam+workers", "adamw", "foreach", "rmsprop"]
if VERSION >= (2, 4):
    CASES.append("fused")
NO_RULE = {"empty": {"freeze": []}, **({} if NEW_ONLY else {"without a config": None})}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run_plain([SCRIPT, *CASES], tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module", params=NO_RULE, ids=str)
def hooked(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("hooked")
    return run_hooked([SCRIPT, *CASES], folder, NO_RULE[request.param])


@pytest.mark.parametrize("case", CASES)
def test_losses_weights_and_random_streams_are_bit_equal(case, plain, hooked):
    assert lines_of(plain, case), plain.stderr
    assert lines_of(hooked, case) == lines_of(plain, case)


def test_streams_and_exit_code_are_the_scripts_own(plain, hooked):
    assert hooked.code == plain.code == 0
    assert hooked.stdout == plain.stdout
    others = [line for line in hooked.stderr.splitlines() if not line.startswith("permafrost:")]
    assert others == plain.stderr.splitlines()
    assert len(hooked.of("epoch-ended")) == 3 * len(CASES), "each case was watched"
    assert hooked.messages("hook-fault", "hook-not-loaded") == []


@pytest.fixture(scope="module")
def hand_frozen(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("by-hand")
    return run_plain([SCRIPT, *CASES], folder, {"HAND_FROZEN": "1"})


@pytest.fixture(scope="module")
def rule_frozen(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("by-rule")
    config = {"freeze": ["conv.**", "bn.**"]}
    return run_hooked([SCRIPT, *CASES], folder, config, {"RULES": "1"})


@pytest.mark.parametrize("case", CASES)
def test_a_rule_gives_the_weights_that_freezing_by_hand_gives(case, hand_frozen, rule_frozen):
    assert lines_of(hand_frozen, case), hand_frozen.stderr
    assert lines_of(rule_frozen, case) == lines_of(hand_frozen, case)


def lines_of(result: Result, case: str) -> list[str]:
    """What a case told; the last lines it printed come with a failure."""
    return [line for line in result.stdout.splitlines() if line.startswith(f"{case} ")]
