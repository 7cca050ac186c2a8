"""Whether the script reads gradients of parameters as if every one had some."""

from __future__ import annotations

import ast
import os
import sys
from typing import Iterator, Optional

from .places import is_script


def place_that_reads_gradients() -> Optional[tuple[str, int]]:
    """File and line (from 1) where the script's own code uses `.grad` without asking for None.

    Such code (`p.data.add_(p.grad, alpha=-lr)`, `log(p.grad.norm())` over all parameters) fails on
    a frozen parameter, whose gradient is None as after freezing by hand. Only the user's files
    that are loaded are read; a file that cannot be read or parsed says nothing.
    """
    for file in _script_files():
        try:
            with open(file, "rb") as stream:
                source = stream.read()
            if b".grad" not in source:
                continue
            line = _unguarded(ast.parse(source))
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        if line is not None:
            return file, line
    return None


def _script_files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and is_script(os.path.abspath(file)):
            yield os.path.abspath(file)


def _unguarded(tree: ast.AST) -> Optional[int]:
    """The first line that reads `.grad`, in a function or module where nothing asks for None."""
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module, ast.Lambda)):
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
        elif _is_grad(node) and not _is_stored(node):
            reads.append(node.lineno)  # type: ignore[attr-defined]
    return reads, guarded


def _asks(node: ast.AST) -> bool:
    """Whether the node compares a gradient, or takes it for a condition."""
    if isinstance(node, ast.Compare):
        return any(_is_grad(each) for each in ast.walk(node))
    return isinstance(node, (ast.If, ast.IfExp)) and _is_grad(node.test)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))


def _is_grad(node: ast.AST) -> bool:
    """`x.grad`, but not `torch.autograd.grad` or another function of that name."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "grad"
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "autograd")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("autograd", "torch"))
    )


def _is_stored(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
