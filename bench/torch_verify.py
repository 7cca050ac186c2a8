"""Verifying 400 MB of frozen float32 parameters against `torch.equal` with a kept copy.

    python bench/torch_verify.py

Prints ratios of one run: the parts that are compared take turns, so that a busy machine slows all.
Exits with 1 if the fingerprints are not faster or take more than 64 MB besides.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))

import torch  # noqa: E402

from permafrost.proof import References, fingerprints  # noqa: E402

MB = 1e6
ROUNDS = 9


def parameters() -> list[torch.Tensor]:
    """300 tensors, 400 MB: an embedding, transformer blocks, convolutions, biases and norms."""
    shapes: list[tuple[int, ...]] = [(30_522, 768)]
    for _ in range(4):
        shapes += [(768, 768)] * 4 + [(3072, 768), (768, 3072)] + [(768,)] * 9 + [(3072,)]
    for width in (64, 128, 256, 512):
        for _ in range(6):
            shapes += [(width, width, 3, 3)] + [(width,)] * 4
    shapes += [(64, 3, 7, 7), (1000, 2048)]
    while len(shapes) < 299:
        shapes += [(256, 256)]
    left = 100_000_000 - sum(torch.Size(each).numel() for each in shapes)
    shapes.append((left // 1024, 1024))
    return [torch.randn(shape) for shape in shapes]


def main() -> int:
    """Measures and prints; returns the exit code."""
    tensors = parameters()
    size = sum(each.numel() * 4 for each in tensors)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"{len(tensors)} tensors, {size / MB:.0f} MB"
    )
    extra = peak_above(lambda: fingerprints(tensors))
    times = side_by_side(tensors)
    for name, seconds in times.items():
        best, middle = min(seconds), statistics.median(seconds)
        print(f"{name:13} {size / best / 1e9:6.1f} GB/s best, {size / middle / 1e9:5.1f} median")
    ratios = [a / b for a, b in zip(times["fingerprints"], times["torch.equal"])]
    ratio = statistics.median(ratios)
    print(f"fingerprints take {ratio:.2f} of torch.equal with a kept copy (median of {ROUNDS})")
    print(f"extra memory {extra / MB:.1f} MB")
    kept(tensors)
    many()
    return 0 if ratio < 1 and extra <= 64 * MB else 1


def side_by_side(tensors: list[torch.Tensor]) -> dict[str, list[float]]:
    """Seconds of each round; `read` sums integers, as fast as torch can read memory."""
    copies = [each.clone() for each in tensors]
    words = [each.reshape(-1)[: each.numel() // 2 * 2].view(torch.int64) for each in tensors]
    return alternate(
        {
            "fingerprints": lambda: fingerprints(tensors),
            "torch.equal": lambda: all(map(torch.equal, tensors, copies)),
            "read": lambda: [each.sum() for each in words],
        }
    )


def kept(tensors: list[torch.Tensor]) -> None:
    """References with copies: taking and comparing byte by byte."""
    references = References(1 << 30)
    started = time.perf_counter()
    taken = references.take(tensors)
    took = time.perf_counter() - started
    compare = min(alternate({"": lambda: references.compare(taken, tensors)})[""])
    print(f"references with copies: taken in {took:.3f} s, compared in {compare:.3f} s")


def many() -> None:
    """100,000 small tensors."""
    small = [torch.randn(10 + index % 90) for index in range(100_000)]
    seconds = min(alternate({"": lambda: fingerprints(small)}, rounds=3)[""])
    print(f"100,000 tensors of 10 to 99 elements: {seconds:.2f} s")


def alternate(
    parts: dict[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Seconds of each part in each round, one after the other; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in parts}
    for index in range(rounds + 1):
        for name, part in parts.items():
            started = time.perf_counter()
            part()
            if index > 0:
                times[name].append(time.perf_counter() - started)
    return times


def peak_above(part: Callable[[], object]) -> int:
    """Bytes by which the resident memory of this process rises at most while `part` runs (Linux)."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak begins anew
    before = status("VmRSS")
    part()
    return status("VmHWM") - before


def status(name: str) -> int:
    """Bytes of a line of /proc/self/status."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))


if __name__ == "__main__":
    sys.exit(main())
