# Brings Permafrost's hook into each Python process of a run. The folder of this file stands first
# on PYTHONPATH, so that the interpreter imports it at start-up in place of the sitecustomize that
# the machine or the user has: that one is run from here. In a process that never imports torch
# nothing more happens. Any Python reads this file, 2.7 too, and often compiles it anew: it is
# short.
# mypy: ignore-errors
import os
import sys

if sys.version_info >= (3, 5):
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder, spec_from_file_location

_site = os.path.dirname(os.path.abspath(__file__))


def _early():
    if "_permafrost_early" not in sys.modules:
        file = os.path.join(os.path.dirname(_site), "early.py")
        if sys.version_info < (3, 5):
            import imp

            imp.load_source("_permafrost_early", file)
        else:
            _load(spec_from_file_location("_permafrost_early", file))
    return sys.modules["_permafrost_early"]


def _load(spec):
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)


class _PermafrostArrival(object):
    search = None

    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        try:
            if self.search is None:
                self.search = _early().Search(self)
        except Exception:
            return None
        return self.search.find(path, target)


def _begin():
    if not os.environ.get("PERMAFROST_RUN_DIR") or sys.version_info < (3, 5):
        return
    # The innermost launcher's own copy comes first; others behind it stay out.
    if any(type(finder).__name__ == "_PermafrostArrival" for finder in sys.meta_path):
        return
    if "torch" in sys.modules:
        _early().arrive(sys.modules["torch"])
    else:
        sys.meta_path.insert(0, _PermafrostArrival())


def _chain():
    behind = []
    for index, entry in enumerate(sys.path):
        if os.path.abspath(entry) == _site:
            behind = sys.path[index + 1 :]
    # What the next one raises is told by the interpreter, as without us.
    if sys.version_info < (3, 5):
        _early().chain(behind)
        return
    spec = PathFinder.find_spec("sitecustomize", behind)
    if spec is not None and spec.loader is not None:
        _load(spec)


_begin()
_chain()
