"""The config language: what to freeze, and when. It knows nothing of torch.

The Python side of src/freeze; test/vectors/ holds what both must agree on.
"""

from .check_effects import check_effects
from .check_rules import check_rules
from .config import ParsedConfig, parse_config
from .everything_frozen import everything_frozen
from .match import matched_tensors, matches_model
from .nearest import nearest_names, nearest_word
from .pattern import compile_pattern, escape_pattern
from .pattern_syntax import PatternError
from .place import Place
from .plan import ModelPlan, plan_model
from .problem import ConfigProblem, format_problem
from .rule import DEFAULT_EPOCH_STEPS, DEFAULT_ON_MOVE, FreezeConfig, Rule
from .spans import Span, is_frozen_at
from .tensor import NamedModel, NamedTensor, TensorKind

__all__ = [
    "DEFAULT_EPOCH_STEPS",
    "DEFAULT_ON_MOVE",
    "ConfigProblem",
    "FreezeConfig",
    "ModelPlan",
    "NamedModel",
    "NamedTensor",
    "ParsedConfig",
    "PatternError",
    "Place",
    "Rule",
    "Span",
    "TensorKind",
    "check_effects",
    "check_rules",
    "compile_pattern",
    "escape_pattern",
    "everything_frozen",
    "format_problem",
    "is_frozen_at",
    "matched_tensors",
    "matches_model",
    "nearest_names",
    "nearest_word",
    "parse_config",
    "plan_model",
]
