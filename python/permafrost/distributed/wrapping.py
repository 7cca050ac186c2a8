"""Hearing of it before a script wraps its model for distributed training."""

from __future__ import annotations

import inspect
import sys
import threading
from types import ModuleType
from typing import Any, Callable, Mapping, Optional, Sequence

from torch import Tensor
from torch.nn import Module

from ..hook.faults import Faults
from ..hook.patching import wrap
from ..imports import when_imported
from .flat import remember

BeforeWrap = Callable[[Module, str, Mapping[str, Any]], None]
BeforeFlatten = Callable[[Sequence[Tensor], bool], None]


def install(
    before_wrap: BeforeWrap, faults: Faults, before_flatten: Optional[BeforeFlatten] = None
) -> None:
    """Calls `before_wrap(module, kind, keywords)` before DDP, FSDP1 or FSDP2 takes a module.

    `kind`: `ddp`, `fsdp1`, `fsdp2`; `keywords`: what the script passed by name. Units that an
    auto_wrap_policy makes inside are not told. `before_flatten(parameters, use_orig_params)` comes
    before FSDP1 lays them into one flat parameter. Both may end the process; what else they raise
    goes to `faults`. The modules of FSDP are patched when the script imports them.
    """
    patches = _Patches(before_wrap, before_flatten, faults)
    when_imported("torch.nn.parallel.distributed", patches.ddp)
    when_imported("torch.distributed.fsdp.fully_sharded_data_parallel", patches.fsdp1)
    for name in ("flat_param", "_flat_param"):  # the first before 2.3
        when_imported(f"torch.distributed.fsdp.{name}", patches.flat)
    for name in (
        "torch.distributed.fsdp._fully_shard._fully_shard",  # from 2.6
        "torch.distributed._composable.fsdp.fully_shard",  # before
    ):
        when_imported(name, patches.fully_shard)
    when_imported("torch.distributed._composable.replicate_with_fsdp", patches.replicate)


def replace_everywhere(original: object, replacement: object) -> None:
    """Puts a patched function where other modules of torch.distributed have imported it.

    Modules that import it later take it from a place that is patched already.
    """
    for name, module in list(sys.modules.items()):
        if not name.startswith("torch.distributed") or not isinstance(module, ModuleType):
            continue
        for attribute, value in list(vars(module).items()):
            if value is original and value is not replacement:
                setattr(module, attribute, replacement)


class _Patches:
    def __init__(
        self, before_wrap: BeforeWrap, before_flatten: Optional[BeforeFlatten], faults: Faults
    ) -> None:
        self._before_wrap = before_wrap
        self._before_flatten = before_flatten
        self._faults = faults
        self._inside = threading.local()
        self._made: list[object] = []

    def ddp(self, module: Any) -> None:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def __init__(wrapper: Any, module: Any, *args: Any, **kwargs: Any) -> None:
                self._tell(module, "ddp", kwargs)
                original(wrapper, module, *args, **kwargs)

            return __init__

        wrap(module.DistributedDataParallel, "__init__", make)

    def fsdp1(self, module: Any) -> None:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def __init__(wrapper: Any, module: Any, *args: Any, **kwargs: Any) -> None:
                depth = getattr(self._inside, "depth", 0)
                if depth == 0:
                    self._tell(module, "fsdp1", kwargs)
                self._inside.depth = depth + 1
                try:
                    original(wrapper, module, *args, **kwargs)
                finally:
                    self._inside.depth = depth

            return __init__

        wrap(module.FullyShardedDataParallel, "__init__", make)

    def flat(self, module: Any) -> None:
        kind = getattr(module, "FlatParamHandle", None)
        if kind is None:
            return
        signature = inspect.signature(kind.__init__)

        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def __init__(handle: Any, *args: Any, **kwargs: Any) -> None:
                self._faults.run("the flattening of parameters", flatten, handle, args, kwargs)
                original(handle, *args, **kwargs)
                self._faults.run("reading a flat parameter", remember, handle)

            return __init__

        def flatten(handle: Any, args: Any, kwargs: Any) -> None:
            if self._before_flatten is not None:
                bound = signature.bind(handle, *args, **kwargs).arguments
                parameters = list(bound.get("params", ()))
                self._before_flatten(parameters, bool(bound.get("use_orig_params", False)))

        wrap(kind, "__init__", make)

    def fully_shard(self, module: Any) -> None:
        self._functional(module, "fully_shard")

    def replicate(self, module: Any) -> None:
        self._functional(module, "replicate")

    def _functional(self, owner: Any, name: str) -> None:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def shard(module: Any, *args: Any, **kwargs: Any) -> Any:
                for each in module if isinstance(module, (list, tuple)) else [module]:
                    self._tell(each, "fsdp2", kwargs)
                return original(module, *args, **kwargs)

            return shard

        original = getattr(owner, name, None)
        if original in self._made:  # from 2.6 on the older place shows what the newer one has
            return
        if wrap(owner, name, make):
            self._made.append(getattr(owner, name))
            replace_everywhere(original, getattr(owner, name))

    def _tell(self, module: Any, kind: str, keywords: Mapping[str, Any]) -> None:
        if isinstance(module, Module):
            self._faults.run("the wrapping of a model", self._before_wrap, module, kind, keywords)
