"""Settings, events and imports by themselves."""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator

import pytest

from permafrost import imports
from permafrost.events import EventSink
from permafrost.imports import when_imported
from permafrost.settings import DEFAULT_BUDGET, Settings, read_settings


def settings(folder: Path, **environ: str) -> Settings:
    found = read_settings({"PERMAFROST_RUN_DIR": str(folder), **environ})
    assert found is not None
    return found


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


class TestSettings:
    def test_outside_a_run_there_are_none(self) -> None:
        assert read_settings({}) is None
        assert read_settings({"PERMAFROST_RUN_DIR": ""}) is None

    def test_all_that_the_launcher_set(self, tmp_path: Path) -> None:
        text = '\ufeff{"freeze": ["é"]}\r\n'
        (tmp_path / "permafrost.json").write_bytes(text.encode())
        found = settings(
            tmp_path,
            PERMAFROST_MODE="inspect",
            PERMAFROST_COMMAND="python train.py",
            PERMAFROST_CONFIG_FILE="/p/permafrost.json",
            PERMAFROST_INSPECTION="/p/model.json",
            PERMAFROST_BUDGET="5000",
        )
        assert (found.mode, found.command, found.budget) == ("inspect", "python train.py", 5000)
        assert (found.config_file, found.inspection) == ("/p/permafrost.json", "/p/model.json")
        assert found.config_text == text
        assert found.events_file == str(tmp_path / "events.jsonl")
        assert (found.proc, found.rank, found.attempt) == (str(os.getpid()), None, None)

    def test_defaults(self, tmp_path: Path) -> None:
        found = settings(tmp_path)
        assert (found.mode, found.config_file, found.inspection) == ("run", "permafrost.json", None)
        assert found.config_text is None and found.budget == DEFAULT_BUDGET
        assert "pytest" in found.command

    @pytest.mark.parametrize("text, budget", [("0", 0), ("1e6", 10**6), ("-1", DEFAULT_BUDGET)])
    def test_budgets(self, tmp_path: Path, text: str, budget: int) -> None:
        assert settings(tmp_path, PERMAFROST_BUDGET=text).budget == budget
        for bad in ("many", "nan", "inf"):
            assert settings(tmp_path, PERMAFROST_BUDGET=bad).budget == DEFAULT_BUDGET

    @pytest.mark.parametrize(
        "environ, rank, size",
        [
            ({"RANK": "0", "WORLD_SIZE": "2"}, 0, 2),
            (
                {"RANK": "3", "WORLD_SIZE": "4", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"},
                3,
                4,
            ),
            ({"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"}, 1, 2),
            ({"SLURM_PROCID": "0", "SLURM_NTASKS": "4"}, None, None),
            ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"}, None, None),
            ({"RANK": "first"}, None, None),
            ({"RANK": "-1", "WORLD_SIZE": "2"}, None, None),
        ],
    )
    def test_ranks(self, tmp_path: Path, environ: dict[str, str], rank: Any, size: Any) -> None:
        found = settings(tmp_path, **environ)
        assert (found.rank, found.world_size) == (rank, size)
        name = f"events.rank{rank}.jsonl" if rank else "events.jsonl"
        assert found.events_file == str(tmp_path / name)
        assert found.proc == (f"{os.getpid()}" if rank is None else f"r{rank}.{os.getpid()}")

    def test_a_restart_is_another_attempt(self, tmp_path: Path) -> None:
        found = settings(tmp_path, RANK="1", WORLD_SIZE="2", TORCHELASTIC_RESTART_COUNT="2")
        assert found.attempt == 3

    def test_a_rank_that_becomes_known_later(self, tmp_path: Path) -> None:
        found = settings(tmp_path).ranked(2, 4)
        assert found.events_file == str(tmp_path / "events.rank2.jsonl")
        assert found.proc == f"r2.{os.getpid()}"


class TestEventSink:
    def test_a_line_an_event(self, tmp_path: Path) -> None:
        sink = EventSink(settings(tmp_path))
        sink.write("message", text="é\ud800\n", level="info")
        (event,) = lines(tmp_path / "events.jsonl")
        assert event.pop("t") > 1e12
        assert event == {
            "v": 1,
            "proc": str(os.getpid()),
            "type": "message",
            "text": "é\ud800\n",
            "level": "info",
        }

    def test_numbers_that_json_does_not_have(self, tmp_path: Path) -> None:
        class Scalar:
            def __float__(self) -> float:
                return math.nan

        metrics = {
            "loss": math.nan,
            "acc": math.inf,
            "low": -math.inf,
            "fine": 0.5,
            7: [Scalar(), {1}],
            "object": object,
        }
        EventSink(settings(tmp_path)).write("epoch-ended", metrics=metrics, done=True)
        (event,) = lines(tmp_path / "events.jsonl")
        written = event["metrics"]
        assert (written["loss"], written["acc"], written["low"]) == ("NaN", "Infinity", "Infinity")
        assert (written["fine"], written["7"], event["done"]) == (0.5, ["NaN", [1]], True)
        assert isinstance(written["object"], str)

    def test_many_threads_never_mix_their_lines(self, tmp_path: Path) -> None:
        sink = EventSink(settings(tmp_path))

        def work(number: int) -> None:
            for _ in range(50):
                sink.write("message", text=str(number) * 20_000)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        events = lines(tmp_path / "events.jsonl")
        assert len(events) == 200 and all(len(set(event["text"])) == 1 for event in events)

    def test_nothing_is_kept_open(self, tmp_path: Path) -> None:
        """A daemon closes all files, and the numbers are given to others."""
        sink = EventSink(settings(tmp_path))
        before = set(os.listdir("/proc/self/fd"))
        sink.write("message", text="x")
        assert set(os.listdir("/proc/self/fd")) == before

    def test_a_run_that_cannot_be_written_is_counted_and_never_raises(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "run"
        sink = EventSink(settings(folder))
        for _ in range(3):
            sink.write("message", text="x")
        assert sink.lost == 3
        folder.mkdir()
        sink.write("message", text="back")
        loss, back = lines(folder / "events.jsonl")
        assert loss["code"] == "hook-fault" and loss["text"].startswith("3 events could not be")
        assert back["text"] == "back"
        assert capsys.readouterr() == ("", ""), "it is told at the end of the process only"

    def test_a_fork_writes_as_itself(self, tmp_path: Path) -> None:
        sink = EventSink(settings(tmp_path))
        child = os.fork()
        if child == 0:
            found = read_settings({"PERMAFROST_RUN_DIR": str(tmp_path)})
            sink.reopen(found)  # type: ignore[arg-type]
            sink.write("message", text="child")
            os._exit(0)
        os.waitpid(child, 0)
        assert [event["proc"] for event in lines(tmp_path / "events.jsonl")] == [str(child)]


class TestWhenImported:
    @pytest.fixture(autouse=True)
    def library(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        monkeypatch.syspath_prepend(str(tmp_path))
        (tmp_path / "arrives").mkdir()
        (tmp_path / "arrives" / "__init__.py").write_text("from arrives import inner\nmark = 1\n")
        (tmp_path / "arrives" / "inner.py").write_text("deep = 2\n")
        yield tmp_path
        for name in list(sys.modules):
            if name.split(".")[0] in ("arrives", "failing"):
                del sys.modules[name]

    def test_now_when_it_is_loaded(self) -> None:
        seen: list[ModuleType] = []
        when_imported("json", seen.append)
        assert seen == [json]

    def test_right_after_it_was_executed_and_once(self) -> None:
        seen: list[int] = []
        when_imported("arrives", lambda module: seen.append(module.mark))
        when_imported("arrives", lambda module: seen.append(-module.mark))
        when_imported("arrives.inner", lambda module: seen.append(module.deep))
        assert importlib.util.find_spec("arrives") is not None and seen == []
        import arrives  # type: ignore[import-not-found]

        assert seen == [2, 1, -1]
        importlib.reload(arrives)
        assert seen == [2, 1, -1]
        assert "exec_module" not in vars(arrives.__loader__)

    def test_of_a_module_whose_import_is_under_way_at_its_end(self, library: Path) -> None:
        """Lightning imports torch, and so starts the hook, long before it is there itself."""
        code = (
            "import builtins\n"
            "from permafrost.imports import when_imported\n"
            "seen = []\n"
            "builtins.seen = seen\n"
            "when_imported('failing', lambda module: seen.append(module.mark))\n"
            "assert seen == []\n"
            "mark = 3\n"
        )
        (library / "failing.py").write_text(code)
        import failing  # type: ignore[import-not-found]

        assert failing.seen == [3]
        assert type(failing.__spec__) is importlib.machinery.ModuleSpec

    def test_one_that_fails_is_waited_for_again(self, library: Path) -> None:
        seen: list[Any] = []
        (library / "failing.py").write_text("raise KeyError('x')")
        when_imported("failing", seen.append)
        with pytest.raises(KeyError):
            importlib.import_module("failing")
        (library / "failing.py").write_text("mark = 4  # longer, so that no stale bytecode is used")
        importlib.invalidate_caches()
        importlib.import_module("failing")
        assert [module.mark for module in seen] == [4]

    def test_what_a_callback_raises_is_reported_and_not_thrown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        faults: list[tuple[str, str]] = []
        monkeypatch.setattr(
            imports, "report_fault", lambda label, error: faults.append((label, repr(error)))
        )
        seen: list[ModuleType] = []

        def fails(module: ModuleType) -> None:
            raise RuntimeError("mine")

        when_imported("arrives", fails)
        when_imported("arrives", seen.append)
        importlib.import_module("arrives")
        assert faults == [("the import of arrives", "RuntimeError('mine')")] and len(seen) == 1
