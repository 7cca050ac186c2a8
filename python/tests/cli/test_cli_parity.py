"""The same command under both command lines: output, exit code and events are equal."""

from __future__ import annotations

import json
import random
import re
import sys
from itertools import chain
from typing import Any, Iterable, Iterator, Optional

import pytest
from cli_project import Ended, Project, without_id

from permafrost.cli.read_event import read_event
from permafrost.cli.reduce import reduce
from permafrost.cli.state import RunState
from permafrost.cli.words import epoch_line, verdict_sentence

PY = sys.executable
CONFIG = '{ "freeze": ["a", "b"] }\n'
TWO_EPOCHS = "epoch(1); epoch(2, previous=1)"

TRAININGS = {
    "intact": TWO_EPOCHS,
    "output of its own": f"{TWO_EPOCHS}; print('mine'); print('also', file=sys.stderr)",
    "moved": "epoch(1); epoch(2, moved('a'))",
    "moved, with cause and place": (
        "cause = {'kind': 'in-place', 'text': 'written in place', 'file': 'train.py', 'line': 7}\n"
        "epoch(1, moved('a', cause=cause, elements=1234567, maxDelta=0.25), moved('b'))"
    ),
    "moved without a kept copy": "epoch(1, moved('a', elements=None, maxDelta=None))",
    "moved to NaN": "epoch(1, moved('a', maxDelta='NaN'))",
    "moved back": "epoch(1, moved('a')); verified(1, at='exit')",
    "many moved": (
        "epoch(1, *[moved(f't{i}') for i in range(7)], intact=0)\n"
        "epoch(2, moved('t1', elements=9), intact=1)"
    ),
    "replaced, missing, unread": (
        "epoch(1, {'name': 'a', 'verdict': 'replaced'}, {'name': 'b', 'verdict': 'missing'})\n"
        "epoch(2, {'name': 'a', 'verdict': 'not verified', 'reason': 'it is on meta.'})"
    ),
    "rebased": (
        "cause = {'kind': 'load', 'text': 'load_state_dict() was called'}\n"
        "epoch(1, {'name': 'a', 'verdict': 'rebased', 'cause': cause}); epoch(2)"
    ),
    "does not add up": "epoch(1, intact=1); epoch(2)",
    "batch statistics": (
        "n = [{'module': 'bn', 'mode': 'mixed', 'frozen': True}]\n"
        "epoch(1, normalization=n); epoch(2)"
    ),
    "an epoch is missing": "epoch(1, previous=0); epoch(4, previous=3)",
    "the script jumped": "epoch(1, previous=0); epoch(4, previous=1)",
    "an epoch cut short": "epoch(1); begin(2); sys.exit(7)",
    "no verification": "begin(1, epochs=None)",
    "no epoch": "pass",
    "failed before an epoch": "raise SystemExit(5)",
    "again": f"{TWO_EPOCHS}; time.sleep(0.01); epoch(1)",
    "another model": f"{TWO_EPOCHS}; announce(); epoch(1, moved('b'))",
    "unannounced": "emit('epoch-started', model='x', epoch=1, epochs=1, clock='fit')",
    "a fault": "epoch(1); message('error', 'hook-fault', 'It failed.', 'Go on.')",
    "a warning": "epoch(1); message('warning', 'clock', 'No epochs', 'Set epochSteps.')",
    "news": "epoch(1); message('info', 'x', 'Nothing')",
    "refused": (
        "emit('config-error', text='No such tensor.', file='permafrost.json', line=1, column=14)\n"
        "emit('stopped', reason='config'); sys.exit(2)"
    ),
    "stopped": (
        "epoch(1, moved('a')); emit('stopped', reason='moved', model='net', epoch=1); sys.exit(3)"
    ),
    "garbled": "epoch(1); open(file, 'a').write('garbage\\n'); epoch(2)",
    "half an event": "epoch(1); emit('verified', model='net'); epoch(2)",
    "of another time": "epoch(1); emit('invented', model=3); epoch(2)",
    "a name that steers the terminal": "epoch(1, moved('\\x1b[2J\\u202e\\ud83d\\ude00'))",
    "killed": "epoch(1); import signal; os.kill(os.getpid(), signal.SIGKILL)",
    "ended": "epoch(1); emit('process-ended', code=0)",
}


BOTH = "zero, one = rank(0), rank(1)\nannounce(**zero); announce(**one)\n"

