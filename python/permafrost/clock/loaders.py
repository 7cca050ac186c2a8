"""Hears of every batch that the script gets from a DataLoader or the like."""

from __future__ import annotations

import functools
import inspect
import threading
from types import GeneratorType
from typing import Any, Callable, Iterator, Optional

from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _BaseDataLoaderIter

from ..hook.patching import wrap
from ..imports import when_imported
from .passes import Passes
from .ports import FaultsPort

# Loaders that are not made by the constructor of a DataLoader.
_OTHERS = {
    "accelerate.data_loader": ("DataLoaderShard", "DataLoaderDispatcher"),
    "timm.data.loader": ("PrefetchLoader",),
}


class _Scope(threading.local):
    """What this thread is in the middle of."""

    inside = False
    """Whether a watched pass is being read or started: what is read meanwhile is a part of it."""
    made: Optional[list[tuple[Any, Any]]] = None
    """The iterators that have been made for it, each with its loader."""


class Loaders:
    """Patches the classes of loaders and of their iterators, never an object.

    What `iter(loader)` returns stays the object that the script knows; only a generator gives way
    to another generator, for there is no class to patch.
    """

    def __init__(self, passes: Passes, faults: FaultsPort) -> None:
        self._passes = passes
        self._faults = faults
        self._scope = _Scope()

    def install(self) -> None:
        wrap(_BaseDataLoaderIter, "__init__", self._init_iterator)
        wrap(_BaseDataLoaderIter, "_reset", self._reset)
        wrap(_BaseDataLoaderIter, "__next__", self._next)
        wrap(DataLoader, "__init__", self._init_loader)
        for module, names in _OTHERS.items():
            when_imported(module, functools.partial(self._watch_named, names))

    def _watch_named(self, names: tuple[str, ...], module: Any) -> None:
        for name in names:
            if hasattr(getattr(module, name, None), "__iter__"):
                self._watch_loader(getattr(module, name))

    def _init_loader(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def init(loader: Any, *args: Any, **kwargs: Any) -> None:
            original(loader, *args, **kwargs)
            self._faults.run("a new loader", self._loader_made, loader)

        return init

    def _loader_made(self, loader: Any) -> None:
        for kind in type(loader).__mro__:
            if kind is DataLoader:
                break
            if "__iter__" in vars(kind):
                self._watch_loader(kind)
        self._passes.loader_made(loader)

    def _init_iterator(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def init(iterator: Any, loader: Any, *args: Any, **kwargs: Any) -> None:
            self._faults.run("the start of a pass", self._opened, iterator, loader)
            original(iterator, loader, *args, **kwargs)

        return init

    def _opened(self, iterator: Any, loader: Any) -> None:
        scope = self._scope
        self._passes.opened(iterator, loader, derived=scope.inside)
        if scope.made is not None:
            scope.made.append((iterator, loader))

    def _reset(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def reset(iterator: Any, *args: Any, **kwargs: Any) -> Any:
            first = kwargs.get("first_iter", args[1] if len(args) > 1 else False)
            if args and not first:
                self._faults.run("the start of a pass", self._opened, iterator, args[0])
            return original(iterator, *args, **kwargs)

        return reset

    def _next(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Of an iterator class. The hot path of this room: once for each batch."""
        passes, scope, run = self._passes, self._scope, self._faults.run
        by_id, asked, delivered = passes.by_id, passes.asked, passes.delivered

        def __next__(iterator: Any) -> Any:
            one = by_id.get(id(iterator))
            if one is None or one.derived:
                return original(iterator)
            if scope.inside:
                one.derived = True
                return original(iterator)
            run("the start of a batch", asked, one)
            scope.inside = True
            try:
                batch = original(iterator)
            except StopIteration:
                scope.inside = False
                run("the end of a pass", passes.exhausted, one)
                raise
            finally:
                scope.inside = False
            run("a batch", delivered, one)
            return batch

        return __next__

    def _watch_loader(self, kind: type) -> None:
        """`kind` has an `__iter__` of its own."""
        method = vars(kind).get("__iter__")
        if inspect.isgeneratorfunction(inspect.unwrap(method) if callable(method) else method):
            wrap(kind, "__iter__", self._generator)
        elif inspect.isfunction(method):
            wrap(kind, "__iter__", self._iter)

    def _generator(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def __iter__(loader: Any) -> Iterator[Any]:
            if self._scope.inside:
                yield from original(loader)
            else:
                yield from self._watched(loader, original(loader))

        return __iter__

    def _watched(self, loader: Any, generator: Any) -> Iterator[Any]:
        """What `generator` yields, as a pass over `loader`."""
        passes, scope, run = self._passes, self._scope, self._faults.run
        one = passes.begin(loader)
        try:
            while True:
                run("the start of a batch", passes.asked, one)
                scope.inside = True
                try:
                    batch = next(generator)
                except StopIteration:
                    scope.inside = False
                    run("the end of a pass", passes.exhausted, one)
                    return
                finally:
                    scope.inside = False
                run("a batch", passes.delivered, one)
                yield batch
        finally:
            passes.let_go(one)
            generator.close()

    def _iter(self, original: Callable[..., Any]) -> Callable[..., Any]:
        scope = self._scope

        def __iter__(loader: Any) -> Any:
            if scope.inside:
                return original(loader)
            scope.inside, scope.made = True, []
            try:
                iterator = original(loader)
            finally:
                scope.inside = False
                made, scope.made = scope.made or [], None
            return self._faults.run(
                "the start of a pass", self._adopt, loader, iterator, made, default=iterator
            )

        return __iter__

    def _adopt(self, loader: Any, iterator: Any, made: list[tuple[Any, Any]]) -> Any:
        """`iter(loader)` gave `iterator`, and the iterators `made` were begun on the way."""
        if isinstance(iterator, _BaseDataLoaderIter):
            if any(each is iterator for each, _ in made):
                self._passes.moved(iterator, loader)
            return iterator
        if isinstance(iterator, GeneratorType):
            return self._watched(loader, iterator)
        kind = next((each for each in type(iterator).__mro__ if "__next__" in vars(each)), None)
        if kind is not None and inspect.isfunction(vars(kind)["__next__"]):
            wrap(kind, "__next__", self._next)
            self._passes.opened(iterator, loader)
        else:
            # An iterator written in C, such as map: it cannot be watched, what it reads can.
            for each, its_loader in made:
                self._passes.moved(each, its_loader)
        return iterator
