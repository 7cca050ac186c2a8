"""Files of libraries that train by the newest PyTorch: `torch_training_files.py FOLDER`."""

import json
import sys
import warnings
from collections import OrderedDict

import accelerate
import lightning
import timm
import torch
from timm.utils import CheckpointSaver, ModelEmaV2
from torch import nn
from torch.serialization import set_crc32_options
from torch.utils.serialization import config
from transformers import BertConfig, BertModel

from ledger import Ledger
from models import Net, Tied, prefixed, trained
from torch_tensors import contents


def load(path):
    return torch.load(path, map_location="cpu", weights_only=False)


class LitNet(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.save_hyperparameters({"lr": 0.01, "name": "net"})
        self.net = Net()

    def training_step(self, batch, _):
        return self.net(batch).square().mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


def lightning_file(ledger):
    path = ledger.path("lightning.ckpt")
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        enable_checkpointing=False,
        default_root_dir=ledger.folder,
        **quiet,
    )
    trainer.fit(LitNet(), torch.utils.data.DataLoader(torch.rand(4, 1, 8, 8), batch_size=2))
    trainer.save_checkpoint(path)
    ledger.add("lightning.ckpt", {"model": contents(load(path)["state_dict"])})


def timm_file(ledger):
    folder = ledger.path("timm/last.pth.tar").parent
    model = timm.create_model("test_vit", pretrained=False, num_classes=5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    ema = ModelEmaV2(model, decay=0.5)
    model(torch.rand(1, 3, 160, 160)).square().mean().backward()
    optimizer.step()
    ema.update(model)
    saver = CheckpointSaver(
        model=model, optimizer=optimizer, model_ema=ema, checkpoint_dir=str(folder)
    )
    saver.save_checkpoint(epoch=3, metric=0.5)
    loaded = load(folder / "last.pth.tar")
    found = {"model": "state_dict", "state_dict_ema": "state_dict_ema"}
    ledger.add(
        "timm/last.pth.tar",
        {name: contents(loaded[key]) for name, key in found.items()},
        epoch=3,
        copies={"state_dict_ema": "model"},
    )


def accelerate_files(ledger):
    accelerator = accelerate.Accelerator(cpu=True)
    for kind, safe in (("safetensors", True), ("bin", False)):
        folder = ledger.path(f"accelerate-{kind}/model").parent
        model = accelerator.prepare(timm.create_model("test_vit", pretrained=False))
        accelerator.save_model(model, folder, max_shard_size="400KB", safe_serialization=safe)
        (index,) = folder.glob("*.index.json")
        shards = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        assert len(shards) > 1, "it is to be sharded"
        state = {}
        for shard in shards:
            state.update(load_shard(folder / shard))
        name = str(index.relative_to(ledger.folder))
        ledger.add(name, {"model": contents(state)})


def load_shard(path):
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return load(path)


def transformers_files(ledger):
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = BertModel(BertConfig(**size, intermediate_size=24, vocab_size=50))
    single = ledger.path("transformers/model").parent
    model.save_pretrained(single)
    state = load_shard(single / "model.safetensors")
    ledger.add("transformers/model.safetensors", {"model": contents(state)})
    sharded = ledger.path("transformers-sharded/model").parent
    model.save_pretrained(sharded, max_shard_size="10KB")
    index = "model.safetensors.index.json"
    names = set(json.loads((sharded / index).read_text())["weight_map"].values())
    assert len(names) > 1, "it is to be sharded"
    state = {}
    for name in sorted(names):
        state.update(load_shard(sharded / name))
    ledger.add(f"transformers-sharded/{index}", {"model": contents(state)})


def options(ledger):
    """What the newest torch.save can leave out or align."""
    set_crc32_options(False)
    torch.save(Net().state_dict(), ledger.path("no-crc.pt"))
    set_crc32_options(True)
    config.save.storage_alignment = 4096
    torch.save(Tied().state_dict(), ledger.path("aligned.pt"))
    config.save.storage_alignment = 64
    for name in ("no-crc.pt", "aligned.pt"):
        ledger.add(name, {"model": contents(load(ledger.path(name)))})


def objects(ledger):
    """Parameters with attributes, a real torch.compile, a whole compiled loop."""
    weight = nn.Parameter(torch.rand(3))
    weight.note = "attribute"
    torch.save({"weight": weight}, ledger.path("attributes.pt"))
    ledger.add("attributes.pt", {"model": contents(load(ledger.path("attributes.pt")))})
    model, optimizer = trained()
    state = prefixed("module.", torch.compile(model).state_dict())
    torch.save(
        {"model": OrderedDict(state), "optimizer": optimizer.state_dict(), "epoch": 2},
        ledger.path("compiled-loop.pth"),
    )
    loaded = load(ledger.path("compiled-loop.pth"))["model"]
    plain = {name.removeprefix("module._orig_mod."): value for name, value in loaded.items()}
    assert set(plain) == set(model.state_dict())
    ledger.add("compiled-loop.pth", {"model": contents(plain)}, epoch=2)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    all_files = Ledger(sys.argv[1])
    for write in (
        lightning_file,
        timm_file,
        accelerate_files,
        transformers_files,
        options,
        objects,
    ):
        write(all_files)
    all_files.close()