RANKS = {
    "intact on both": f"{BOTH}for r in (zero, one): epoch(1, **r); epoch(2, **r)",
    "moved on one": f"{BOTH}epoch(1, **zero); epoch(1, moved('b'), **one)",
    "moved on both": f"{BOTH}epoch(1, moved('a'), moved('b'), **one); epoch(1, moved('a'), **zero)",
    "not verified on one": f"{BOTH}epoch(1, **zero); epoch(1, **one); epoch(2, **zero)",
    "one is silent": "zero = rank(0)\nannounce(**zero); epoch(1, **zero)",
    "one died before training": "zero, one = rank(0), rank(1)\nannounce(**zero); epoch(1, **zero)",
    "they do not agree": (
        f"{BOTH}epoch(1, **zero); epoch(1, **one)\n"
        "verified(1, digest='a' * 32, **zero); verified(1, digest='b' * 32, **one)"
    ),
    "replaced on one": (
        f"{BOTH}epoch(1, **zero); epoch(1, {{'name': 'a', 'verdict': 'replaced'}}, **one)"
    ),
    "off by one on one": f"{BOTH}epoch(1, **zero); epoch(1, intact=1, **one)",
    "the same message twice": (
        f"{BOTH}epoch(1, **zero); epoch(1, **one)\n"
        "for r in (zero, one): message('warning', 'x', 'Twice', 'Once.', **r)"
    ),
    "started again": (
        f"{BOTH}epoch(1, **zero); epoch(1, **one)\n"
        "zero, one = rank(0, attempt=2), rank(1, attempt=2)\n"
        "announce(**zero); announce(**one)\n"
        "for r in (zero, one): epoch(1, **r); epoch(2, **r)"
    ),
    "unannounced": (
        "zero, one = rank(0), rank(1)\nannounce(**zero); epoch(1, **zero); epoch(1, **one)"
    ),
    "two models": (
        f"{BOTH}epoch(1, **zero); epoch(1, **one)\nannounce(**zero); announce(**one)\n"
        "epoch(1, moved('a'), **zero); epoch(1, **one)"
    ),
    "five ranks": (
        "all = [rank(n, 6) for n in range(5)]\nfor r in all: announce(**r)\n"
        "for n, r in enumerate(all): epoch(1, *([moved('a')] if n in (0, 1, 2, 4) else []), **r)"
    ),
}


def normal(event: dict[str, Any], procs: dict[str, str]) -> dict[str, Any]:
    """An event without what differs from run to run."""
    kept = {key: value for key, value in event.items() if key not in ("t", "pid")}
    kept["proc"] = procs.setdefault(str(event.get("proc")), f"proc {len(procs)}")
    return json.loads(without_id(json.dumps(kept)))


def told(ended: Ended) -> dict[str, Any]:
    procs: dict[str, str] = {}
    return {
        "code": ended.code,
        "stdout": ended.stdout,
        "stderr": without_id(ended.stderr),
        "events": [normal(event, procs) for event in ended.events],
    }


def assert_equal(project: Project, *args: str, **more: Any) -> Ended:
    by_node = project.permafrost(*args, by="node", **more)
    by_python = project.permafrost(*args, by="python", **more)
    assert told(by_python) == told(by_node)
    return by_python


@pytest.mark.parametrize("training", TRAININGS)
def test_a_training_is_told_alike(both: Project, training: str) -> None:
    both.add("permafrost.json", CONFIG)
    both.trainer(TRAININGS[training])
    ended = assert_equal(both, "run", "--", PY, "train.py")
    assert ended.of("run-started") and ended.of("run-ended")
    assert "Traceback" not in ended.stderr


def settled(stderr: str) -> dict[str, str]:
    """The last line of each epoch, and the others as they are.

    Which ranks an epoch is told of first depends on when their files are looked at.
    """
    lines: dict[str, str] = {}
    for line in stderr.splitlines():
        told_of = re.match(r"permafrost: (?:net: )?((?:net.*?: )?epoch \d+)(?:/\d+)?: ", line)
        lines[line if told_of is None else told_of[1]] = line.replace("net: epoch", "epoch")
    return dict(sorted(lines.items()))


