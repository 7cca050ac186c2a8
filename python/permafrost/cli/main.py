"""`python -m permafrost` and the console script `permafrost`."""

from __future__ import annotations

import os
import sys
from typing import Optional, Sequence

from ..version import VERSION
from . import inspect, run
from .arguments import did_you_mean
from .errors import ConfigError, LaunchError, UsageError
from .output import note, say

_SUBCOMMANDS = {
    "run": (run.run, run.SUMMARY, run.HELP),
    "inspect": (inspect.inspect, inspect.SUMMARY, inspect.HELP),
}
# The extension's command line has them; they read files wherever they were written.
_ELSEWHERE = {
    **dict.fromkeys(("report", "runs"), "the run's folder holds all that they read"),
    **dict.fromkeys(("ls", "diff", "verify"), "checkpoints may be compared on any machine"),
}

_SUMMARIES = "\n".join(f"  {name:<9}{summary}" for name, (_, summary, _) in _SUBCOMMANDS.items())

HELP = f"""Usage: permafrost <command> [options]

Freezes named tensors of a neural network in your own training script and proves from
the bytes after every epoch that they did not move.

{_SUMMARIES}

  --help     this text; permafrost <command> --help for one command
  --version  print the version
"""


def main(args: Optional[Sequence[str]] = None) -> int:
    """Runs the command line with the words after `permafrost`. Returns the exit code."""
    try:
        return _main(sys.argv[1:] if args is None else args)
    except ConfigError:
        return 2
    except UsageError as error:
        note(f"error: {error} {error.advice}")
        return 2
    except LaunchError as error:
        note(f"error: {error} {error.advice}")
        return 1
    except BrokenPipeError:
        # `permafrost inspect | head` closes our stdout early: nothing more to say then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError) as error:
        note(f"error: {error}")
        return 1


def _main(args: Sequence[str]) -> int:
    if not args or args[0] in ("--help", "-h", "help"):
        say(HELP)
        return 0 if args else 2
    name, rest = args[0], args[1:]
    if name in ("--version", "-v"):
        say(VERSION)
        return 0
    if name in _ELSEWHERE:
        raise UsageError(
            f"permafrost {name} needs Node.",
            "Use the command line of the extension, or open the folder in the editor: "
            f"{_ELSEWHERE[name]}.",
        )
    subcommand = _SUBCOMMANDS.get(name)
    if subcommand is None:
        known = list(_SUBCOMMANDS)
        raise UsageError(
            f"There is no command {name}.",
            f"{did_you_mean(name, known)}There are {', '.join(known)}.",
        )
    work, _, text = subcommand
    # `--help` after the subcommand is ours; behind the user's command it is the command's.
    if rest and rest[0] in ("--help", "-h"):
        say(text)
        return 0
    return work(rest)
