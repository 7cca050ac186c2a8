# Brings Permafrost's hook into each Python process of a run. The folder of this file stands first
# on PYTHONPATH, so that the interpreter imports it at start-up in place of the sitecustomize that
# the machine or the user has: that one is run from here. In a process that never imports torch
# nothing more happens. Any Python can read this file, 2.7 too.
import os
import sys

_OLDEST = (3, 9)


class _PermafrostArrival(object):
    """Waits for torch in sys.meta_path, and leaves once torch has been executed."""

    def __init__(self):
        self._asking = set()
        self._missed = False
        self._arrived = False

    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        return self._find(name, path, target)

    def _find(self, name, path, target):
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
                if finder is self or find is None:
                    continue
                spec = find(name, path, target)
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
                self.leave()
                _arrive(module)

        try:
            loader.exec_module = exec_module
        except (AttributeError, TypeError):
            # It takes no attributes: the run says that the hook did not load.
            pass

    def leave(self):
        try:
            sys.meta_path.remove(self)
        except ValueError:
            pass

    def _missing(self):
        # Scripts look for torch and do without; only one that dies of it is told of.
        if not self._missed:
            self._missed = True
            import atexit

            atexit.register(_tell_missing)


def _arrive(torch):
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
        package = sys.modules.get("_permafrost")
        if package is None:
            import importlib.util

            folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
            # A name of its own: `permafrost` may be a module of the project, or another version.
            spec = importlib.util.spec_from_file_location(
                "_permafrost",
                os.path.join(folder, "__init__.py"),
                submodule_search_locations=[folder],
            )
            package = importlib.util.module_from_spec(spec)
            sys.modules["_permafrost"] = package
            spec.loader.exec_module(package)
        import _permafrost.arrival

        _permafrost.arrival.torch_loaded(torch)
    except Exception:
        error = sys.exc_info()[1]
        _tell(
            "error",
            "hook-fault",
            "Permafrost failed at its start: %s: %s" % (type(error).__name__, error),
            "Training goes on; nothing is verified.",
        )


def _tell_missing():
    """At the end of a process that died because there is no torch."""
    error, seen = getattr(sys, "last_value", None), 0
    while error is not None and seen < 20:
        if isinstance(error, ImportError) and (error.name or "torch").split(".")[0] == "torch":
            if error.name or "torch" in str(error).lower():
                break
        error, seen = error.__cause__ or error.__context__, seen + 1
    if error is None or seen == 20:
        return
    _tell(
        "error",
        "torch-missing",
        "There is no torch in %s (Python %d.%d)"
        % ((sys.executable,) + tuple(sys.version_info[:2])),
        "Install it there, or name the interpreter that has it in the command, as in "
        ".venv/bin/python train.py.",
    )


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


def _begin():
    if not os.environ.get("PERMAFROST_RUN_DIR") or sys.version_info < (3, 4):
        return
    # The innermost launcher's own copy comes first; others behind it stay out.
    if any(type(finder).__name__ == "_PermafrostArrival" for finder in sys.meta_path):
        return
    torch = sys.modules.get("torch")
    if torch is not None:
        _arrive(torch)
    else:
        sys.meta_path.insert(0, _PermafrostArrival())


def _chain():
    """Runs the sitecustomize that this one stands before, as the interpreter would."""
    own = os.path.dirname(os.path.abspath(__file__))
    behind = None
    for index, entry in enumerate(sys.path):
        if os.path.abspath(entry) == own:
            behind = sys.path[index + 1 :]
    if behind is None:
        return
    if sys.version_info < (3, 4):
        _chain_old(behind)
        return
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec("sitecustomize", behind)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    # What it raises is told by the interpreter, as without us.
    spec.loader.exec_module(module)


def _chain_old(behind):
    import imp

    try:
        found = imp.find_module("sitecustomize", behind)
    except ImportError:
        return
    del sys.modules["sitecustomize"]
    try:
        imp.load_module("sitecustomize", *found)
    finally:
        if found[0] is not None:
            found[0].close()


_begin()
_chain()
