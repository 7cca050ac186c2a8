"""The advice when the gradient explodes while BatchNorm is frozen."""

from __future__ import annotations

import json
import weakref

import torch

from permafrost.hook.gradient_norms import GradientNorms, thaw_rules
from permafrost.hook.tracked import Norm, TrackedModel, TrackedTensor
from permafrost.rules import NamedTensor, parse_config

KEPT: list[object] = []


def norm(name: str, kind: type[torch.nn.Module] = torch.nn.BatchNorm2d) -> Norm:
    module = kind(2)
    KEPT.append(module)
    made = Norm(name, weakref.ref(module), "batch")
    info = NamedTensor(f"{name}.running_mean", (), "statistic", name, kind.__name__)
    buffer = module.running_mean
    tensor = TrackedTensor(
        info, "float32", (2,), 2, weakref.ref(buffer), weakref.ref(module), "running_mean"
    )
    tensor.frozen = True
    made.statistics.append(tensor)
    return made


def model(names: list[str]) -> TrackedModel:
    root = torch.nn.Identity()
    KEPT.append(root)
    made = TrackedModel(root, "net", "Net")
    made.norms = [norm(name) for name in names]
    return made


def sampled(norms: GradientNorms, trained: TrackedModel, values: list[float]) -> object:
    parameter = torch.nn.Parameter(torch.zeros(1))
    for value in values:
        parameter.grad = torch.full((1,), value)
        if norms.due(trained):
            norms.sample([parameter])
    return norms.ended()


def test_a_calm_gradient_gives_no_advice() -> None:
    norms, trained = GradientNorms(), model(["a", "b"])
    facts = sampled(norms, trained, [1.0, 2.0, 3.0])
    assert facts == {"first": 1.0, "last": 3.0, "max": 3.0, "samples": 3}
    assert norms.explosion(trained) is None


def test_growth_over_epochs_is_told_once() -> None:
    norms, trained = GradientNorms(), model(["layer1.bn", "layer2.bn"])
    sampled(norms, trained, [1.0, 1.0])
    assert norms.explosion(trained) is None
    sampled(norms, trained, [900.0, 1000.0])
    message = norms.explosion(trained)
    assert message is not None and "layer2.bn" in message["advice"]
    assert message["rules"] == [{"match": "!layer2.bn.*", "tensors": "statistics"}]
    sampled(norms, trained, [1e9])
    assert norms.explosion(trained) is None


def test_infinity_is_told_in_the_first_epoch() -> None:
    norms, trained = GradientNorms(), model(["a", "b"])
    facts = sampled(norms, trained, [1.0, float("inf"), float("nan")])
    assert isinstance(facts, dict) and facts["max"] == float("inf")
    message = norms.explosion(trained)
    assert message is not None and "infinite or NaN" in message["text"]


def test_without_frozen_norms_nothing_is_sampled() -> None:
    norms, trained = GradientNorms(), model(["a"])
    trained.norms[0].statistics[0].frozen = False
    assert sampled(norms, trained, [1.0]) is None


def test_later_samples_are_every_eighth() -> None:
    norms, trained = GradientNorms(), model(["a"])
    facts = sampled(norms, trained, [1.0] * 64)
    assert isinstance(facts, dict) and facts["samples"] == 8 + 7


def test_rules_name_folders_where_they_hold_no_early_layer() -> None:
    names = ["bn1", "layer1.0.bn1", "layer1.1.bn1", "layer2.0.bn1", "layer2.1.bn1", "layer2.1.bn2"]
    norms = [norm(name) for name in names]
    every = {id(each.module()) for each in norms}
    assert thaw_rules(norms, norms[3:], every) == [{"match": "!layer2.**", "type": "BatchNorm2d"}]
    assert thaw_rules(norms, norms[2:3], every) == ["!layer1.1.bn1.*"]


def test_rules_thaw_statistics_where_nothing_else_is_frozen() -> None:
    norms = [norm(name) for name in ["bn1", "layer2.0.bn1", "layer2.1.bn1"]]
    (rule,) = thaw_rules(norms, norms[1:], {id(norms[0].module())})
    assert rule == {"match": "!layer2.**", "type": "BatchNorm2d", "tensors": "statistics"}
    assert parse_config(json.dumps({"freeze": ["**", rule]})).problems == []
    (rule,) = thaw_rules(norms, norms[1:], {id(norms[2].module())})
    assert rule == {"match": "!layer2.**", "type": "BatchNorm2d"}
