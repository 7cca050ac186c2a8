"""The bytes of a tensor by PyTorch itself; for every version from 1.13."""

import torch

from ledger import tensor


def contents(state):
    """What to expect of each tensor of a state dict."""
    return {
        name: content(value) for name, value in state.items() if isinstance(value, torch.Tensor)
    }


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
