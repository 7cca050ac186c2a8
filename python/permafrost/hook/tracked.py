"""The models that train, and their tensors, as the hook keeps them in mind."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from ..rules import NamedModel, NamedTensor, is_frozen_at

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True)
class Cause:
    """What moved a tensor or gave it another base, as events write it."""

    kind: str
    text: str
    file: Optional[str] = None
    line: Optional[int] = None

    def event(self) -> dict[str, Any]:
        place = {"file": self.file, "line": self.line} if self.file and self.line else {}
        return {"kind": self.kind, "text": self.text, **place}


@dataclass(eq=False)
class TrackedTensor:
    """A parameter or buffer of a model that trains. Holds no strong reference to it."""

    info: NamedTensor
    dtype: str
    shape: tuple[int, ...]
    elements: int
    tensor: "weakref.ref[Tensor]"
    owner: "weakref.ref[Module]"
    attribute: str
    script_trains: bool = False
    """Whether the script would have trained it: it asked for a gradient before Permafrost."""
    # Not set for each of 100,000 tensors.
    spans: tuple[Any, ...] = field(default=(), init=False)
    frozen: bool = field(default=False, init=False)
    """Whether it is held now."""
    flipped: bool = field(default=False, init=False)
    """Whether Permafrost has set `requires_grad` to False."""
    keeps_gradient: bool = field(default=False, init=False)
    """Whether it goes on asking for a gradient while frozen, which is thrown away."""
    keeps_zeros: bool = field(default=False, init=False)
    """Whether its gradient is zeros instead of none while frozen: see `Freezer.hide`."""
    reference: Any = field(default=None, init=False)
    cause: Optional[Cause] = field(default=None, init=False)
    """The best evidence of what moved it since the last verification."""
    place: tuple[Optional[str], Optional[int]] = field(default=(None, None), init=False)
    """File and line of the script that was seen to write to it in place."""
    rebased: Optional[Cause] = field(default=None, init=False)
    early: Optional[dict[str, Any]] = field(default=None, init=False)
    """A movement found before the epoch ended: right before the script loaded other values."""

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def always_frozen(self) -> bool:
        """Whether it is frozen in every epoch, so that it need not be in an optimizer at all."""
        at = 1
        for span in self.spans:
            if span.from_ > at:
                return False
            if span.until is None:
                return True
            at = span.until + 1
        return False

    def frozen_at(self, epoch: int) -> bool:
        return is_frozen_at(self.spans, epoch)

    def json(self) -> dict[str, Any]:
        """As inspections and `model` events write it."""
        info = self.info
        aliases = {"aliases": list(info.aliases)} if info.aliases else {}
        return {
            "name": info.name,
            **aliases,
            "kind": info.kind,
            "module": info.module,
            "type": info.type,
            "dtype": self.dtype,
            "shape": list(self.shape),
        }


@dataclass(eq=False)
class Norm:
    """A layer that normalises with running statistics."""

    name: str
    module: "weakref.ref[Module]"
    kind: str
    """`frozen` for FrozenBatchNorm2d, which has no other mode; `instance`; `batch`."""
    statistics: list[TrackedTensor] = field(default_factory=list)
    running: int = 0
    """At how many of the looks in this epoch it normalised with its running statistics."""
    batch: int = 0

    @property
    def frozen(self) -> bool:
        return any(tensor.frozen for tensor in self.statistics)

    @property
    def mode(self) -> str:
        """How it normalised in this epoch: `running`, `batch` or `mixed`."""
        if self.running and self.batch:
            return "mixed"
        return "batch" if self.batch else "running"


class TrackedModel:
    """A model that trains: what it is called, what of it is frozen, and where it is in training."""

    def __init__(self, root: "Module", name: str, class_name: str) -> None:
        self._root = weakref.ref(root)
        self.name = name
        self.base_name = name
        """As the script calls it, without the number that tells it from another of that name."""
        self.class_name = class_name
        self.parts: list[tuple[str, "weakref.ref[Module]"]] = [("", weakref.ref(root))]
        """Prefix of names and module; more than one when modules lie in a plain list."""
        self.tensors: list[TrackedTensor] = []
        self.norms: list[Norm] = []
        self.module_ids: frozenset[int] = frozenset()
        self.matched: list[int] = []
        self.announced = False
        self.by_hand = False
        """Trained without an optimizer of torch: a backward pass is a step."""
        self.on_trial = False
        """Has gradients, but has not been seen to train yet: see `by_hand.py`."""
        self.ran: Optional[bool] = None
        """Trained by hand: whether it ran since its last step; None where that is not seen."""
        self.shells: list[tuple[str, "Module"]] = []
        """Between epochs, stand-ins of the parts that outlive the model: see `shells.py`."""
        self.wraps: set[str] = set()
        """`ddp`, `fsdp1`, `fsdp2`: what the script wrapped it in."""
        self.epoch = 0
        self.open = False
        self.steps = 0
        """Optimizer steps in the epoch under way."""
        self.touched = False
        """Whether something may have moved since the last verification."""
        self.started_at = 0.0
        self.faults_before = 0
        self.clock: Optional[str] = None
        self.epochs: Optional[int] = None
        self.frozen_parameters: list[TrackedTensor] = []
        """Of these, the ones that are held now."""
        self.stepped: set[int] = set()
        """Ids of the optimizers that have stepped since the last counted step."""

    @property
    def root(self) -> Optional["Module"]:
        return self._root()

    @property
    def alive(self) -> bool:
        return self._root() is not None

    @property
    def sharded(self) -> bool:
        return bool(self.wraps & {"fsdp1", "fsdp2"})

    def named(self) -> NamedModel:
        """As the config language sees it."""
        return NamedModel(self.base_name, self.class_name, tuple(t.info for t in self.tensors))
