"""A model of 100,000 parameter tensors: how long until it may train (target: plan and first
fingerprint under 2 s).

`permafrost.freeze` finds the tensors, plans, and takes the references of the frozen half; beside it
the same model is copied by `state_dict` and `clone`, for a measure of the machine.

    python bench/torch_many.py [repeats]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python"))

import torch  # noqa: E402

from permafrost.hook.describe import describe  # noqa: E402
from permafrost.hook.tracked import TrackedModel  # noqa: E402
from permafrost.proof import References  # noqa: E402
from permafrost.rules import parse_config, plan_model  # noqa: E402

COUNT = 100_000
RULES = '{"freeze": ["blocks.**", "!blocks.*[05].**", {"match": "**", "type": "*BatchNorm*"}]}'


def build() -> torch.nn.Module:
    model = torch.nn.Module()
    model.blocks = torch.nn.ModuleList(torch.nn.Linear(4, 4) for _ in range(COUNT // 2))
    return model


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(1)
    module = build()
    config = parse_config(RULES).config
    assert config is not None
    plans, prints, copies = [], [], []
    frozen = 0
    for _ in range(repeats):
        begin = time.perf_counter()
        model = TrackedModel(module, "model", "Module")
        describe(model, {})
        plan = plan_model(config.rules, model.named())
        plans.append(time.perf_counter() - begin)
        held = [
            t
            for each in model.tensors
            if each.name in plan.spans and (t := each.tensor()) is not None
        ]
        frozen = len(held)
        begin = time.perf_counter()
        References(2**30).take(held)
        prints.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        kept = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        copies.append(time.perf_counter() - begin)
        del kept
    plan_s, print_s = statistics.median(plans), statistics.median(prints)
    whole = plan_s + print_s
    print(
        f"torch many: {whole:.2f} s of 2 (names and plan {plan_s:.2f}, references of {frozen} "
        f"{print_s:.2f}; a cloned state_dict {statistics.median(copies):.2f}; torch "
        f"{torch.__version__})"
    )
    sys.exit(0 if whole < 2 else 1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main()
