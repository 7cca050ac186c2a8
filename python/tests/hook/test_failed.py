"""What is told of a script that fails for a gradient which freezing took away."""

from __future__ import annotations

from pathlib import Path

from harness.process import run_hooked

SCRIPT = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.randn(4, 2)).mean()
torch.autograd.grad(loss, list(net.parameters()), create_graph=True)
"""


def test_a_script_that_asks_autograd_for_all_gradients_is_told_why_it_failed(
    tmp_path: Path,
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    result = run_hooked(["train.py"], tmp_path, {"freeze": ["0.**"]})
    assert result.code == 1
    (told,) = result.messages("script-reads-gradients")
    assert "does not require grad" in told
    assert "after freezing by hand" in told
