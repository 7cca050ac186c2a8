"""The way into a process: quiet everywhere, and there once torch is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from arrival_place import Place

from harness.bare_python import PYENV, python_without_torch

OLD_AND_NEW = [each for each in sorted(PYENV.glob("*/bin/python")) if each.exists()]


def test_the_hook_starts_right_after_torch_was_imported(place: Place) -> None:
    ended = place.python("-c", "import torch; print(torch.__version__)")
    assert (ended.code, ended.stdout, ended.stderr) == (0, "0.0\n", "")
    assert [event["type"] for event in ended.events] == ["process-started"]
    assert ended.events[0]["version"] == "0.0"


@pytest.mark.parametrize("python", OLD_AND_NEW, ids=lambda each: each.parts[-3])
def test_a_process_without_torch_is_left_alone_in_every_python(python: Path, place: Place) -> None:
    code = "import sys; print(sorted(m for m in sys.modules if 'permafrost' in m))"
    ended = place.python("-B", "-c", code, program=[str(python)])
    # Before 3.5 the chaining is not in the short file.
    seen = "['_permafrost_early']\n" if python.parts[-3].startswith("2.") else "[]\n"
    assert (ended.code, ended.stdout, ended.stderr) == (0, seen, "")
    assert ended.events == [] and os.listdir(place.run) == []


@pytest.mark.parametrize("python", OLD_AND_NEW, ids=lambda each: each.parts[-3])
def test_torch_is_imported_as_ever_in_every_python(python: Path, place: Place) -> None:
    code = "import torch; print(torch.__version__); print(type(torch.__loader__).__name__)"
    with_us = place.python("-B", "-c", code, program=[str(python)])
    without = place.python(
        "-B", "-c", code, program=[str(python)], env={**os.environ, "PYTHONPATH": str(place.lib)}
    )
    if python.parts[-3].startswith("2."):
        assert (with_us.stdout, with_us.stderr) == (without.stdout, without.stderr)
        return
    assert (with_us.code, with_us.stdout, with_us.stderr) == (0, without.stdout, "")
    minor = int(python.parts[-3].split(".")[1])
    (event,) = with_us.events
    if minor < 9:
        assert event["code"] == "hook-not-loaded" and f"Python 3.{minor}" in event["text"]
    else:
        assert event["type"] == "process-started"


def test_it_imports_nothing_that_the_interpreter_had_not(place: Place) -> None:
    code = "import sys; print(sorted(sys.modules))"
    bare = place.python("-c", code, env={**os.environ, "PYTHONPATH": str(place.lib)})
    with_us = place.python("-c", code)
    seen = set(eval(with_us.stdout)) - set(eval(bare.stdout))
    assert seen <= {"sitecustomize"}


def test_outside_a_run_it_only_chains(place: Place) -> None:
    place.add("other/sitecustomize.py", "print('other')")
    env = place.env(place.root / "other")
    del env["PERMAFROST_RUN_DIR"]
    ended = place.python("-c", "import sys, torch; print(len(sys.meta_path))", env=env)
    bare = place.python("-c", "import sys; print(len(sys.meta_path))", env=dict(os.environ))
    assert ended.stdout == "other\n" + bare.stdout


SHADOWED = """
import sys
print(__name__, __file__.endswith('other/sitecustomize.py'))
print(sys.modules[__name__].__dict__ is globals())
mark = 1
"""


def test_the_shadowed_sitecustomize_runs_as_the_module_of_that_name(place: Place) -> None:
    place.add("other/sitecustomize.py", SHADOWED)
    ended = place.python(
        "-c",
        "import sitecustomize as s, torch; print(s.mark, s.__spec__.name)",
        env=place.env(place.root / "other"),
    )
    assert ended.stdout == "sitecustomize True\nTrue\n1 sitecustomize\n"
    assert ended.stderr == "" and len(ended.of("process-started")) == 1


def test_the_machines_own_sitecustomize_still_runs(place: Place) -> None:
    """Debian's and pyenv's stand in the standard library's folder."""
    code = "import sitecustomize; print(getattr(sitecustomize, '__file__', None))"
    bare = place.python("-c", code, env=dict(os.environ))
    with_us = place.python("-c", code)
    if bare.code == 0:
        assert with_us.stdout == bare.stdout
    else:
        assert with_us.stdout.strip() == str(place.site / "sitecustomize.py")


