"""Comparing the frozen tensors of a model with their references."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any, Optional

import torch

from ..distributed import local_tensor, named_tensors, shard_facts
from ..proof import References
from .causes import Causes
from .tracked import Cause, TrackedModel, TrackedTensor


@dataclass
class Measured:
    """The measured part of a `verified` event."""

    method: str = "bytes"
    milliseconds: float = 0.0
    bytes: int = 0
    intact: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    digest: Optional[str] = None

    def fields(self) -> dict[str, Any]:
        digest = {"digest": self.digest} if self.digest is not None else {}
        return {
            "method": self.method,
            "milliseconds": self.milliseconds,
            "bytes": self.bytes,
            "intact": self.intact,
            "findings": self.findings,
            **digest,
        }

    @property
    def moved(self) -> list[dict[str, Any]]:
        return [each for each in self.findings if each["verdict"] == "moved"]


class Measure:
    """Takes references and compares with them later, byte by byte."""

    def __init__(self, budget: int, causes: Causes) -> None:
        self._references = References(budget)
        self._causes = causes

    def take(self, model: TrackedModel, tensors: list[TrackedTensor]) -> None:
        """From now on these tensors are compared with the bytes that they have now."""
        current = current_tensors(model)
        here = [(each, current.get(each.name)) for each in tensors]
        present = [(each, found[1]) for each, found in here if found is not None]
        self.release(tensors)
        taken = self._references.take([local_tensor(tensor) for _, tensor in present])
        for (each, _), reference in zip(present, taken):
            each.reference = reference

    def release(self, tensors: list[TrackedTensor]) -> None:
        """Gives back the memory of their references."""
        kept = [each.reference for each in tensors if each.reference is not None]
        self._references.release(kept)
        for each in tensors:
            each.reference = None

    def changed(self, model: TrackedModel, tensors: list[TrackedTensor]) -> list[TrackedTensor]:
        """Those of the tensors that do not equal their references now."""
        current = current_tensors(model)
        pairs = [
            (each, current[each.name][1])
            for each in tensors
            if each.reference is not None and each.name in current
        ]
        compared = self._references.compare(
            [each.reference for each, _ in pairs], [local_tensor(now) for _, now in pairs]
        )
        return [each for (each, _), result in zip(pairs, compared) if result.equal is not True]

    def measure(self, model: TrackedModel, fault: Optional[str], closes: bool = True) -> Measured:
        """Compares every frozen tensor. `fault` says why nothing can be called intact, if so.

        `closes`: whether this is the end of an epoch, after which evidence begins anew.
        """
        started = time.perf_counter()
        result = Measured()
        frozen = [each for each in model.tensors if each.frozen]
        current = current_tensors(model)
        pairs: list[tuple[TrackedTensor, torch.Tensor]] = []
        for each in frozen:
            finding = self._absent(each, current.get(each.name))
            if finding is not None:
                result.findings.append(finding)
            else:
                pairs.append((each, local_tensor(current[each.name][1])))
        compared = self._references.compare(
            [each.reference for each, _ in pairs], [now for _, now in pairs]
        )
        methods = set()
        digest = hashlib.blake2b(digest_size=16)
        replicated = False
        for (each, _), comparison in sorted(zip(pairs, compared), key=lambda item: item[0][0].name):
            result.bytes += comparison.bytes
            methods.add(comparison.method)
            finding = self._judge(model, each, comparison, fault)
            if finding is None:
                result.intact += 1
            else:
                result.findings.append(finding)
            if not model.sharded or not shard_facts(current[each.name][1]).sharded:
                replicated = True
                digest.update(each.name.encode() + b"\0" + (comparison.fingerprint or b""))
        if closes:
            for each in frozen:
                each.cause = each.rebased = each.early = None
        result.method = methods.pop() if len(methods) == 1 else "mixed" if methods else "bytes"
        if replicated:
            result.digest = digest.hexdigest()
        result.milliseconds = (time.perf_counter() - started) * 1000
        return result

    def _absent(
        self, each: TrackedTensor, now: Optional[tuple[Any, torch.Tensor]]
    ) -> Optional[dict[str, Any]]:
        if each.reference is None:
            return _unknown(each, "no reference was taken")
        if now is None:
            return {"name": each.name, "verdict": "missing"}
        owner, tensor = now
        # A buffer is often another object after a step (`self.ema = …`): its owner must stay.
        same = tensor is each.tensor() or each.info.kind == "statistic"
        if owner is not each.owner() or not same:
            return {"name": each.name, "verdict": "replaced"}
        return None

    def _judge(
        self, model: TrackedModel, each: TrackedTensor, comparison: Any, fault: Optional[str]
    ) -> Optional[dict[str, Any]]:
        if comparison.equal is None:
            return _unknown(each, comparison.reason or "it could not be read")
        if each.early is not None:
            return each.early
        if not comparison.equal:
            return moved(model, each, comparison, self._causes)
        if fault is not None:
            return _unknown(each, fault)
        if each.rebased is not None:
            return {"name": each.name, "verdict": "rebased", "cause": each.rebased.event()}
        return None


def moved(
    model: TrackedModel, each: TrackedTensor, comparison: Any, causes: Causes
) -> dict[str, Any]:
    """The finding of a tensor that does not equal its reference."""
    cause: Cause = causes.of(model, each)
    return {
        "name": each.name,
        "verdict": "moved",
        "elements": comparison.elements,
        "maxDelta": comparison.max_delta,
        "cause": cause.event(),
    }


def current_tensors(model: TrackedModel) -> dict[str, tuple[Any, torch.Tensor]]:
    """By name, the owner and the tensor that the model has now."""
    found: dict[str, tuple[Any, torch.Tensor]] = {}
    alive = [(prefix, root) for prefix, part in model.parts if (root := part()) is not None]
    if not alive and not model.shells:
        return _left_behind(model)
    for prefix, root in alive or model.shells:
        for name, owner, _, tensor, _ in named_tensors(root):
            found[prefix + name] = (owner, tensor)
    return found


def _left_behind(model: TrackedModel) -> dict[str, tuple[Any, torch.Tensor]]:
    """Of a model that is going right now, what its parts have: they go a moment after it.

    Without a cycle of references, the callback of a weak reference comes before the module lets
    go of what it holds.
    """
    found: dict[str, tuple[Any, torch.Tensor]] = {}
    for each in model.tensors:
        owner = each.owner()
        tensor = each.tensor()
        if owner is not None:
            held = owner._parameters if each.info.kind == "parameter" else owner._buffers
            tensor = dict(held.items()).get(each.attribute)
        if tensor is not None:
            found[each.name] = (owner, tensor)
    return found


def _unknown(each: TrackedTensor, reason: str) -> dict[str, Any]:
    return {"name": each.name, "verdict": "not verified", "reason": reason}