@pytest.mark.parametrize("training", RANKS)
def test_ranks_are_told_alike(both: Project, training: str) -> None:
    both.add("permafrost.json", CONFIG)
    both.ranks(RANKS[training])
    by_node, by_python = (
        both.permafrost("run", "--", PY, "train.py", by=name) for name in ("node", "python")
    )
    node, python = (
        {**of, "stderr": settled(of["stderr"])} for of in (told(by_node), told(by_python))
    )
    assert python == node
    assert "Traceback" not in by_python.stderr and by_python.of("verified")


@pytest.mark.parametrize("training", RANKS)
def test_ranks_are_told_alike_in_whatever_order_their_lines_are_read(
    both: Project, training: str
) -> None:
    both.add("permafrost.json", CONFIG)
    both.ranks(RANKS[training])
    both.permafrost("run", "--", PY, "train.py")
    files = [file.read_text().splitlines() for file in sorted(both.runs()[-1].glob("events*"))]
    # The launcher's last line is read after all others (permafrost/cli/tail.py).
    *files[0], last = files[0]
    expected = whole_state([*chain(*files), last])
    for seed in range(30):
        assert whole_state([*interleaved(files, random.Random(seed)), last]) == expected


def interleaved(files: list[list[str]], random: random.Random) -> Iterator[str]:
    """The lines of all files, those of each in their order."""
    left = [index for index, file in enumerate(files) for _ in file]
    random.shuffle(left)
    lines = [iter(file) for file in files]
    return (next(lines[index]) for index in left)


def whole_state(lines: Iterable[str]) -> dict[str, Any]:
    """What the lines add up to, and what is said of it."""
    state = RunState()
    for line in lines:
        event = read_event(line)
        if event is not None:
            reduce(state, event)
    models = [
        {
            "name": model.name,
            "ranks": sorted(model.ranks),
            "epochs": [epoch_line(model, epoch) for epoch in model.epochs],
        }
        for model in state.models
    ]
    return {"sentence": verdict_sentence(state), "models": models, "status": state.status}


@pytest.mark.parametrize("training", ["intact", "moved", "rebased", "a warning", "no epoch"])
def test_quiet_is_as_quiet(both: Project, training: str) -> None:
    both.add("permafrost.json", CONFIG)
    both.trainer(TRAININGS[training])
    assert_equal(both, "run", "--quiet", "--", PY, "train.py")


@pytest.mark.parametrize(
    "args",
    [
        [
            "run",
            "--",
            PY,
            "-c",
            "import sys; print(sys.argv[1:])",
            "$HOME",
            "a b",
            "it's",
            "--quiet",
        ],
        ["run", "--", "echo a && exit 4"],
        ["run", "--", "nope", "x"],
        ["run", "--", "python", "-c", "1"],
        ["run", "--", "nope x"],
        ["run", "--", "./train.py"],
        ["run", "--", PY, "-I", "train.py"],
        ["run", "--", PY, "-c", "import sys; sys.exit(9)"],
        ["run"],
        ["run", "--confg", "x"],
        ["run", "--config"],
        ["run", "--config", "nowhere.json", "true"],
        ["run", "--config=permafrost.json", "true"],
        ["inspect", "--", "true"],
        ["inspect", "--", "nope"],
        ["inspect", "--", PY, "-c", "print('mine'); raise SystemExit(6)"],
        ["inspect", "--", PY, "-E", "-c", "print('mine')"],
        ["--version"],
        ["run", "--help"],
        ["inspect", "-h"],
    ],
    ids=lambda args: " ".join(args).replace(PY, "PYTHON")[:60],
)
def test_a_command_line_is_answered_alike(both: Project, args: list[str]) -> None:
    both.add("permafrost.json", CONFIG)
    both.add("train.py", "print(1)")
    assert_equal(both, *args, env={"PATH": f"{_bin_without_python(both)}"})


def _bin_without_python(project: Project) -> str:
    """A PATH on which `python` is not, as on Debian."""
    folder = project.folder.parent / "bin"
    folder.mkdir(exist_ok=True)
    import shutil

    for name in ("node", "sh", "true", "echo"):
        link = folder / name
        if not link.exists():
            link.symlink_to(str(shutil.which(name)))
    return str(folder)


CONFIGS: dict[str, Optional[str]] = {
    "none": None,
    "a command": '{ "command": "echo here && pwd", "freeze": [] }',
    "a wrong key": '{\n  "freeze": ["a"],\n  "onmove": "stop"\n}\n',
    "no JSON": "{\n  freeze: [\n",
    "stop": '{ "freeze": ["a", {"match": "b",\n "until": 3}, "!c"], "onMove": "stop" }',
    "a mark at the start and CRLF": '\ufeff{\r\n  "freeze": ["é**"]\r\n}\r\n',
}


