"""Which rank this process is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Mapping, Optional

from ..settings import attempt_in, count_in


@dataclass(frozen=True)
class RankFacts:
    """The place of this process in a run of several."""

    rank: int
    world_size: Optional[int]
    attempt: Optional[int]
    """Counts the restarts of elastic training from 1; None where there are none."""


def rank_facts(environ: Mapping[str, str] = os.environ) -> Optional[RankFacts]:
    """The rank by the process group when there is one, else by the environment.

    Children of `mp.spawn` are told their rank as an argument and hand it to `init_process_group`,
    so that nothing in the environment knows it. Lightning starts further ranks by running
    `sys.argv` again with LOCAL_RANK and NODE_RANK only. None for a process alone.
    """
    attempt = attempt_in(environ)
    group = sys.modules.get("torch.distributed")
    if group is not None and group.is_available() and group.is_initialized():
        return RankFacts(group.get_rank(), group.get_world_size(), attempt)
    rank = count_in(environ, "RANK")
    if rank is None and count_in(environ, "NODE_RANK") == 0:
        rank = count_in(environ, "LOCAL_RANK")
    if rank is None:
        return None
    return RankFacts(rank, count_in(environ, "WORLD_SIZE"), attempt)
