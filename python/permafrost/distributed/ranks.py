"""Which rank this process is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

from ..hook.faults import Faults
from ..hook.patching import wrap
from ..imports import when_imported
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


def when_ranked(callback: Callable[[RankFacts], None], faults: Faults) -> None:
    """Calls `callback` after every `init_process_group` of the script."""

    def tell() -> None:
        facts = rank_facts()
        if facts is not None:
            callback(facts)

    def make(original: Callable[..., object]) -> Callable[..., object]:
        def init_process_group(*args: object, **kwargs: object) -> object:
            result = original(*args, **kwargs)
            faults.run("reading the rank", tell)
            return result

        return init_process_group

    def patch(module: Any) -> None:
        from .wrapping import replace_everywhere

        original = getattr(module, "init_process_group", None)
        if wrap(module, "init_process_group", make):
            replace_everywhere(original, module.init_process_group)

    when_imported("torch.distributed.distributed_c10d", patch)
