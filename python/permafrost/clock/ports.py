"""What the clock asks of the rest of the hook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Optional, Protocol, Sequence

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

Inform = Callable[[str], None]
"""Takes a sentence that explains which clock cannot be used here."""


class Model(Protocol):
    """A model that trains."""

    name: str
    epoch: int
    """The epoch that it is in or was in last; 0 before the first."""
    open: bool
    """Whether an epoch is under way."""

    @property
    def root(self) -> "Optional[Module]": ...


class TrainingPort(Protocol):
    """Where epochs are told. Epochs are counted from 1."""

    def begin(
        self,
        model: Any,
        *,
        epoch: Optional[int] = None,
        epochs: Optional[int] = None,
        clock: str,
        batches: Optional[int] = None,
    ) -> None: ...

    def end(
        self,
        model: Any,
        clock: str,
        metrics: Mapping[str, float] = {},
        at: str = "epoch-end",
    ) -> None: ...


class RegistryPort(Protocol):
    """The models of the process."""

    @property
    def models(self) -> Sequence[Any]: ...

    def model_of(self, module: "Module") -> Optional[Any]: ...

    def models_of(self, parameters: "Iterable[Tensor]") -> Sequence[Any]: ...


class FaultsPort(Protocol):
    """Keeps what goes wrong from the script."""

    def run(self, label: str, fn: Callable[..., Any], *args: Any, default: Any = None) -> Any: ...
