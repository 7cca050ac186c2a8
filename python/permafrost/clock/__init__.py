"""Tells the epochs of any training script."""

from .epoch_clock import EpochClock

__all__ = ["EpochClock"]
