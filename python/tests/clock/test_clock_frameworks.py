"""Epochs of frameworks, each in the environment that has it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from clock_bench import Bench, Loop
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset


def batches(count: int = 6, **options: Any) -> DataLoader[Any]:
    options.setdefault("shuffle", True)
    return DataLoader(TensorDataset(torch.randn(count * 8, 4)), batch_size=8, **options)


def lightning_module(base: Any) -> Any:
    class Lit(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
            self.told_at_end: list[int] = []

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.layers(batch[0]).square().mean()
            self.log("loss", loss, on_epoch=True, on_step=False)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", self.layers(batch[0]).square().mean())

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    return Lit()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lightning", "pytorch_lightning"])
def test_lightning(bench: Bench, name: str, tmp_path: Path) -> None:
    package = pytest.importorskip(name)
    net = lightning_module(package.LightningModule)
    model = bench.track(net)
    train, valid = batches(), batches(2, shuffle=False)
    seen_at_end = []

    class Seen(package.Callback):  # type: ignore[misc]
        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            seen_at_end.append(len(model.told))

    def trainer(epochs: int, **options: Any) -> Any:
        return package.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=tmp_path,
            val_check_interval=0.5,
            **options,
        )

    fitting = trainer(2, callbacks=[Seen()])
    fitting.fit(net, train, valid)
    assert model.told == [(1, "fit", 6), (2, "fit", 6)]
    assert [begun[:3] for begun in model.begun] == [(1, 2, "fit"), (2, 2, "fit")]
    assert seen_at_end == [0, 1], "told after the callbacks"
    assert {"loss", "val_loss"} <= model.metrics[0].keys()
    assert not [each for each in fitting.callbacks if "permafrost" in type(each).__module__]

    path = tmp_path / "resumed.ckpt"
    fitting.save_checkpoint(path)
    trainer(3, limit_train_batches=4).fit(net, train, valid, ckpt_path=path)
    assert model.told[2:] == [(3, "fit", 4)]

    trainer(1).fit(net, train)
    assert model.told[3:] == [(4, "fit", 6)] and model.begun[-1][:2] == (4, 4)

    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for batch in train:
        net.layers(batch[0]).sum().backward()
        optimizer.step()
    assert model.told[4:] == [(5, "dataset", 6)], "a loop by hand after it"


def test_a_resumed_run_of_lightning_keeps_its_numbers(bench: Bench, tmp_path: Path) -> None:
    package = pytest.importorskip("lightning")
    options: Any = {
        "accelerator": "cpu",
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": tmp_path,
    }
    first = package.Trainer(max_epochs=2, **options)
    first.fit(lightning_module(package.LightningModule), batches())
    first.save_checkpoint(tmp_path / "two.ckpt")
    net = lightning_module(package.LightningModule)
    model = bench.track(net)
    again = package.Trainer(max_epochs=4, **options)
    again.fit(net, batches(), ckpt_path=tmp_path / "two.ckpt")
    assert [epoch for epoch, _, _ in model.told] == [3, 4]


def test_an_epoch_that_began_before_the_model_was_known(bench: Bench, loop: Loop) -> None:
    bench.models.clear()
    owner = nn.Identity()
    bench.clock._loops.epoch_begins(owner, loop.net, 6, 9)
    bench.models.append(loop.model)
    bench.clock.announced(loop.model)
    assert loop.model.begun == [(6, 9, "fit", None)], "before the first step"
    loop.step()
    bench.clock._loops.finished(owner)
    assert loop.told == [(6, "fit", 1)]


def test_an_epoch_of_a_framework_without_a_step_ends_too(bench: Bench, loop: Loop) -> None:
    owner = nn.Identity()
    loops = bench.clock._loops
    for epoch in (1, 2):
        loops.epoch_begins(owner, loop.net, epoch, 2)
        if epoch == 1:
            loop.step()
        loops.epoch_ends(owner, {"loss": 0.5})
    assert loop.told == [(1, "fit", 1), (2, "fit", 0)]
    assert loop.model.metrics[1] == {"loss": 0.5}


def test_a_loop_that_is_broken_off(bench: Bench, loop: Loop) -> None:
    owner = nn.Identity()
    loops = bench.clock._loops
    loops.epoch_begins(owner, loop.net, 1, 2)
    loop.step()
    loops.finished(owner)
    loops.epoch_begins(owner, loop.net, 1, 2)
    loops.finished(owner)
    assert loop.told == [(1, "fit", 1)], "what has trained is verified, nothing else"


def test_a_loop_by_hand_before_a_framework(bench: Bench, loop: Loop) -> None:
    for _ in range(3):
        loop.step()
    owner = nn.Identity()
    loops = bench.clock._loops
    for epoch in (1, 2):
        loops.epoch_begins(owner, loop.net, epoch, 2)
        loop.net.eval()
        loop.net.train()
        for batch in batches(4):
            loop.step(batch)
            loop.net.eval()
        loops.epoch_ends(owner)
    loops.finished(owner)
    assert loop.told == [(1, "steps", 3), (2, "fit", 4), (3, "fit", 4)]
    assert loop.model.begun[-1][:2] == (3, 3)


@pytest.mark.filterwarnings("ignore")
def test_a_search_for_a_learning_rate_is_no_epoch(bench: Bench, tmp_path: Path) -> None:
    package = pytest.importorskip("lightning")
    from lightning.pytorch.tuner import Tuner

    net = lightning_module(package.LightningModule)
    net.lr = 0.01
    model = bench.track(net)
    trainer = package.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    Tuner(trainer).lr_find(net, batches(), num_training=20)
    assert model.told == []
    trainer.fit(net, batches())
    assert model.told == [(1, "fit", 6), (2, "fit", 6)]
    assert [begun[:2] for begun in model.begun] == [(1, 2), (2, 2)]


class Rows(Dataset[Any]):
    def __len__(self) -> int:
        return 48

    def __getitem__(self, index: int) -> Any:
        return {"x": torch.ones(4) * index, "labels": torch.tensor(index % 2)}


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, x: Any, labels: Any) -> Any:
        logits = self.head(x / 48)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def test_transformers(bench: Bench, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    net = Classifier()
    model = bench.track(net)
    seen_at_end = []

    class Seen(transformers.TrainerCallback):  # type: ignore[misc]
        def on_evaluate(self, *args: Any, **kwargs: Any) -> None:
            seen_at_end.append(len(model.told))

    known = inspect.signature(transformers.TrainingArguments).parameters
    evaluates = "eval_strategy" if "eval_strategy" in known else "evaluation_strategy"
    on_cpu = "use_cpu" if "use_cpu" in known else "no_cuda"

    def arguments(epochs: float, **options: Any) -> Any:
        options.update({evaluates: "epoch", on_cpu: True})
        return transformers.TrainingArguments(
            output_dir=str(tmp_path),
            num_train_epochs=epochs,
            per_device_train_batch_size=8,
            save_strategy="epoch",
            logging_strategy="epoch",
            report_to=[],
            disable_tqdm=True,
            **options,
        )

    def trainer(args: Any) -> Any:
        return transformers.Trainer(
            model=net, args=args, train_dataset=Rows(), eval_dataset=Rows(), callbacks=[Seen()]
        )

    trainer(arguments(3, load_best_model_at_end=True)).train()
    assert model.told == [(1, "fit", 6), (2, "fit", 6), (3, "fit", 6)]
    assert [begun[1] for begun in model.begun] == [3, 3, 3]
    assert seen_at_end == [0, 1, 2], "told after the evaluation"
    assert {"loss", "eval_loss"} <= model.metrics[0].keys()
    assert not any("runtime" in key for key in model.metrics[0])

    model.epoch, model.told = 0, []
    trainer(arguments(5)).train(resume_from_checkpoint=True)
    assert [epoch for epoch, _, _ in model.told] == [4, 5]


def test_transformers_with_a_number_of_steps(bench: Bench, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    net = Classifier()
    model = bench.track(net)
    args = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        max_steps=9,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=2,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
    )
    transformers.Trainer(model=net, args=args, train_dataset=Rows()).train()
    assert model.told == [(1, "fit", 6), (2, "fit", 3)]


def test_accelerate(bench: Bench, loop: Loop) -> None:
    accelerate = pytest.importorskip("accelerate")
    train, valid = batches(), batches(2, shuffle=False)
    accelerator = accelerate.Accelerator(cpu=True)
    net, optimizer, train, valid = accelerator.prepare(loop.net, loop.optimizer, train, valid)
    for epoch in range(3):
        net.train()
        for batch in train:
            optimizer.zero_grad()
            accelerator.backward(net(batch[0]).sum())
            optimizer.step()
        assert loop.told == [(number, "dataset", 6) for number in range(1, epoch + 2)]
        net.eval()
        for batch in valid:
            with torch.no_grad():
                net(batch[0])


def test_timm_prefetching(bench: Bench) -> None:
    loaders = pytest.importorskip("timm.data.loader")
    net = nn.Linear(3 * 4 * 4, 2)
    model = bench.track(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    images = [(torch.randint(0, 255, (3, 4, 4), dtype=torch.uint8), 0) for _ in range(48)]
    inner = loaders.MultiEpochsDataLoader(images, batch_size=8, shuffle=True)
    train = loaders.PrefetchLoader(inner, device=torch.device("cpu"))
    for epoch in range(3):
        for image, _ in train:
            net(image.flatten(1)).sum().backward()
            optimizer.step()
        assert model.told == [(number, "dataset", 6) for number in range(1, epoch + 2)]


def test_torchdata(bench: Bench, loop: Loop) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader")
    train = stateful.StatefulDataLoader(TensorDataset(torch.randn(48, 4)), batch_size=8)
    for epoch in range(3):
        for batch in train:
            loop.step(batch)
        train.state_dict()
        assert loop.told == [(number, "dataset", 6) for number in range(1, epoch + 2)]


def test_ignite(bench: Bench, loop: Loop) -> None:
    engines = pytest.importorskip("ignite.engine")
    trainer = engines.Engine(lambda engine, batch: loop.step(batch))
    evaluator = engines.Engine(lambda engine, batch: loop.net(batch[0]))
    train, valid = batches(), batches(2, shuffle=False)
    seen_at_end = []

    @trainer.on(engines.Events.EPOCH_COMPLETED)
    def evaluate(engine: Any) -> None:
        loop.net.eval()
        evaluator.run(valid)
        loop.net.train()
        seen_at_end.append(len(loop.told))

    evaluator.run(valid)
    trainer.run(train, max_epochs=3)
    assert loop.told == [(epoch, "fit", 6) for epoch in (1, 2, 3)]
    assert loop.model.begun[0] == (1, 3, "fit", 6)
    assert seen_at_end == [0, 1, 2]


def test_fastai(bench: Bench) -> None:
    learning = pytest.importorskip("fastai.learner")
    from fastai.callback import progress  # noqa: F401
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader as FastLoader

    net = nn.Linear(4, 2)
    model = bench.track(net)
    rows = [(torch.ones(4), torch.tensor(index % 2)) for index in range(48)]
    loaders = DataLoaders(FastLoader(rows, bs=8, shuffle=True), FastLoader(rows, bs=8))
    learner = learning.Learner(loaders, net, loss_func=nn.CrossEntropyLoss(), opt_func=_sgd, cbs=[])
    with learner.no_bar(), learner.no_logging():
        learner.fit(2, 0.01)
    assert model.told == [(1, "fit", 6), (2, "fit", 6)]
    assert model.begun[0][:3] == (1, 2, "fit")


def _sgd(parameters: Any, lr: float, **_: Any) -> Any:
    from fastai.optimizer import OptimWrapper

    return OptimWrapper(parameters, torch.optim.SGD, lr=lr)


def test_a_framework_without_the_names_is_left_alone(bench: Bench) -> None:
    from types import ModuleType

    from permafrost.clock.frameworks import _attach, lightning

    module = ModuleType("lightning.pytorch.loops.fit_loop")
    module._FitLoop = type("_FitLoop", (), {"run": lambda self: None})  # type: ignore[attr-defined]
    bench.informed.clear()
    _attach(lightning.attach, module.__name__, bench.clock._loops, bench, bench.informed.append)(
        module
    )
    assert len(bench.informed) == 1 and "on_advance_start" in bench.informed[0]
