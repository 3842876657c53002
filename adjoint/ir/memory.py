"""Memory: the garbage collector, while many objects are made and none is dropped."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many new objects are worth a way of their own to the oldest generation ...
_MANY = 200_000
#: ... until there are so many; then the collector looks at all of them.
_MOST = 20_000_000
_promoted = 0


@contextmanager
def collection_paused() -> Iterator[None]:
    """Without the garbage collector, which would look at every object again and again.

    A program of 400,000 operations is made in half the time so. Nothing is lost: what
    is dropped meanwhile is found when the collector looks at the oldest objects.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            _promote()
            gc.enable()


def _promote() -> None:
    """Let many new objects be old at once, or the collector goes through them twice."""
    global _promoted
    made = gc.get_count()[0]
    if made < _MANY or gc.get_freeze_count():  # what others have frozen stays so
        return
    _promoted += made
    if _promoted > _MOST:
        _promoted = 0
        gc.collect()
    else:
        gc.freeze()
        gc.unfreeze()
