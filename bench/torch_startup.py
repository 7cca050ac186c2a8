"""What the hook costs the start of a process.

Without torch at most 2 ms, with torch at most 20 ms. What it loads later, with the first optimizer,
is shown beside it and has no limit. Processes with and without the hook take
turns; each figure is the median of the differences within a turn, with the quartiles behind it, in
time of the processor, which other work on the machine hardly touches, and by the clock. Once with
the bytecode that an installed package has, once without any, as where PYTHONDONTWRITEBYTECODE is
set or the folder is read-only.

Two imports of torch differ by more than the hook costs. So that is measured within the process as
well: the time that the hook's arrival takes in a process which has torch, and the time in its
finder, which sees every module that torch imports.

    python bench/torch_startup.py [turns] [interpreter...]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGE = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python", "permafrost"
)
NEWEST = os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    *("permafrost", "torch-new", "bin", "python"),
)
OPTIMIZER = "import torch; torch.optim.SGD([torch.zeros(1)], lr=0.1)"
ARRIVAL = """
import os, sys, time, torch
sys.path.insert(0, sys.argv[1])
os.environ["PERMAFROST_RUN_DIR"] = sys.argv[2]
sys.modules.pop("sitecustomize", None)
begin = time.perf_counter()
import sitecustomize
print(1000 * (time.perf_counter() - begin))
assert "_permafrost.arrival" in sys.modules
"""
FINDER = """
import sys, time
(finder,) = [each for each in sys.meta_path if type(each).__name__ == "_PermafrostArrival"]
find, taken = finder.find_spec, 0.0
def find_spec(name, path=None, target=None):
    global taken
    begin = time.perf_counter()
    found = find(name, path, target)
    # Of torch itself it loads the hook, which counts as its arrival.
    taken += 0 if name == "torch" else time.perf_counter() - begin
    return found
finder.find_spec = find_spec
import torch
print(1000 * taken)
"""
LIMITS = {"pass": 2.0, "import torch": 20.0, OPTIMIZER: None}


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    pythons = sys.argv[2:] or [
        each for each in ("/usr/bin/python3", NEWEST) if os.path.exists(each)
    ]
    with tempfile.TemporaryDirectory() as folder:
        for python in pythons:
            version = subprocess.run(
                [python, "-c", "import sys; print(sys.version.split()[0])"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for compiled in (True, False):
                copy = _copy(folder, python, compiled)
                for code in LIMITS:
                    if code == "pass":
                        _compare(python, version, copy, compiled, code, turns * 4)
                    elif compiled:
                        _compare(python, version, copy, compiled, code, turns)
                if compiled:
                    _look_within(python, version, copy, turns)


def _copy(folder: str, python: str, compiled: bool) -> str:
    target = os.path.join(folder, f"{abs(hash(python))}-{compiled}", "permafrost")
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
    if compiled:
        subprocess.run([python, "-m", "compileall", "-q", target], check=True)
    return os.path.join(target, "site")


def _compare(python: str, version: str, site: str, compiled: bool, code: str, turns: int) -> None:
    with tempfile.TemporaryDirectory() as run:
        plain, hooked = _environments(site, run)
        _start(python, code, plain)
        _start(python, code, hooked)
        times: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for turn in range(turns):
            for with_hook in (turn % 2 == 0, turn % 2 == 1):
                env = hooked if with_hook else plain
                times[with_hook].append(_start(python, code, env))
    pairs = list(zip(times[True], times[False]))
    cpu = _quartiles([more[0] - less[0] for more, less in pairs])
    clock = _quartiles([more[1] - less[1] for more, less in pairs])
    base = statistics.median(each[0] for each in times[False])
    limit = LIMITS[code]
    judged = "no limit)"
    if limit is not None:
        judged = f"at most {limit:.0f} ms) {'ok' if cpu[1] <= limit else 'OVER'}"
    print(
        f"start of Python {version}, {code!r}, hook {'compiled' if compiled else 'not compiled'}: "
        f"{base:.1f} ms and {_more(cpu)} more; by the clock {_more(clock)} more ({turns} turns; "
        f"{judged}",
        flush=True,
    )


def _environments(site: str, run: str) -> tuple[dict[str, str], dict[str, str]]:
    """Without the hook, and with it and the run folder `run`, which gets a config."""
    with open(os.path.join(run, "permafrost.json"), "w") as config:
        config.write('{ "freeze": ["**.bias"] }')
    plain = {**os.environ, "OMP_NUM_THREADS": "1"}
    plain.pop("PYTHONPATH", None)
    # Both read the bytecode that is there; neither spends time on writing some.
    plain["PYTHONDONTWRITEBYTECODE"] = "1"
    return plain, {**plain, "PYTHONPATH": site, "PERMAFROST_RUN_DIR": run}


def _look_within(python: str, version: str, site: str, turns: int) -> None:
    with tempfile.TemporaryDirectory() as run:
        plain, hooked = _environments(site, run)
        arrivals, finders = (
            [_told(python, code, env, site, run) for _ in range(turns)]
            for code, env in ((ARRIVAL, plain), (FINDER, hooked))
        )
    both = _quartiles([one + other for one, other in zip(arrivals, finders)])
    limit = LIMITS["import torch"]
    print(
        f"within the process of Python {version}, 'import torch': arrival "
        f"{statistics.median(arrivals):.2f} ms, finder {statistics.median(finders):.2f} ms, "
        f"together {_more(both)} ({turns} turns; at most {limit:.0f} ms) "
        f"{'ok' if both[1] <= limit else 'OVER'}",
        flush=True,
    )


def _told(python: str, code: str, env: dict[str, str], *args: str) -> float:
    done = subprocess.run([python, "-c", code, *args], env=env, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


def _quartiles(values: list[float]) -> list[float]:
    return statistics.quantiles(values, n=4)


def _more(quartiles: list[float]) -> str:
    low, middle, high = quartiles
    return f"{middle:+.2f} ms (quartiles {low:+.2f} to {high:+.2f})"


def _start(python: str, code: str, env: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of processor time and of the clock, from start to end of the process."""
    begin = time.perf_counter()
    pid = os.posix_spawn(python, [python, "-c", code], env)
    _, status, usage = os.wait4(pid, 0)
    clock = time.perf_counter() - begin
    if status != 0:
        raise RuntimeError(f"{python} -c {code!r} ended with status {status}")
    return (usage.ru_utime + usage.ru_stime) * 1000, clock * 1000


if __name__ == "__main__":
    main()
