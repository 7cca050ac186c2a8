"""Training on several ranks: who this is, what is wrapped, and what of it lies here.

README.md says what was measured of DDP, FSDP1 and FSDP2, and how frozen parameters are to be
treated under each.
"""

from .flat import check_fsdp1
from .names import named_tensors
from .ranks import RankFacts, rank_facts
from .shards import ShardFacts, full_shape, local_tensor, set_requires_grad, shard_facts
from .wrappers import class_name, inner_parts, prepares_forward, unwrapped
from .wrapping import install

__all__ = [
    "RankFacts",
    "ShardFacts",
    "check_fsdp1",
    "class_name",
    "full_shape",
    "inner_parts",
    "install",
    "local_tensor",
    "named_tensors",
    "prepares_forward",
    "rank_facts",
    "set_requires_grad",
    "shard_facts",
    "unwrapped",
]