def test_what_the_shadowed_one_raises_is_told_as_without_us(place: Place) -> None:
    place.add("other/sitecustomize.py", "raise RuntimeError('theirs')")
    env = place.env(place.root / "other")
    with_us = place.python("-c", "import torch", env=env)
    env["PYTHONPATH"] = os.pathsep.join((str(place.root / "other"), str(place.lib)))
    bare = place.python("-c", "import torch", env=env)
    assert "theirs" in bare.stderr
    assert (with_us.code, with_us.stderr) == (bare.code, bare.stderr)
    assert len(with_us.of("process-started")) == 1


def test_one_that_stands_first_and_chains_by_import_reaches_us(place: Place) -> None:
    """As the agents of tracing tools do."""
    place.add(
        "agent/sitecustomize.py",
        "import os, sys\n"
        "here = os.path.dirname(os.path.abspath(__file__))\n"
        "sys.path = [p for p in sys.path if os.path.abspath(p) != here]\n"
        "del sys.modules['sitecustomize']\n"
        "import sitecustomize\n"
        "print('agent')\n",
    )
    place.add("other/sitecustomize.py", "print('other')")
    env = place.env(place.root / "other")
    env["PYTHONPATH"] = f"{place.root / 'agent'}{os.pathsep}{env['PYTHONPATH']}"
    ended = place.python("-c", "import torch", env=env)
    assert ended.stdout == "other\nagent\n" and len(ended.of("process-started")) == 1


def test_two_of_ours_hook_once_with_the_first(place: Place) -> None:
    second = Place(place.add("second/x", "").parent)
    ended = place.python("-c", "import torch", env=place.env(second.site))
    assert len(ended.of("process-started")) == 1
    assert not (second.run / "events.jsonl").exists()


def test_usercustomize_is_not_touched(place: Place) -> None:
    place.add("other/usercustomize.py", "print('user')")
    env = place.env(place.root / "other")
    env.pop("PYTHONNOUSERSITE", None)
    probe = place.python("-c", "import site; print(site.ENABLE_USER_SITE)", env=dict(os.environ))
    ended = place.python("-c", "import torch", env=env)
    assert ended.stdout == ("user\n" if probe.stdout == "True\n" else "")


@pytest.mark.parametrize("module", ["permafrost.py", "permafrost/__init__.py"])
def test_a_module_of_the_project_called_permafrost_is_its_own(place: Place, module: str) -> None:
    place.add(f"project/{module}", "mine = True")
    script = place.add(
        "project/train.py",
        "import torch, permafrost, sys\nprint(permafrost.mine, permafrost.__file__)\n"
        "print([p for p in sys.path if p.endswith('ours')])",
    )
    ended = place.python(str(script))
    assert ended.stdout == f"True {place.root / 'project' / module}\n[]\n", ended.stderr
    assert len(ended.of("process-started")) == 1


def test_another_version_of_the_package_that_is_installed_is_not_taken(place: Place) -> None:
    place.add("lib/permafrost/__init__.py", "__version__ = 'other'")
    ended = place.python("-c", "import permafrost, torch; print(permafrost.__version__)")
    assert ended.stdout == "other\n" and len(ended.of("process-started")) == 1


def test_looking_for_torch_without_loading_it_is_not_loading_it(place: Place) -> None:
    code = "import importlib.util as u; s = u.find_spec('torch'); print(s.origin)"
    ended = place.python("-c", code)
    assert ended.stdout == f"{place.lib / 'torch.py'}\n" and ended.events == []
    ended = place.python("-c", f"{code}; import torch")
    assert len(ended.of("process-started")) == 1


def test_a_torch_that_fails_at_first_is_hooked_when_it_loads(place: Place) -> None:
    place.add("lib/torch.py", "import os\nos.environ['READY']\n__version__ = '0.0'\nnn = None\n")
    code = (
        "import os\ntry:\n import torch\nexcept KeyError as e:\n print(repr(e))\n"
        "os.environ['READY'] = '1'\nimport torch, sys\nprint(torch.__version__)\n"
        "import importlib; importlib.reload(torch)"
    )
    ended = place.python("-c", code)
    assert ended.stdout == "KeyError('READY')\n0.0\n" and len(ended.of("process-started")) == 1


def test_a_module_of_the_project_called_torch_is_no_framework(place: Place) -> None:
    place.add("project/torch.py", "light = True")
    script = place.add("project/lamp.py", "import torch; print(torch.light)")
    ended = place.python(str(script))
    assert (ended.stdout, ended.stderr, ended.events) == ("True\n", "", [])


