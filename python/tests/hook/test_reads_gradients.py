"""Telling a script that would die of a missing gradient from one that would not."""

from __future__ import annotations

import ast

import pytest

from permafrost.hook.reads_gradients import _unguarded

READS = [
    "for p in model.parameters():\n    p.data.add_(p.grad, alpha=-0.1)\n",
    "def log():\n    return {n: p.grad.norm() for n, p in model.named_parameters()}\n",
    "for p in ps:\n    p.data -= 0.1 * p.grad.data\n",
    "total = sum(p.grad.abs().sum() for p in ps)\n",
]
GUARDED = [
    "for p in ps:\n    if p.grad is not None:\n        p.data.add_(p.grad)\n",
    "for p in ps:\n    if p.grad is None:\n        continue\n    p.data.add_(p.grad)\n",
    "norms = [p.grad.norm() for p in ps if p.grad is not None]\n",
    "for p in ps:\n    p.grad = None\n",
    "(g,) = torch.autograd.grad(loss, x)\n",
    "with torch.no_grad():\n    loss.backward()\n",
    "x = p.requires_grad\n",
]


@pytest.mark.parametrize("source", READS)
def test_an_unguarded_read_is_found(source: str) -> None:
    assert _unguarded(ast.parse(source)) == 1 + source.split(".grad")[0].count("\n")


@pytest.mark.parametrize("source", GUARDED)
def test_a_guarded_read_is_none(source: str) -> None:
    assert _unguarded(ast.parse(source)) is None
