"""What the hook costs an epoch of ResNet-18, in time.

Two ratios, each of pairs of processes that run at the same time on a core each, so that what else
the machine does slows both; who starts first alternates:

- every BatchNorm frozen by Permafrost against the same script that freezes it by hand (at most 1.01);
- nothing frozen under Permafrost against the plain script (at most 1.005).

    python bench/torch_overhead.py [pairs] [epochs]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STEPS = 12

SCRIPT = """
import sys, time, torch, torchvision
from torch.utils.data import DataLoader, TensorDataset

by_hand, epochs, steps = sys.argv[1] == "hand", int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(0)
model = torchvision.models.resnet18(num_classes=10)
norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
if by_hand:
    for norm in norms:
        norm.weight.requires_grad_(False)
        norm.bias.requires_grad_(False)
data = TensorDataset(torch.randn(16 * steps, 3, 64, 64), torch.randint(0, 10, (16 * steps,)))
loader = DataLoader(data, batch_size=16, shuffle=True)
optimizer = torch.optim.SGD(
    [p for p in model.parameters() if p.requires_grad], lr=0.01, momentum=0.9, weight_decay=1e-4
)
times = []
for epoch in range(epochs + 1):
    begin = time.perf_counter()
    model.train()
    if by_hand:
        for norm in norms:
            norm.eval()
    for images, labels in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    times.append(time.perf_counter() - begin)
print(sum(times[1:]) / epochs)
"""


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    epochs = sys.argv[2] if len(sys.argv) > 2 else "4"
    frozen = [{"match": "**", "type": "BatchNorm2d"}]
    good = compare("batch-norm frozen", frozen, "hand", pairs, epochs, 1.01)
    good &= compare("nothing frozen", [], "plain", pairs, epochs, 1.005)
    sys.exit(0 if good else 1)


def compare(
    name: str, rules: list[object], other: str, pairs: int, epochs: str, target: float
) -> bool:
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "train.py")
        with open(script, "w", encoding="utf-8") as stream:
            stream.write(SCRIPT)
        with open(os.path.join(folder, "permafrost.json"), "w", encoding="utf-8") as stream:
            json.dump({"freeze": rules}, stream)
        own = [sys.executable, "-m", "permafrost", "run", "--quiet", "--", sys.executable, script]
        for pair in range(pairs):
            commands = [own + ["plain"], [sys.executable, script, other]]
            order = (0, 1) if pair % 2 == 0 else (1, 0)
            running = {}
            for index in order:
                running[index] = start(commands[index] + [epochs, str(STEPS)], folder)
                time.sleep(0.1)
            seconds = [finish(running[index]) for index in (0, 1)]
            ratios.append(seconds[0] / seconds[1])
    ratio = statistics.median(ratios)
    each = " ".join(f"{value:.3f}" for value in ratios)
    print(f"torch {name}: ratio {ratio:.3f} an epoch ({each}; target {target})", flush=True)
    return ratio <= target


def start(command: list[str], folder: str) -> "subprocess.Popen[str]":
    path = os.pathsep.join([os.path.join(ROOT, "python"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path.rstrip(os.pathsep)}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> float:
    output, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{process.args} exited {process.returncode}")
    return float(output.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
