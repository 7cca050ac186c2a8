"""The norm of the gradient, sampled where BatchNorm is frozen, to tell when it explodes."""

from __future__ import annotations

import math
from typing import Any, Optional

import torch

from ..distributed import local_tensor
from .tracked import Norm, TrackedModel

_FIRST = 8
_EVERY = 8
_GROWTH = 100.0


class GradientNorms:
    """Samples the global L2 norm on the device; nothing is read back before the epoch ends."""

    def __init__(self) -> None:
        self._samples: list[torch.Tensor] = []
        self._steps = 0
        self._base: Optional[float] = None
        self._told = False

    def due(self, model: TrackedModel) -> bool:
        """Counts a step, and whether it is one to sample: the first of an epoch, then every eighth.

        Only where BatchNorm is frozen, which is what the samples are for.
        """
        self._steps += 1
        if self._steps > _FIRST and self._steps % _EVERY != 0:
            return False
        return any(norm.frozen for norm in model.norms)

    def sample(self, parameters: list[torch.Tensor]) -> None:
        """Before a step that is `due`."""
        with torch.no_grad():
            parts = [
                local_tensor(each.grad).detach().float().norm()
                for each in parameters
                if each.grad is not None and each.grad.layout == torch.strided
            ]
            if parts:
                device = parts[0].device
                self._samples.append(torch.stack([each.to(device) for each in parts]).norm())

    def ended(self) -> Optional[dict[str, Any]]:
        """At the end of an epoch: `first`, `last`, `max`, the number of samples; None for none."""
        samples, self._samples, self._steps = self._samples, [], 0
        if not samples:
            return None
        values = [float(each) for each in torch.stack([each.cpu() for each in samples]).tolist()]
        if self._base is None:
            finite = [each for each in values[:_FIRST] if math.isfinite(each) and each > 0]
            self._base = _median(finite) if finite else None
        worst = next((each for each in values if not math.isfinite(each)), max(values))
        self._last_values = values
        return {"first": values[0], "last": values[-1], "max": worst, "samples": len(values)}

    def explosion(self, model: TrackedModel) -> Optional[dict[str, Any]]:
        """The message that the note gives, once a model; None while the gradient behaves."""
        values = getattr(self, "_last_values", [])
        if self._told or not values:
            return None
        infinite = any(not math.isfinite(each) for each in values)
        tail = _median(values[-max(1, len(values) // 4) :])
        grown = self._base is not None and tail > _GROWTH * self._base
        if not infinite and not grown:
            return None
        self._told = True
        frozen = [norm for norm in model.norms if norm.frozen and norm.kind == "batch"]
        later = frozen[len(frozen) // 2 :]
        how = "became infinite or NaN" if infinite else f"grew from {self._base:.3g} to {tail:.3g}"
        names = ", ".join(norm.name for norm in later)
        return {
            "text": f"The gradient of {model.name} {how} while BatchNorm is frozen.",
            "advice": f"Free the later BatchNorm layers ({names}) or lower the learning rate.",
            "rules": thaw_rules(frozen, later, {id(t.owner()) for t in model.frozen_parameters}),
        }


def _median(values: list[float]) -> float:
    import statistics  # brings fractions and decimals, and most runs never get here

    return statistics.median(values)


def thaw_rules(frozen: list[Norm], later: list[Norm], holding: set[int]) -> list[Any]:
    """Rules that thaw `later` of the `frozen` layers: by folders where they hold no other.

    `holding`: ids of modules of which parameters are frozen too; of others the rules thaw the
    statistics only.
    """
    early = [norm.name for norm in frozen if norm not in later]
    rules: list[Any] = []
    done: set[str] = set()
    for norm in later:
        if norm.name in done:
            continue
        parts = norm.name.split(".")
        prefix = norm.name
        for length in range(1, len(parts)):
            candidate = ".".join(parts[:length]) + "."
            if not any(name.startswith(candidate) for name in early):
                prefix = candidate
                break
        inside = [each for each in later if each.name.startswith(prefix)]
        kinds = sorted({type(module).__name__ for each in inside if (module := each.module())})
        done.update(each.name for each in inside)
        folder = prefix.endswith(".") and len(inside) > 1 and kinds
        thawed = inside if folder else [norm]
        rule = {"match": f"!{prefix}**" if folder else f"!{norm.name}.*"}
        if folder:
            rule["type"] = kinds[0] if len(kinds) == 1 else "{" + ",".join(kinds) + "}"
        if not any(id(each.module()) in holding for each in thawed):
            rule["tensors"] = "statistics"
        done.update(each.name for each in thawed)
        rules.append(rule if len(rule) > 1 else rule["match"])
    return rules