@pytest.mark.parametrize("config", CONFIGS)
def test_a_config_is_read_alike(both: Project, config: str) -> None:
    text = CONFIGS[config]
    if text is not None:
        (both.folder / "permafrost.json").write_bytes(text.encode())
    both.trainer(TWO_EPOCHS)
    assert_equal(both, "run", "--", PY, "train.py")
    snapshots = []
    for by in ("node", "python"):
        both.permafrost("run", "--config", "permafrost.json", by=by)
        snapshots += [run / "permafrost.json" for run in both.runs()]
        snapshots = [
            each.read_bytes() if not isinstance(each, bytes) else each for each in snapshots
        ]
    assert len(set(snapshots)) <= 1
    if text is not None:
        assert_equal(both, "run")


def test_the_environment_of_the_command_is_alike(both: Project) -> None:
    both.add("permafrost.json", CONFIG)
    script = (
        "import json, os; print(json.dumps({k: v for k, v in os.environ.items()"
        " if k.startswith('PERMAFROST') or k == 'PYTHONPATH'}))"
    )
    seen = {}
    for by in ("node", "python"):
        ended = both.permafrost(
            "run", "--", PY, "-c", script, by=by, env={"PERMAFROST_BUDGET": "5"}
        )
        seen[by] = json.loads(without_id(ended.stdout))
    site = seen["node"].pop("PYTHONPATH").split(":"), seen["python"].pop("PYTHONPATH").split(":")
    # Engines are TensorFlow.js' and reach it with the hook for Node, which Python does not bring.
    assert seen["node"].pop("PERMAFROST_ENGINE_HOMES") != ""
    assert seen["node"] == seen["python"]
    assert [path.rpartition("/python/")[2] for path in (site[0][0], site[1][0])] == [
        "permafrost/site"
    ] * 2
    assert site[0][1:] == site[1][1:]


def test_an_inspection_is_told_alike(both: Project) -> None:
    both.add("permafrost.json", '{ "freeze": ["a", {"match": "bn.**", "from": 2, "until": 3}] }')
    tensors = [
        {
            "name": "a.weight",
            "kind": "parameter",
            "module": "a",
            "type": "Linear",
            "dtype": "float32",
            "shape": [1000, 3],
            "aliases": ["tied"],
        },
        {
            "name": "bn.running_mean",
            "kind": "statistic",
            "module": "bn",
            "type": "BatchNorm2d",
            "dtype": "float32",
            "shape": [3],
        },
        {
            "name": "a",
            "kind": "parameter",
            "module": "",
            "type": "",
            "dtype": "bfloat16",
            "shape": [],
        },
    ]
    models = [
        {"name": "net", "className": "Net", "tensors": tensors},
        {"name": "ema", "className": "Net", "copyOf": "net", "tensors": tensors[:1]},
    ]
    both.add(
        "look.py",
        "import json, os, time\n"
        f"models = {models!r}\n"
        "inspection = {'version': 1, 'framework': 'pytorch', 'models': models,"
        " 'source': os.environ['PERMAFROST_COMMAND'], 'time': int(time.time() * 1000)}\n"
        "open(os.environ['PERMAFROST_INSPECTION'], 'w').write(json.dumps(inspection))",
    )
    ended = assert_equal(both, "inspect", "--", PY, "look.py")
    assert "frozen in epochs 2 to 3" in ended.stdout
    shown = {
        by: json.loads(both.permafrost("inspect", "--json", PY, "look.py", by=by).stdout)
        for by in ("node", "python")
    }
    for each in shown.values():
        each.pop("time")
    assert shown["node"] == shown["python"]
    # A second run knows the names and warns of rules that match none of them.
    both.add("permafrost.json", '{ "command": "x", "freeze": ["bm.**", "**"] }')
    file = both.folder / ".permafrost" / "model.json"
    kept = file.read_text()
    notes = {}
    for by in ("node", "python"):
        both.permafrost("run", "--", "true")
        file.write_text(kept)
        notes[by] = both.end(both.start("run", "--", PY, "look.py", by=by)).notes
    assert notes["node"] == notes["python"] and "bn" in notes["node"][0]
