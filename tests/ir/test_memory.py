"""The pause of the garbage collector: what is made in it can be collected later."""

import gc
import weakref

import pytest

from adjoint.ir import memory
from adjoint.ir.memory import collection_paused


class Ring:
    def __init__(self):
        self.itself = self


def made_in_a_pause(count):
    with collection_paused():
        assert not gc.isenabled()
        rings = [Ring() for _ in range(count)]
    return [weakref.ref(ring) for ring in rings]


@pytest.mark.parametrize("many", [10, 10**9])
def test_what_is_dropped_is_found_by_the_next_full_collection(monkeypatch, many):
    monkeypatch.setattr(memory, "_MANY", many)
    seen = made_in_a_pause(5_000)
    assert gc.isenabled()
    gc.collect()
    assert not any(one() for one in seen)


def test_memory_does_not_grow_without_bounds(monkeypatch):
    monkeypatch.setattr(memory, "_MANY", 10)
    monkeypatch.setattr(memory, "_MOST", 20_000)
    seen = [one for _ in range(9) for one in made_in_a_pause(5_000)]
    assert sum(one() is not None for one in seen) < 25_000


def test_what_others_have_frozen_stays_frozen(monkeypatch):
    monkeypatch.setattr(memory, "_MANY", 10)
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        assert frozen > 0
        made_in_a_pause(1_000)
        assert gc.get_freeze_count() > frozen // 2
    finally:
        gc.unfreeze()


def test_a_collector_that_is_off_stays_off():
    gc.disable()
    try:
        made_in_a_pause(10)
        assert not gc.isenabled()
    finally:
        gc.enable()
