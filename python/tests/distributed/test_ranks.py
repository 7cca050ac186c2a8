"""Which rank this is."""

import pytest
import torch.distributed
from launch import free_port

from permafrost.distributed import RankFacts, rank_facts


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"RANK": "1", "WORLD_SIZE": "2"}, RankFacts(1, 2, None)),
        (
            {"RANK": "0", "WORLD_SIZE": "4", "TORCHELASTIC_RESTART_COUNT": "1"},
            RankFacts(0, 4, 2),
        ),
        # Lightning's launcher of further ranks.
        ({"LOCAL_RANK": "1", "NODE_RANK": "0", "WORLD_SIZE": "2"}, RankFacts(1, 2, None)),
        ({"LOCAL_RANK": "1", "NODE_RANK": "3", "WORLD_SIZE": "8"}, None),
        ({"RANK": "words"}, None),
        ({"RANK": "-1"}, None),
    ],
)
def test_by_the_environment(environ: dict, expected: RankFacts) -> None:
    assert rank_facts(environ) == expected


def test_the_process_group_knows_better() -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{free_port()}", rank=0, world_size=1
    )
    try:
        assert rank_facts({"RANK": "7", "WORLD_SIZE": "8"}) == RankFacts(0, 1, None)
    finally:
        torch.distributed.destroy_process_group()
    assert rank_facts({}) is None