def test_another_finder_that_asks_again_ends(place: Place) -> None:
    """wrapt and ddtrace find a module by asking all finders, and so us, a second time."""
    code = (
        "import sys, importlib.util\n"
        "class Again:\n"
        " busy = False\n"
        " def find_spec(self, name, path=None, target=None):\n"
        "  if self.busy or name != 'torch': return None\n"
        "  self.busy = True\n"
        "  try: return importlib.util.find_spec(name)\n"
        "  finally: self.busy = False\n"
        "sys.meta_path.insert(int(sys.argv[1]), Again())\n"
        "import torch; print(torch.__version__)"
    )
    for index in ("0", "1"):
        ended = place.python("-c", code, index)
        assert ended.stdout == "0.0\n", ended.stderr
        assert len(ended.of("process-started")) == 1 + int(index)


def test_a_fault_of_the_hook_is_told_and_the_script_goes_on(place: Place) -> None:
    ended = place.python("-c", "import torch; print(1)", env=place.env(FAKE_FAULT="1"))
    assert (ended.code, ended.stdout, ended.stderr) == (0, "1\n", "")
    (message,) = ended.events
    assert message["code"] == "hook-fault" and "ValueError: as asked" in message["text"]


def test_a_package_that_is_broken_is_told_and_the_script_goes_on(place: Place) -> None:
    (place.ours / "arrival.py").write_text("def (")
    ended = place.python("-c", "import torch; print(1)")
    assert (ended.code, ended.stdout, ended.stderr) == (0, "1\n", "")
    assert "SyntaxError" in ended.events[0]["text"] and ended.events[0]["code"] == "hook-fault"


def test_torch_that_is_missing_is_told_when_the_script_dies_of_it(place: Place) -> None:
    (place.lib / "torch.py").unlink()
    python = python_without_torch(place.root)
    ended = place.python("-c", "import torch", program=[str(python)])
    assert ended.code == 1 and "No module named 'torch'" in ended.stderr
    (message,) = ended.events
    assert message["code"] == "torch-missing" and message["level"] == "error"
    assert str(python) in message["text"] and "Python 3." in message["text"]


def test_torch_that_is_missing_is_not_told_by_a_script_that_does_without(place: Place) -> None:
    (place.lib / "torch.py").unlink()
    python = python_without_torch(place.root)
    code = "try:\n import torch\nexcept ImportError:\n print('none')\n"
    ended = place.python("-c", code + "import sklern", program=[str(python)])
    assert ended.stdout == "none\n" and ended.code == 1 and ended.events == []


@pytest.mark.parametrize("flag", ["-S", "-I", "-E"])
def test_isolated_interpreters_stay_without(place: Place, flag: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(place.lib)!r}); import torch; "
        "print(torch.__version__)"
    )
    ended = place.python(flag, "-c", code)
    assert (ended.stdout, ended.stderr, ended.events) == ("0.0\n", "", [])


METHODS = """
import multiprocessing as mp, sys
def work():
    import torch
if __name__ == '__main__':
    mp.set_start_method(sys.argv[1])
    child = mp.Process(target=work)
    child.start(); child.join(); print(child.exitcode)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_are_reached(place: Place, method: str) -> None:
    script = place.add("project/parent.py", METHODS)
    ended = place.python(str(script), method)
    assert ended.stdout == "0\n", ended.stderr
    assert len(ended.of("process-started")) == 1


def test_the_environment_passes_through_shells_and_modules(place: Place) -> None:
    place.add("project/train/__main__.py", "import torch")
    script = place.add("project/train.sh", f"cd project\n{sys.executable} -m train\n")
    subprocess.run(["sh", str(script)], cwd=place.root, env=place.env(), check=True)
    assert len(place.events()) == 1


@pytest.mark.parametrize("python", OLD_AND_NEW, ids=lambda each: each.parts[-3])
def test_the_shadowed_one_runs_in_every_python(python: Path, place: Place) -> None:
    place.add("other/sitecustomize.py", "mark = 1")
    code = "import sitecustomize; print(sitecustomize.mark)"
    ended = place.python(
        "-B", "-c", code, program=[str(python)], env=place.env(place.root / "other")
    )
    assert (ended.stdout, ended.stderr) == ("1\n", "")
