"""What work costs, counted: the same in every run, on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, Python's and those of C, while it is done."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


class _Counted(list[Any]):
    """A list; what is copied when one is made is counted."""

    copied = 0

    def __init__(self, items: Iterable[Any] = ()):
        super().__init__(items)
        _Counted.copied += len(self)


def lines_and_copies(text: str, name: str, arguments: Sequence[Any]) -> int:
    """How many lines are run, and items copied, by a call of a module's function."""
    space: dict[str, Any] = {"list": _Counted}
    exec(compile(text, "<generated>", "exec"), space)
    before = _Counted.copied
    with _lines_counted(space) as lines:
        space[name](*arguments)
    return len(lines) + _Counted.copied - before


@contextmanager
def _lines_counted(space: dict[str, Any]) -> Iterator[list[int]]:
    lines: list[int] = []

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_globals is not space:  # what the collector happens to call
            return None
        if event == "line":
            lines.append(frame.f_lineno)
        return trace

    outer = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(outer)
