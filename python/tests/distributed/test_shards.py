"""What a rank holds of a model, under FSDP1 and FSDP2, in every state of training."""

import pytest
from launch import run_room

from harness.torches import VERSION

KINDS = (
    "fsdp2",
    "fsdp1",
    "fsdp1-policy",
    "fsdp1-whole",
    "fsdp1-low",
    "fsdp1-low-norms",
    "fsdp1-whole-low",
    "fsdp1-flat",
)


@pytest.mark.skipif(VERSION < (2, 4), reason="FSDP1 of this torch needs CUDA; it has no FSDP2")
def test_names_objects_and_pieces_stay() -> None:
    told = run_room("shards.py", *KINDS)
    assert [kind for kind in KINDS if told.count(f"is content with {kind}\n") != 2] == []
