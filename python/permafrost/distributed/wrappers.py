"""The modules that frameworks put around the user's own, and what is inside them."""

from __future__ import annotations

from torch.nn import Module

# Class name: where the class comes from, and the attributes that hold what was wrapped.
_WRAPPERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "DataParallel": (("torch.nn.parallel",), ("module",)),
    "DistributedDataParallel": (("torch.nn.parallel", "apex."), ("module",)),
    "FullyShardedDataParallel": (
        ("torch.distributed.fsdp", "fairscale."),
        ("_fsdp_wrapped_module",),
    ),
    "FlattenParamsWrapper": (("torch.distributed.fsdp", "fairscale."), ("_fpw_module",)),
    "ActivationWrapper": (("torch.distributed.",), ("_checkpoint_wrapped_module",)),
    "CheckpointWrapper": (("torch.distributed.",), ("_checkpoint_wrapped_module",)),
    "OptimizedModule": (("torch._dynamo",), ("_orig_mod",)),
    "_FabricModule": (
        ("lightning.", "lightning_fabric.", "pytorch_lightning."),
        ("_original_module", "_forward_module"),
    ),
    "DeepSpeedEngine": (("deepspeed",), ("module",)),
}

# Before they call what they wrap, these write to buffers or cast them.
_PREPARING = frozenset({"DistributedDataParallel", "FullyShardedDataParallel"})

_NONE: tuple[str, ...] = ()
_inner_parts: dict[type, tuple[str, ...]] = {}
_class_names: dict[type, str] = {}


def inner_parts(kind: type) -> tuple[str, ...]:
    """The attributes of a module of this class that hold what it wraps; empty for others.

    Known by class and origin, never by the attribute alone: a user's submodule may be called
    `module`. Subclasses of wrappers are wrappers.
    """
    parts = _inner_parts.get(kind)
    if parts is None:
        parts = _inner_parts[kind] = _find_parts(kind)
    return parts


def _find_parts(kind: type) -> tuple[str, ...]:
    for each in kind.__mro__:
        origins, parts = _WRAPPERS.get(each.__name__, (_NONE, _NONE))
        if parts and each.__module__.startswith(origins):
            return parts
    return _NONE


def unwrapped(module: Module) -> Module:
    """What the script built, without what was put around it to train."""
    seen = set()
    while id(module) not in seen:
        seen.add(id(module))
        for part in inner_parts(type(module)):
            inner = module._modules.get(part)
            if inner is not None:
                module = inner
                break
    return module


def prepares_forward(module: Module) -> bool:
    """Whether a forward of this wrapper begins with changes to what it wraps.

    DDP copies the buffers of rank 0 to the other ranks there, and the first forward of FSDP1 casts
    buffers to `MixedPrecision.buffer_dtype`: references are to be taken in the forward of the
    module inside, which comes right after.
    """
    kind = type(module)
    return bool(inner_parts(kind)) and any(each.__name__ in _PREPARING for each in kind.__mro__)


def class_name(module: Module) -> str:
    """The name of the class that the user wrote.

    `fully_shard` gives modules a new class (`FSDPLinear`) in front of their own.
    """
    kind = type(module)
    name = _class_names.get(kind)
    if name is None:
        name = _class_names[kind] = _find_class_name(kind)
    return name


def _find_class_name(kind: type) -> str:
    mro = kind.__mro__
    for index, each in enumerate(mro[1:4], 1):
        if each.__name__ == "FSDPModule" and each.__module__.startswith("torch.distributed."):
            return mro[index + 1].__name__
    return kind.__name__
