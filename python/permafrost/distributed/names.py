"""The tensors of a module under the names that the user gave, through every wrapper."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from torch import Tensor
from torch.nn import Module
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from .flat import FLAT_PARAM, FlatPart, flat_parts, parameter_of, remember_wrapper
from .shards import fsdp2_params, is_gathered
from .wrappers import inner_parts

Named = tuple[str, Module, str, Tensor, str]
# A module on the way down, and the way that led there.
Way = tuple[int, Optional["Way"]]


def named_tensors(root: Module) -> Iterator[Named]:
    """Name, owner, attribute, tensor and kind (`parameter` or `statistic`) of all tensors.

    In the order of `state_dict`: module by module, parameters before buffers, persistent or not.
    A tensor with several names comes once with each, whether tied or in a module used twice. Of
    FSDP1 and FSDP2 it is always the object that stands for this rank's piece, also while a
    gathered copy is in its place. Parameters without a shape yet (lazy ones) are left out.
    """
    gathered: dict[tuple[int, str], Any] = {}
    seen: set[int] = set()
    stack: list[tuple[str, Module, Optional[Way]]] = [("", root, None)]
    while stack:
        prefix, module, above = stack.pop()
        kind = type(module)
        inner = inner_parts(kind)
        if inner:
            remember_wrapper(module)
        if hasattr(kind, "_get_fsdp_state"):
            for each in fsdp2_params(module):
                _note_places(gathered, each)
        flat = flat_parts(module)
        if flat is None and not gathered and FLAT_PARAM not in module._parameters:
            for attribute, tensor in module._parameters.items():
                if tensor is not None and type(tensor) is not UninitializedParameter:
                    yield prefix + attribute, module, attribute, tensor, "parameter"
        else:
            for attribute, tensor in _sharded(module, flat or {}, gathered):
                yield prefix + attribute, module, attribute, tensor, "parameter"
        for attribute, tensor in module._buffers.items():
            if tensor is not None and type(tensor) is not UninitializedBuffer:
                yield prefix + attribute, module, attribute, tensor, "statistic"
        if not module._modules or (id(module) in seen and _is_above(id(module), above)):
            continue
        seen.add(id(module))
        way: Way = (id(module), above)
        found = [
            (f"{prefix}{part}.", child, way)
            for part, child in module._modules.items()
            if child is not None and part not in inner
        ]
        # Fabric holds one module twice: plain, and as it is wrapped for the forward.
        wrapped = next(
            (each for part in inner if (each := module._modules.get(part)) is not None), None
        )
        if wrapped is not None:
            found.insert(0, (prefix, wrapped, way))
        stack.extend(reversed(found))


def _is_above(number: int, way: Optional[Way]) -> bool:
    while way is not None:
        if way[0] == number:
            return True
        way = way[1]
    return False


def _note_places(gathered: dict[tuple[int, str], Any], holder: Any) -> None:
    info = holder._module_info
    gathered[id(info.module), info.param_name] = holder
    for module, attribute in zip(info.shared_modules, info.shared_param_names):
        gathered[id(module), attribute] = holder


def _sharded(
    module: Module, flat: dict[str, FlatPart], gathered: dict[tuple[int, str], Any]
) -> Iterator[tuple[str, Tensor]]:
    """The parameters of a module of which FSDP has some."""
    for attribute, part in flat.items():
        tensor = parameter_of(module, attribute, part)
        if tensor is not None:
            yield attribute, tensor
    for attribute, tensor in module._parameters.items():
        if tensor is None or attribute in flat or attribute == FLAT_PARAM:
            continue
        if type(tensor) is UninitializedParameter:
            continue
        holder = gathered.get((id(module), attribute))
        if holder is not None and is_gathered(tensor, holder):
            tensor = holder.sharded_param
        yield attribute, tensor
