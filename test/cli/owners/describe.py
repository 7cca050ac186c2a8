"""Says as JSON what PyTorch and safetensors know of the tensors in a file, and makes files.

describe.py torch FILE                  the tensors of a state dict
describe.py resnet18 FOLDER             before.pt and after.pt of torchvision's ResNet-18, and in
                                        what they differ
describe.py shards FOLDER               a sharded safetensors checkpoint of the same model, and what
                                        safetensors finds in it
describe.py evil FILE CANARY            a state dict whose pickle would create the file CANARY
"""

import json
import sys
from pathlib import Path

import torch


def described(tensors):
    return {
        name: {"dtype": str(tensor.dtype).replace("torch.", ""), "shape": list(tensor.shape)}
        for name, tensor in tensors.items()
        if isinstance(tensor, torch.Tensor)
    }


def resnet18():
    from torchvision.models import resnet18

    torch.manual_seed(1)
    return resnet18(weights=None)


def torch_file(file):
    return described(torch.load(file, map_location="cpu"))


def safetensors_folder(folder):
    from safetensors import safe_open

    tensors = {}
    for file in sorted(Path(folder).glob("*.safetensors")):
        with safe_open(file, framework="pt") as opened:
            tensors.update({name: opened.get_tensor(name) for name in opened.keys()})
    return described(tensors)


def resnet18_pair(folder):
    state = {name: tensor.clone() for name, tensor in resnet18().state_dict().items()}
    torch.save(state, Path(folder, "before.pt"))
    before = {name: tensor.clone() for name, tensor in state.items()}
    state["conv1.weight"][3, 1] += 1e-3
    state["layer4.1.bn2.running_var"] *= 1.5
    state["bn1.bias"][7] = -0.0
    state["layer1.0.bn1.num_batches_tracked"] += 1
    torch.save(state, Path(folder, "after.pt"))
    different = {}
    for name, tensor in state.items():
        old, new = (each.reshape(-1) for each in (before[name], tensor))
        bits = torch.int32 if tensor.dtype == torch.float32 else tensor.dtype
        elements = int((old.view(bits) != new.view(bits)).sum())
        if elements:
            delta = (new.double() - old.double()).abs().max().item()
            norm, moved = (each.double().norm().item() for each in (old, new.double() - old.double()))
            l2 = 0 if moved == 0 else moved / norm if norm > 0 else "Infinity"
            different[name] = {"elements": elements, "maxDelta": delta, "relativeL2": l2}
    return {"tensors": described(state), "different": different}


def shards(folder):
    from huggingface_hub import save_torch_state_dict

    Path(folder).mkdir()
    save_torch_state_dict(resnet18().state_dict(), folder, max_shard_size="12MB")
    return safetensors_folder(folder)


class Evil:
    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        import os

        return os.system, (f"touch '{self.canary}'",)


def evil(file, canary):
    torch.save({"weight": torch.zeros(2, 3), "note": Evil(canary)}, file)
    return {}


if __name__ == "__main__":
    work = {
        "torch": torch_file,
        "resnet18": resnet18_pair,
        "shards": shards,
        "evil": evil,
    }[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))
