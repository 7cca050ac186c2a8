"""What ends the command line before or instead of a run."""

from __future__ import annotations


class UsageError(Exception):
    """The command line is not right; exit code 2. `advice` is the way out, as a sentence."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class ConfigError(Exception):
    """The config has errors, which have been told; exit code 2."""


class LaunchError(Exception):
    """A run cannot be prepared; the message names the file. Exit code 1."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
