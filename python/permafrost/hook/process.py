"""The hook in one process. Importing torch loads only this; what trains needs the session."""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import sys
from threading import RLock
from typing import TYPE_CHECKING, Any, Optional

from torch.nn import Module

from ..events import EventSink
from ..settings import Settings, read_settings
from .calls import Calls
from .faults import Faults
from .waking import watch

if TYPE_CHECKING:
    from .session import Session


class Process:
    """Tells that the hook is here and when the process ends, and wakes the session in between.

    Loading and patching all that may be needed takes longer than an import of torch should: it is
    done when the script does something that only training does.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sink = EventSink(settings)
        self.faults = Faults(self.sink)
        self.calls = Calls()
        self.session: Optional["Session"] = None
        """None until the script shows that it may train."""
        self.started = False
        """Whether this process has been announced."""
        self._ended = False
        self._exit_code = 0
        self._pid = os.getpid()
        self._awake = False
        self._waking = RLock()

    def install(self) -> None:
        """Says that the hook is here, and waits for what training begins with."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.end)
        self._note_failures()
        if not _is_helper_process():
            self.start()
        if _may_freeze(self.settings.config_text):
            self.calls.listen(self._forward)
        watch(self.wake)

    def wake(self) -> None:
        """Loads the session and has it patch torch, once."""
        with self._waking:
            if not self._awake:
                self._awake = True
                self.calls.stop()
                self.faults.run("its start", self._wake)

    def _wake(self) -> None:
        from .session import Session

        session = Session(self)
        session.install()
        self.session = session

    def _forward(self, module: Module, outermost: bool) -> None:
        """Before the first forward pass that may train: the session may have to see it."""
        self.wake()
        if self.calls.listener is not None:
            self.calls.listener(module, outermost)

    def start(self) -> None:
        """Says once that this process has the hook; children of multiprocessing when they train."""
        if self.started:
            return
        self.started = True
        settings = self.settings
        rank: dict[str, Any] = {}
        if settings.rank is not None:
            import platform

            rank = {"rank": settings.rank, "host": platform.node()}
            if settings.world_size is not None:
                rank["worldSize"] = settings.world_size
            if settings.attempt is not None:
                rank["attempt"] = settings.attempt
        self.sink.write(
            "process-started",
            pid=os.getpid(),
            # As `platform.python_version()`, without the regular expressions of that module.
            runtime=f"python {sys.version.split()[0]}",
            argv=[str(each) for each in getattr(sys, "argv", [""])],
            **rank,
        )
        if multiprocessing.parent_process() is not None:
            # Such children leave by os._exit, past atexit.
            from multiprocessing.util import Finalize

            Finalize(None, self.end, exitpriority=-100)

    def goes_on_as(self, settings: Settings) -> None:
        """Takes on other settings; the process is announced anew with `start`."""
        self.settings = settings
        self.sink.reopen(settings)
        self.started = False

    def end(self) -> None:
        """The process is about to end."""
        if self._ended or not self.started or self._pid != os.getpid():
            return
        self._ended = True
        code = self.session.end() if self.session is not None else 0
        self.sink.write("process-ended", code=code or self._exit_code)
        if not self.settings.launched:
            self.sink.write("run-ended", code=code or self._exit_code, signal=None)

    def _note_failures(self) -> None:
        """An uncaught exception ends the process with code 1: told in `process-ended`."""
        before = sys.excepthook

        def excepthook(*args: Any) -> Any:
            self._exit_code = 1
            if self.session is not None:
                self.session.failed(*args[:3])
            return before(*args)

        sys.excepthook = excepthook

    def _forked(self) -> None:
        """In a forked child: another process, which may train the same models on its own."""
        self._pid = os.getpid()
        self._waking = RLock()
        settings = read_settings()
        if settings is not None:
            self.settings = settings
            self.sink.reopen(settings)
        self.started = self._ended = False
        if self.session is not None:
            self.session.forked()


def _may_freeze(config_text: Optional[str]) -> bool:
    """Whether the config may have rules: it is read properly when the session wakes."""
    try:
        return bool(json.loads(config_text or "{}").get("freeze"))
    except Exception:  # strict JSON, or none
        return True


def _is_helper_process() -> bool:
    """Whether this process trains only perhaps: workers of multiprocessing, launchers."""
    if multiprocessing.parent_process() is not None:
        return True
    words = list(getattr(sys, "orig_argv", [])) + list(getattr(sys, "argv", []))
    if any(
        "multiprocessing" in word and ("spawn" in word or "forkserver" in word) for word in words
    ):
        return True
    if any("_inductor" in word for word in words):  # its compile workers load torch, too
        return True
    name = os.path.basename(words[0]) if words else ""
    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else name
    return program in ("torchrun", "accelerate", "deepspeed") or "torch.distributed" in " ".join(
        words[:4]
    )


_process: Optional[Process] = None


def current() -> Optional["Session"]:
    """The session of this process, woken if need be; None where no hook has been installed."""
    if _process is None:
        return None
    _process.wake()
    return _process.session


def install(settings: Settings) -> Process:
    """Starts the hook in this process; a second call does nothing."""
    global _process
    if _process is None:
        _process = Process(settings)
        _process.install()
    return _process
