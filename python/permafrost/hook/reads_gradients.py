"""What the script's own code does with gradients of parameters."""

from __future__ import annotations

import ast
import os
import re
import sys
from typing import Iterator, Optional, Union

from .places import is_script

_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Scope = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module]
_WRITES = re.compile(r"(add|sub|addcdiv|addcmul|copy|lerp)_|_foreach_\w+_")
"""Functions that change a tensor in place, as an update by hand does."""


class ScriptGradients:
    """Reads the user's files that are loaded, each of them once.

    A file that cannot be read or parsed says nothing.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.place: Optional[tuple[str, int]] = None
        """File and line (from 1) where the code uses `.grad` without asking for None.

        Such code (`p.data.add_(p.grad, alpha=-lr)`, `log(p.grad.norm())` over all parameters) fails
        on a frozen parameter, whose gradient is None as after freezing by hand.
        """
        self.updates = False
        """Whether it changes tensors by their gradients, other than in an optimizer of torch."""

    def look(self) -> None:
        """Reads what has been loaded since the last look."""
        for file in _script_files(self._seen):
            try:
                with open(file, "rb") as stream:
                    source = stream.read()
                if b".grad" not in source:
                    continue
                tree = ast.parse(source)
                line = _unguarded(tree)
                self.updates = self.updates or _updates(tree)
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue
            if line is not None and self.place is None:
                self.place = (file, line)


def _script_files(seen: set[str]) -> Iterator[str]:
    """The user's files that are not in `seen`, which all files of modules are put into."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file not in seen:
            seen.add(file)
            if file.endswith(".py") and is_script(file):
                yield os.path.abspath(file)


def _updates(tree: ast.AST) -> bool:
    """Whether a function or the module itself reads gradients and changes tensors in place."""
    optimizers = {
        id(method)
        for each in ast.walk(tree)
        if isinstance(each, ast.ClassDef) and any(_is_optimizer(base) for base in each.bases)
        for method in each.body
    }
    for scope in _scopes(tree):
        if id(scope) not in optimizers:
            nodes = list(_own(scope))
            if any(map(_is_read, nodes)) and any(map(_is_write, nodes)):
                return True
    return False


def _is_optimizer(base: ast.expr) -> bool:
    """Whether a base class is, by its name, an optimizer of torch: `optim.SGD`, `Optimizer`."""
    names = [each.attr for each in ast.walk(base) if isinstance(each, ast.Attribute)]
    names += [each.id for each in ast.walk(base) if isinstance(each, ast.Name)]
    return any("optim" in name.lower() for name in names)


def _is_write(node: ast.AST) -> bool:
    """`p -= …`, `p.data = …`, `p.data.add_(…)`, but nothing that changes a gradient itself."""
    if isinstance(node, ast.AugAssign):
        on_data = isinstance(node.target, ast.Attribute) and node.target.attr == "data"
        return (isinstance(node.op, ast.Sub) or on_data) and not _names_gradient(node.target)
    if isinstance(node, ast.Assign):
        return any(
            isinstance(each, ast.Attribute)
            and each.attr == "data"
            and not _names_gradient(each.value)
            for each in node.targets
        )
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _WRITES.fullmatch(node.func.attr) is not None
        and not _names_gradient(node.func.value)
    )


def _names_gradient(node: ast.AST) -> bool:
    return any(_is_grad(each) for each in ast.walk(node))


def _scopes(tree: ast.AST) -> Iterator[_Scope]:
    """The module, and every function in it."""
    for each in ast.walk(tree):
        if isinstance(each, (*_Function, ast.Module)):
            yield each


def _unguarded(tree: ast.AST) -> Optional[int]:
    """The first line that reads `.grad`, in a function or module where nothing asks for None."""
    for scope in _scopes(tree):
        reads, guarded = _reads(scope)
        if reads and not guarded:
            return min(reads)
    return None


def _reads(scope: ast.AST) -> tuple[list[int], bool]:
    reads: list[int] = []
    guarded = False
    for node in _own(scope):
        if _asks(node):
            guarded = True
        elif _is_read(node):
            reads.append(node.lineno)  # type: ignore[attr-defined]
    return reads, guarded


def _asks(node: ast.AST) -> bool:
    """Whether the node compares a gradient itself, not what is made of it, or has it as a test."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        with_none = any(isinstance(side, ast.Constant) and side.value is None for side in sides)
        return any(map(_is_grad, ast.walk(node) if with_none else sides))
    return isinstance(node, (ast.If, ast.IfExp)) and _is_grad(node.test)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, _Function):
            todo.extend(ast.iter_child_nodes(node))


def _is_grad(node: ast.AST) -> bool:
    """`x.grad`, but not `torch.autograd.grad` or another function of that name."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "grad"
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "autograd")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("autograd", "torch"))
    )


def _is_read(node: ast.AST) -> bool:
    stored = isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
    return _is_grad(node) and not stored
