"""Proof by bytes: fingerprints on the device, references within a budget, comparison."""

from .fingerprints import fingerprint, fingerprints
from .plain import Unreadable
from .references import Comparison, Reference, References
from .trainable import UnmovedWatch

__all__ = [
    "Comparison",
    "Reference",
    "References",
    "UnmovedWatch",
    "Unreadable",
    "fingerprint",
    "fingerprints",
]
