"""Two gloo processes under the real hook: the verdict of each rank, and whether the ranks agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from launch import SCRIPTS, free_port, run_ranks, torchrun

from harness.models import Model, models_of
from harness.process import Result, run_hooked, run_plain
from harness.torches import VERSION, tried_with_torch_1
from harness.truth import Truth, read_truth

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="torchrun needs fork and gloo")
newer = pytest.mark.skipif(VERSION < (2, 4), reason="this torch has no FSDP on the CPU")

WINDOW = {"freeze": ["stem.**", {"match": "body.**", "until": 1}]}
"""The stem for the whole run, the body thawed after epoch 1."""
STEM, BODY = 6, 7  # tensors of each


def by_rank(result: Result) -> dict[str, Model]:
    """The model of each rank: `r0`, `r1`."""
    models = models_of(result.events)
    found = {model.proc.split(".")[0]: model for model in models}
    assert len(found) == len(models), [model.proc for model in models]
    return found


def digests(model: Model) -> dict[int, Any]:
    return {epoch: each.verified[0].get("digest") for epoch, each in model.epochs.items()}


def assert_window_held(model: Model, truths: Truth, epochs: int) -> None:
    """Every verdict, and the state dicts that the script saved itself."""
    assert sorted(model.epochs) == list(range(1, epochs + 1))
    for epoch, each in model.epochs.items():
        assert each.findings == {}, (epoch, each.findings)
        assert each.intact == STEM + (BODY if epoch == 1 else 0)
    assert not any(name.startswith("stem.") for name in truths.moved(epochs))
    assert not any(name.startswith("body.") for name in truths.moved(1))
    for epoch in range(2, epochs + 1):
        moved = truths.moved(epoch, since=epoch - 1)
        assert {"body.0.weight", "body.1.running_mean", "head.weight"} <= moved


def assert_quiet(result: Result) -> None:
    assert result.messages("hook-fault") == []
    assert result.code == 0, result.stderr


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--amp", "--accumulate=2"], marks=tried_with_torch_1),
        pytest.param(["--zero", "--static"], marks=tried_with_torch_1),
        pytest.param(["--compile", "--unused"], marks=newer),
        pytest.param(["--late"], marks=tried_with_torch_1),
    ],
    ids=" ".join,
)
def test_ddp_freezes_for_a_while(options: list[str], tmp_path: Path) -> None:
    result = run_ranks("ddp.py", tmp_path, WINDOW, *options)
    assert_quiet(result)
    ranks, truths = by_rank(result), read_truth(tmp_path / "truth")
    assert sorted(ranks) == ["r0", "r1"]
    for rank in ("0", "1"):
        truth = truths[f"rank{rank}"]
        if options == ["--late"] and rank == "1":
            # It gets the statistics of rank 0 in the first forward.
            assert "stem.1.running_mean" in truth.moved(1)
            assert ranks["r1"].epochs[1].findings == {}
        else:
            assert_window_held(ranks[f"r{rank}"], truth, 3)
    assert digests(ranks["r0"]) == digests(ranks["r1"])
    assert None not in digests(ranks["r0"]).values()
    # Thawed under DDP, gradients are shared: parameters are the same on both.
    for name in ("body.0.weight", "head.weight"):
        assert truths["rank0"]._states[3][name] == truths["rank1"]._states[3][name]


@tried_with_torch_1
def test_a_part_with_a_ddp_of_its_own_may_be_frozen_whole(tmp_path: Path) -> None:
    # DDP refuses a module in which nothing asks for a gradient; the script must not die of a rule.
    result = run_ranks("ddp_parts.py", tmp_path, {"freeze": ["stem.**"]})
    assert_quiet(result)
    ranks = by_rank(result)
    for model in ranks.values():
        assert [model.epochs[epoch].intact for epoch in (1, 2)] == [STEM, STEM]
        assert [each["name"] for each in model.tensors][:2] == ["stem.0.weight", "stem.1.weight"]
    assert digests(ranks["r0"]) == digests(ranks["r1"])


@tried_with_torch_1
def test_without_a_rule_ddp_is_bit_for_bit_the_same(tmp_path: Path) -> None:
    plain, hooked = tmp_path / "plain", tmp_path / "hooked"
    for folder in (plain, hooked):
        folder.mkdir()
    mine = run_plain(torchrun(SCRIPTS / "ddp.py", "--epochs=2"), plain)
    theirs = run_ranks("ddp.py", hooked, {"freeze": []}, "--epochs=2")
    assert mine.code == theirs.code == 0, mine.stderr + theirs.stderr
    told = [f"rank {rank} epoch {epoch}" for rank in (0, 1) for epoch in (1, 2)]
    assert [each in mine.stdout and each in theirs.stdout for each in told] == [True] * 4
    one, other = read_truth(plain / "truth"), read_truth(hooked / "truth")
    assert sorted(one) == ["rank0", "rank1"]
    assert all(one[rank]._states == other[rank]._states for rank in one)


@tried_with_torch_1
def test_a_sabotaged_rank_is_caught_by_its_number(tmp_path: Path) -> None:
    result = run_ranks("ddp.py", tmp_path, WINDOW, "--touch=stem.0.weight")
    assert result.code == 3, result.stderr
    ranks = by_rank(result)
    assert all(each.findings == {} for each in ranks["r0"].epochs.values())
    assert ranks["r1"].epochs[1].findings == {}
    assert ranks["r1"].epochs[2].verdicts == {"stem.0.weight": "moved"}
    finding = ranks["r1"].epochs[2].findings["stem.0.weight"]
    assert finding["elements"] == 36 and finding["cause"]["kind"] == "in-place"
    # The ranks disagree from there on.
    zero, one = digests(ranks["r0"]), digests(ranks["r1"])
    assert zero[1] == one[1] and zero[2] != one[2] and zero[3] != one[3]


@tried_with_torch_1
def test_a_killed_rank_leaves_what_it_had_proved(tmp_path: Path) -> None:
    result = run_ranks("ddp.py", tmp_path, WINDOW, "--kill")
    assert result.code not in (0, 3)
    ranks = by_rank(result)
    assert ranks["r1"].epochs[1].intact == STEM + BODY
    assert not ranks["r1"].epochs[2].ended
    ended = [event for event in result.of("process-ended") if event["proc"].startswith("r1.")]
    assert ended == []


@tried_with_torch_1
def test_an_elastic_restart_is_a_new_attempt_of_the_same_run(tmp_path: Path) -> None:
    # Restarted gloo ranks of torch 2.15 mostly do not find each other, without Permafrost too.
    for attempt in range(2 if VERSION < (2, 0) else 1):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        try:
            result = run_ranks(
                "ddp.py",
                folder,
                WINDOW,
                f"--die-once={folder / 'died'}",
                "--timeout=15",
                options=["--max_restarts=1", "--monitor_interval=0.5"],
                seconds=40,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("gloo did not connect after a restart, and waited")
        if "connectFullMesh failed" not in result.stderr:
            break
    else:
        pytest.skip("gloo did not connect after a restart")
    assert result.code == 0, result.stderr
    assert len(list(folder.glob(".permafrost/runs/*"))) == 1
    started = [
        (event["rank"], event["attempt"], event["proc"]) for event in result.of("process-started")
    ]
    assert sorted(each[:2] for each in started) == [(0, 1), (0, 2), (1, 1), (1, 2)]
    models = {model.proc: model for model in models_of(result.events)}
    for _, attempt, proc in started:
        model = models[proc]
        assert model.epochs[1].intact == STEM + BODY
        assert model.epochs[1].findings == {}
        if attempt == 2:
            assert [model.epochs[epoch].intact for epoch in (2, 3)] == [STEM, STEM]


@newer
@pytest.mark.parametrize(
    ("script", "options"),
    [("fsdp1.py", ["--policy", "--low"]), ("fsdp2.py", [])],
    ids=["fsdp1", "fsdp2"],
)
def test_shards_are_verified_where_they_lie(
    script: str, options: list[str], tmp_path: Path
) -> None:
    result = run_ranks(script, tmp_path, WINDOW, *options)
    assert_quiet(result)
    ranks, truths = by_rank(result), read_truth(tmp_path / "truth")
    for rank in ("0", "1"):
        assert_window_held(ranks[f"r{rank}"], truths[f"rank{rank}"], 3)
        (model,) = (e for e in result.of("model") if e["proc"].startswith(f"r{rank}."))
        # Named and counted whole, though each rank holds a part.
        shapes = {each["name"]: (each["type"], each["shape"]) for each in model["tensors"]}
        assert shapes["stem.0.weight"] == ("Conv2d", [4, 1, 3, 3])
        assert model["className"] == "Net"
        assert (model["trainableBefore"], model["trainableAfter"]) == (299, 21)
        assert ranks[f"r{rank}"].unmoved == []


@newer
@pytest.mark.parametrize("script", ["fsdp1.py", "fsdp2.py"])
def test_a_sabotaged_shard_is_caught_by_its_rank(script: str, tmp_path: Path) -> None:
    frozen = {"freeze": ["**", "!head.bias"]}
    name = "body.0.weight"
    result = run_ranks(script, tmp_path, frozen, f"--touch={name}")
    assert result.code == 3, result.stderr
    ranks = by_rank(result)
    assert all(each.findings == {} for each in ranks["r0"].epochs.values())
    assert ranks["r1"].epochs[1].findings == {}
    assert ranks["r1"].epochs[2].verdicts == {name: "moved"}


@newer
def test_a_flat_parameter_that_is_frozen_whole(tmp_path: Path) -> None:
    result = run_ranks("fsdp1.py", tmp_path, WINDOW, "--flat", "--policy")
    assert_quiet(result)
    ranks, truths = by_rank(result), read_truth(tmp_path / "truth")
    for model in ranks.values():
        # One flat parameter, and three statistics, of the stem and of the body.
        assert [model.epochs[epoch].intact for epoch in (1, 2, 3)] == [8, 4, 4]
        first = model.tensors[0]
        assert first["name"] == "stem.0.weight" and first["shape"] == [44]
        assert first["aliases"] == ["stem.1.weight", "stem.1.bias"]
    moved = truths["rank0"].moved(3)
    assert not any(name.startswith("stem.") for name in moved)
    assert {"body.0.weight", "body.1.bias"} <= moved
    assert not any(name.startswith("body.") for name in truths["rank0"].moved(1))


@newer
def test_one_flat_parameter_is_not_frozen_by_half(tmp_path: Path) -> None:
    result = run_ranks("fsdp1.py", tmp_path, WINDOW, "--flat")
    assert result.code != 0
    texts = [event["text"] for event in result.of("config-error")]
    assert texts and all("use_orig_params=True" in text for text in texts)
    assert "stem.0.weight" in texts[0] and "body.0.weight" in texts[0]
    assert result.of("verified") == []


def test_lightning_on_two_ranks(tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    rules = ["model.stem.**", {"match": "model.body.**", "until": 1}]
    result = run_hooked([str(SCRIPTS / "lightning_ddp.py")], tmp_path, {"freeze": rules})
    assert_quiet(result)
    ranks = by_rank(result)
    assert sorted(ranks) == ["r0", "r1"]
    for model in ranks.values():
        assert [model.epochs[epoch].intact for epoch in (1, 2)] == [STEM + BODY, STEM]
        assert model.unmoved == []
    assert digests(ranks["r0"]) == digests(ranks["r1"])


@tried_with_torch_1
@pytest.mark.parametrize("script", ["spawn.py", "rerun.py"])
def test_ranks_without_torchrun(script: str, tmp_path: Path) -> None:
    result = run_hooked([str(SCRIPTS / script), str(free_port())], tmp_path, WINDOW)
    assert_quiet(result)
    ranks = by_rank(result)
    assert sorted(ranks) == ["r0", "r1"]
    for model in ranks.values():
        assert [model.epochs[epoch].intact for epoch in (1, 2)] == [STEM + BODY, STEM]
    assert digests(ranks["r0"]) == digests(ranks["r1"])
    names = {file.name for file in tmp_path.glob(".permafrost/runs/*/*.jsonl")}
    assert names == {"events.jsonl", "events.rank1.jsonl"}


@tried_with_torch_1
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_children_that_train_the_memory_of_their_parent(method: str, tmp_path: Path) -> None:
    result = run_hooked([str(SCRIPTS / "hogwild.py"), method], tmp_path, {"freeze": ["frozen.**"]})
    assert_quiet(result)
    models = models_of(result.events)
    assert len(models) == 2 and len({model.proc for model in models}) == 2
    for model in models:
        assert [model.epochs[epoch].intact for epoch in (1, 2)] == [2, 2]
    assert "frozen.weight True" in result.stdout and "head.weight False" in result.stdout
