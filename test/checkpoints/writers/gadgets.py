"""Calls that a pickle can make to run code, each of which leaves a canary file.

Those of scanners' advisories (picklescan, fickling, modelscan) are among them: what no list of
dangerous names knew at its time.
"""

import cProfile
import functools
import importlib
import io
import logging
import marshal
import operator
import pathlib
import pickle
import posix
import profile
import pty
import pydoc
import runpy
import shutil
import sqlite3
import subprocess
import timeit
import trace
import types

import numpy
import numpy.f2py.crackfortran
import numpy.testing._private.utils
import torch
import torch.jit.unsupported_tensor_ops
import torch.utils.collect_env


class Call:
    """Pickled as a call, of what another call returns too."""

    def __init__(self, function, *arguments):
        self.function = function
        self.arguments = arguments

    def __reduce__(self):
        return self.function, self.arguments

    def __call__(self):
        raise AssertionError("it is made to be pickled")


class State:
    """Pickled as an object with a state."""

    def __init__(self, state):
        self.state = state

    def __reduce__(self):
        return types.SimpleNamespace, (), self.state


def gadgets(canary, script):
    """By name. `canary`: path of the file to leave; `script`: of a Python file that leaves it."""
    touch = f"touch '{canary}'"
    code = f"open({canary!r}, 'w').close()"
    compiled = Call(marshal.loads, marshal.dumps(compile(code, "", "exec")))
    system = Call(posix.system, touch)
    module = Call(importlib.import_module, "os")
    types_module = Call(importlib.import_module, "types")
    return {
        "posix.system": system,
        "exec": Call(exec, code),
        "eval": Call(eval, code),
        "open": Call(open, canary, "w"),
        "map": Call(list, Call(map, exec, [code])),
        "compile": Call(exec, Call(compile, code, "", "exec")),
        "popen": Call(subprocess.Popen, ["touch", canary]),
        "check-call": Call(subprocess.check_call, ["touch", canary]),
        "run-path": Call(runpy.run_path, script),
        "run-code": Call(runpy._run_code, compiled, {}),
        "getattr": Call(Call(getattr, module, "system"), touch),
        "attrgetter": Call(Call(operator.attrgetter, "system"), module),
        "attrgetter-called": Call(Call(Call(operator.attrgetter, "system"), module), touch),
        "methodcaller": Call(Call(operator.methodcaller, "system", touch), module),
        "partial": Call(Call(functools.partial, posix.system, touch)),
        "function": Call(Call(Call(getattr, types_module, "FunctionType"), compiled, {})),
        "pty": Call(pty.spawn, ["touch", canary]),
        "timeit": Call(timeit.timeit, code, "pass", timeit.default_timer, 1),
        "c-profile": Call(cProfile.runctx, code, {}, {}),
        "profile": Call(profile.runctx, code, {}, {}),
        "trace": Call(Call(getattr, Call(trace.Trace, 0, 0), "runctx"), code),
        "locate": Call(Call(pydoc.locate, "posix.system"), touch),
        "pipepager": Call(pydoc.pipepager, "", f"{touch}; cat"),
        "file-handler": Call(logging.FileHandler, canary),
        "sqlite": Call(sqlite3.connect, canary),
        "copyfile": Call(shutil.copyfile, script, canary),
        "write-text": Call(Call(getattr, Call(pathlib.Path, canary), "write_text"), ""),
        "runstring": Call(numpy.testing._private.utils.runstring, code, {}),
        "getlincoef": Call(numpy.f2py.crackfortran.getlincoef, code.replace(".close()", ""), {}),
        "numpy-save": Call(numpy.save, canary + ".npy", 1),
        "collect-env": Call(torch.utils.collect_env.run, touch),
        "exec-wrapper": Call(torch.jit.unsupported_tensor_ops.execWrapper, code, {}, {}),
        "torch-save": Call(torch.save, 1, canary),
        "load-from-bytes": Call(torch.storage._load_from_bytes, legacy(system)),
        "pickle-in-pickle": Call(pickle.loads, pickle.dumps(system)),
        "in-a-tuple": (1, (2, [3, system])),
        "in-a-key": {(1, system): 1},
        "in-a-set": {system},
        "in-a-state": State({"a": system}),
        "in-arguments": Call(list, Call(tuple, [system, system])),
    }


def legacy(value):
    """The bytes of torch's legacy format."""
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=False)
    return file.getvalue()
