"""What is known of each script in public/: what it trains, how often, and what to freeze in it.

Which tensors a config freezes is said here a second time, as a prefix test on their names, so that
the verdicts are not checked against our own pattern language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expected:
    """A script under one config.

    `models`: by label of the truth (a class name, with `@2` for the second that trains) the number
    of epochs. `frozen`: by label, prefixes of the names that the config freezes; `spans`: the first
    and last epoch of a prefix that is not frozen throughout. `moved`: by label, the frozen tensors
    which the script moves past any freezing, all in epoch 1. `unsaved`: how many frozen buffers no
    state dict holds. `clocks`: the ways in which the epochs may be told. `needs`: modules without
    which it is skipped. `both`: whether its verdicts are tried with the newest torch too, as for
    scripts with `needs`.
    """

    script: str
    config: dict[str, Any]
    models: dict[str, int]
    frozen: dict[str, tuple[str, ...]]
    clocks: tuple[str, ...] = ("dataset",)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    moved: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unsaved: int = 0
    args: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    both: bool = False
    id: str = ""

    def frozen_since(self, label: str, name: str, epoch: int) -> int | None:
        """The first epoch of the span in which `name` is frozen in `epoch`, None when it is not."""
        for prefix in self.frozen.get(label, ()):
            first, last = self.spans.get(prefix, (1, epoch))
            if name.startswith(prefix) and first <= epoch <= last:
                return first
        return None

    def is_ever_frozen(self, label: str, name: str) -> bool:
        """Whether the config freezes the tensor `name` in any epoch."""
        return name.startswith(self.frozen.get(label, ()))


EXPECTED = [
    Expected(
        "plain_loop.py",
        {"freeze": ["0.**", "1.**"]},
        {"Sequential": 3},
        {"Sequential": ("0.", "1.")},
    ),
    Expected(
        "plain_loop.py",
        {"freeze": [{"match": "{0,1}.**", "until": 1}, "4.**"]},
        {"Sequential": 3},
        {"Sequential": ("0.", "1.", "4.")},
        spans={"0.": (1, 1), "1.": (1, 1)},
        id="plain_loop-until",
    ),
    Expected(
        "plain_loop.py",
        {"freeze": [{"match": "**", "type": "*BatchNorm*", "tensors": "statistics"}]},
        {"Sequential": 3},
        {"Sequential": ("1.running_", "1.num_", "5.running_", "5.num_")},
        id="plain_loop-statistics",
    ),
    Expected(
        "mnist_official.py", {"freeze": ["conv*.**"]}, {"Net": 2}, {"Net": ("conv1.", "conv2.")}
    ),
    Expected(
        "imagenet_style.py",
        {"freeze": ["conv1.**", "bn1.**", "layer1.**", "layer2.**"]},
        {"ResNet": 2},
        {"ResNet": ("conv1.", "bn1.", "layer1.", "layer2.")},
    ),
    Expected(
        "dcgan.py",
        {"freeze": [{"match": "main.0.**", "model": "Discriminator"}, "**.1.**"]},
        {"Generator": 3, "Discriminator": 3},
        {"Generator": ("main.1.",), "Discriminator": ("main.0.",)},
    ),
    Expected(
        "wgan.py",
        {"freeze": ["model.0.**"]},
        {"Generator": 2, "Critic": 2},
        {"Generator": ("model.0.",), "Critic": ("model.0.",)},
        moved={"Critic": ("model.0.weight", "model.0.bias")},
    ),
    Expected(
        "autoencoder_two_nets.py",
        {"freeze": ["stem.**"]},
        {"Encoder": 3, "Decoder": 3},
        {"Encoder": ("stem.",), "Decoder": ("stem.",)},
    ),
    Expected("vae.py", {"freeze": ["fc1.**", "fc21.**"]}, {"VAE": 3}, {"VAE": ("fc1.", "fc21.")}),
    Expected(
        "word_lm.py",
        {"freeze": ["rnn.*_l0", "encoder.weight"]},
        {"RNNModel": 3},
        {
            "RNNModel": (
                "encoder.weight",
                "decoder.weight",
                "rnn.weight_ih_l0",
                "rnn.weight_hh_l0",
                "rnn.bias_ih_l0",
                "rnn.bias_hh_l0",
            )
        },
        clocks=("evaluate", "train"),
    ),
    Expected(
        "tied_transformer.py",
        {"freeze": ["lm_head.weight", "encoder.layers.0.**"]},
        {"LanguageModel": 3},
        {"LanguageModel": ("lm_head.weight", "embed.weight", "encoder.layers.0.")},
    ),
    Expected(
        "nanogpt.py",
        {"freeze": ["transformer.h.0.**", "transformer.wpe.**"], "epochSteps": 10},
        {"GPT": 4},
        {"GPT": ("transformer.h.0.", "transformer.wpe.")},
        clocks=("evaluate", "train", "steps"),
        both=True,
    ),
    Expected(
        "transfer_tutorial.py",
        {"freeze": ["**", "!layer4.**", "!fc.**"]},
        {"ResNet": 3},
        {"ResNet": ("conv1.", "bn1.", "layer1.", "layer2.", "layer3.")},
    ),
    Expected(
        "vision_reference.py",
        {"freeze": ["features.[0-5].**"]},
        {"MobileNetV3": 3},
        {"MobileNetV3": tuple(f"features.{index}." for index in range(6))},
        both=True,
    ),
    Expected(
        "dqn.py",
        {"freeze": ["layer2.**"], "epochSteps": 25},
        {"DQN": 4},
        {"DQN": ("layer2.",)},
        clocks=("steps",),
    ),
    Expected(
        "gcn_full_batch.py",
        {"freeze": ["conv1.**", {"match": "norm.**", "tensors": "statistics"}]},
        {"GCN": 20},
        {"GCN": ("conv1.", "norm.running_", "norm.num_")},
        clocks=("evaluate", "train"),
    ),
    Expected(
        "kfold.py",
        {"freeze": ["layers.**"]},
        {"SimpleNet@1": 2, "SimpleNet@2": 2, "SimpleNet@3": 2},
        {f"SimpleNet@{fold}": ("layers.",) for fold in (1, 2, 3)},
    ),
    Expected(
        "lazy_layers.py",
        {"freeze": ["features.**", {"match": "fc1.**", "until": 1}]},
        {"LazyNet": 3},
        {"LazyNet": ("features.", "fc1.")},
        spans={"fc1.": (1, 1)},
        both=True,
    ),
    Expected(
        "lbfgs_sine.py",
        {"freeze": ["lstm1.**"], "epochSteps": 1},
        {"Sequence": 4},
        {"Sequence": ("lstm1.",)},
        clocks=("steps",),
        both=True,
    ),
    Expected(
        "hand_sgd.py",
        {"freeze": ["lin1.**"]},
        {"Mnist_Logistic": 3},
        {"Mnist_Logistic": ("lin1.",)},
    ),
    Expected(
        "finetune_filter.py",
        {"freeze": ["features.**", "classifier.1.bias"]},
        {"SqueezeNet": 2},
        {"SqueezeNet": ("features.", "classifier.1.bias")},
    ),
    Expected(
        "diffusion_cycle.py",
        {"freeze": ["denoise_fn.mid.**", "denoise_fn.time_mlp.**"]},
        {"GaussianDiffusion": 3},
        {"GaussianDiffusion": ("denoise_fn.mid.", "denoise_fn.time_mlp.")},
    ),
    Expected(
        "hogwild.py",
        {"freeze": ["fc1.**"]},
        {"Net": 2},
        {"Net": ("fc1.",)},
    ),
    Expected(
        "lightning_module.py",
        {"freeze": ["encoder.**"]},
        {"LitAutoEncoder": 3},
        {"LitAutoEncoder": ("encoder.",)},
        clocks=("fit",),
        needs=("lightning",),
    ),
    Expected(
        "hf_trainer.py",
        {"freeze": ["bert.embeddings.**", "bert.encoder.layer.0.**"]},
        {"BertForSequenceClassification": 3},
        {"BertForSequenceClassification": ("bert.embeddings.", "bert.encoder.layer.0.")},
        clocks=("fit",),
        needs=("transformers", "accelerate"),
        unsaved=2,
    ),
    Expected(
        "timm_train.py",
        {"freeze": ["conv1.**", "bn1.**", "layer1.**"]},
        {"ResNet": 3},
        {"ResNet": ("conv1.", "bn1.", "layer1.")},
        needs=("timm",),
    ),
    Expected(
        "accelerate_loop.py",
        {"freeze": ["backbone.**"]},
        {"Classifier": 3},
        {"Classifier": ("backbone.",)},
        needs=("accelerate",),
    ),
    Expected(
        "compiled.py",
        {"freeze": ["stem.**"]},
        {"ConvNet": 3},
        {"ConvNet": ("stem.",)},
        needs=("torch._inductor",),
    ),
    Expected(
        "compiled.py",
        {"freeze": [{"match": "stem.**", "until": 1}, {"match": "body.**", "from": 2}]},
        {"ConvNet": 3},
        {"ConvNet": ("stem.", "body.")},
        spans={"stem.": (1, 1), "body.": (2, 3)},
        needs=("torch._inductor",),
        id="compiled-until",
    ),
]
