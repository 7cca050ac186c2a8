"""What `site/sitecustomize.py` leaves for the time when torch is looked for.

Runs in whatever Python the command names, 2.7 too, before the package may be imported.
"""

# Syntax of that age.
# ruff: noqa: RUF005, SIM105
# mypy: ignore-errors

import os
import sys

_OLDEST = (3, 9)


class Search(object):
    """One process's way from the first look for torch to the start of the hook."""

    def __init__(self, finder):
        self._finder = finder
        self._asking = set()
        self._missed = False
        self._arrived = False

    def find(self, path, target):
        """Finds torch as the other finders do; None when there is none."""
        from _thread import get_ident

        thread = get_ident()
        # Other finders of this kind ask sys.meta_path themselves, and so us again.
        if thread in self._asking:
            return None
        self._asking.add(thread)
        try:
            spec = None
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                if finder is self._finder or find is None:
                    continue
                spec = find("torch", path, target)
                if spec is not None:
                    break
        finally:
            self._asking.discard(thread)
        if spec is None:
            self._missing()
        elif hasattr(spec.loader, "exec_module"):
            self._watch(spec.loader)
        return spec

    def _watch(self, loader):
        execute = loader.exec_module

        def exec_module(module):
            # One loader may serve many modules, and a module may be looked for and not be loaded.
            if module.__name__ == "torch":
                loader.__dict__.pop("exec_module", None)
            execute(module)
            if module.__name__ == "torch" and not self._arrived:
                self._arrived = True
                if self._finder in sys.meta_path:
                    sys.meta_path.remove(self._finder)
                arrive(module)

        try:
            loader.exec_module = exec_module
        except (AttributeError, TypeError):
            # It takes no attributes: the run says that the hook did not load.
            pass

    def _missing(self):
        # Scripts look for torch and do without; only one that dies of it is told of.
        if not self._missed:
            self._missed = True
            import atexit

            atexit.register(_tell_missing)


def arrive(torch):
    """Loads the package that this file belongs to, and hands torch to it."""
    if sys.version_info < _OLDEST:
        _tell(
            "warning",
            "hook-not-loaded",
            "Permafrost works with Python 3.9 and newer; %s is Python %d.%d"
            % ((sys.executable,) + tuple(sys.version_info[:2])),
            "Name a newer interpreter in the command.",
        )
        return
    try:
        if "_permafrost" not in sys.modules:
            import importlib.util

            folder = os.path.dirname(os.path.abspath(__file__))
            # A name of its own: `permafrost` may be a module of the project, or another version.
            spec = importlib.util.spec_from_file_location(
                "_permafrost",
                os.path.join(folder, "__init__.py"),
                submodule_search_locations=[folder],
            )
            package = importlib.util.module_from_spec(spec)
            sys.modules["_permafrost"] = package
            spec.loader.exec_module(package)
        from _permafrost.arrival import torch_loaded

        torch_loaded(torch)
    except Exception as error:  # the training never suffers
        _tell(
            "error",
            "hook-fault",
            "Permafrost failed at its start: %s: %s" % (type(error).__name__, error),
            "Training goes on; nothing is verified.",
        )


def _tell_missing():
    """At the end of a process that died because there is no torch."""
    error, seen = getattr(sys, "last_value", None), 0
    while error is not None and not _lacks_torch(error):
        error, seen = error.__cause__ or error.__context__, seen + 1
        if seen == 20:
            return
    if error is not None:
        _tell(
            "error",
            "torch-missing",
            "There is no torch in %s (Python %d.%d)"
            % ((sys.executable,) + tuple(sys.version_info[:2])),
            "Install it there, or name the interpreter that has it in the command, as in "
            ".venv/bin/python train.py.",
        )


def _lacks_torch(error):
    if not isinstance(error, ImportError):
        return False
    if error.name is None:
        return "torch" in str(error).lower()
    return error.name.split(".")[0] == "torch"


def _tell(level, code, text, advice):
    """Writes a message event by bare means; nothing that goes wrong here reaches the script."""
    try:
        import json
        import time

        line = json.dumps(
            {
                "v": 1,
                "t": int(time.time() * 1000),
                "proc": str(os.getpid()),
                "type": "message",
                "level": level,
                "code": code,
                "text": text,
                "advice": advice,
            }
        )
        file = os.path.join(os.environ["PERMAFROST_RUN_DIR"], "events.jsonl")
        events = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(events, (line + "\n").encode("ascii"))
        finally:
            os.close(events)
    except Exception:
        pass


def chain(behind):
    """Runs the sitecustomize that stands in `behind`, in a Python before 3.5."""
    import imp

    try:
        found = imp.find_module("sitecustomize", behind)
    except ImportError:
        return
    del sys.modules["sitecustomize"]
    imp.load_module("sitecustomize", *found)
