"""Telling a script that would die of a missing gradient from one that would not."""

from __future__ import annotations

import ast

import pytest

from permafrost.hook.reads_gradients import _unguarded, _updates

READS = [
    "for p in ps:\n    if p.grad.norm() > 1:\n        clip(p)\n",
    "assert sum(p.grad.sum() for p in ps) != 0\n",
    "for p in model.parameters():\n    p.data.add_(p.grad, alpha=-0.1)\n",
    "def log():\n    return {n: p.grad.norm() for n, p in model.named_parameters()}\n",
    "for p in ps:\n    p.data -= 0.1 * p.grad.data\n",
    "total = sum(p.grad.abs().sum() for p in ps)\n",
]
GUARDED = [
    "if (g := p.grad) is not None:\n    g.mul_(2)\n",
    "if None is p.grad or p.grad.norm() > 1:\n    pass\n",
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


UPDATES = [
    "for p in ps:\n    p -= lr * p.grad\n",
    "for p in ps:\n    p.data += -lr * p.grad\n",
    "for p in ps:\n    g = p.grad\n    p.data = p.data - lr * g\n",
    "def step(self):\n    for p in self.ps:\n        p.data.add_(p.grad, alpha=-1)\n",
    "gs = [p.grad for p in ps]\ntorch._foreach_add_(ps, gs, alpha=-1)\n",
]
NO_UPDATES = [
    "total += p.grad.norm().item() ** 2\n",
    "p.grad.mul_(scale)\np.grad.data.add_(noise)\np.grad -= mean\n",
    "def log():\n    total += p.grad\ndef ema():\n    a.mul_(d).add_(b, alpha=1 - d)\n",
    "class Mine(torch.optim.Optimizer):\n    def step(self):\n        p.add_(p.grad)\n",
    "class Mine(optim.SGD):\n    def step(self):\n        p.sub_(p.grad)\n",
    "for p in ps:\n    p.grad = None\n    p -= 1\n",
]


@pytest.mark.parametrize("source", UPDATES)
def test_an_update_by_hand_is_found(source: str) -> None:
    assert _updates(ast.parse(source))


@pytest.mark.parametrize("source", NO_UPDATES)
def test_what_is_no_update_by_hand(source: str) -> None:
    assert not _updates(ast.parse(source))
