"""The bytes of a tensor by PyTorch itself; for every version from 1.13."""

import torch

from ledger import tensor


def contents(state):
    """What to expect of each tensor of a state dict; of a quantized one, its scales too."""
    found = {}
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            continue
        found[name] = content(value)
        if value.is_quantized:
            scale, zero_point = scales(value)
            found[f"{name}.scale"] = content(scale)
            found[f"{name}.zero_point"] = content(zero_point)
    return found


def scales(value):
    if value.qscheme() == torch.per_tensor_affine:
        scale = torch.tensor(value.q_scale(), dtype=torch.float64)
        return scale, torch.tensor(value.q_zero_point())
    return value.q_per_channel_scales(), value.q_per_channel_zero_points()


def content(value):
    """A quantized tensor's integers, else the elements."""
    name = str(value.dtype).replace("torch.", "")
    plain = value.detach()
    if plain.is_quantized:
        plain = plain.int_repr()
    plain = plain.clone(memory_format=torch.contiguous_format)
    if plain.is_complex():
        plain = torch.view_as_real(plain)
    elements = plain.numel() if value.dtype != torch.bool else value.numel()
    if elements == 0:
        return tensor(name, value.shape, b"")
    return tensor(name, value.shape, plain.reshape(-1).view(torch.uint8).numpy().tobytes())
