"""What all calls have in common while one function is read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from adjoint.frontend.python.items import Item
from adjoint.frontend.python.text import Text
from adjoint.ir.builder import Builder
from adjoint.ir.program import Value
from adjoint.rules.operation import Operation


class UnderWay(Protocol):
    """A call under way: ``env`` is what its names stand for now.

    ``awaited`` are the arrays that loops which are written out have still to come to.
    """

    env: dict[str, Item]
    awaited: list[Value]


@dataclass
class Context:
    """What all calls have in common while one function is read.

    ``unroll``     the longest literal range that is unrolled
    ``guessed``    the parameters whose type is by use, in their order
    ``tuples``     the parameters that are tuples, by the names of what is in them
    ``sequences``  the lists of the caller's that may be tuples
    ``origins``    what the parameters of loops are before the first iteration
    ``listed``     of an array, the list of known items that it was made of
    ``made_of``    of a list of known items, by `id`: it, and the arrays made of it
    ``met``        of such a list behind a branch or a loop: it, and what it may be
    ``outside``    what was there before the call: of the module, and defaults, by `id`
    ``constants``  the constants of the module that were taken in, by name
    ``given``      of a name's value, whether it was assigned on the path that was taken
    ``unsure``     the values that are something where their name was not assigned, so
                   that Python would not notice
    ``returned``   what a branch hands on that returns on both sides, as the user says
    ``own``        the functions with rules of the user's own, by name
    ``active``     the functions that are being read, and how many blocks were open
    ``plain``      the loops of which a neater way has failed; it is not tried again
    ``calls``      how many calls were written out so far
    ``frames``     the calls under way, the innermost last
    ``stores``     whether any of them stores something in an array
    ``none_first`` the names that are None before a loop, by function
    ``numpy``      whether anything of NumPy's was asked for
    """

    builder: Builder
    text: Text
    unroll: float
    guessed: dict[Value, None] = field(default_factory=dict)
    tuples: dict[str, str] = field(default_factory=dict)
    sequences: set[Value] = field(default_factory=set)
    origins: dict[Value, Value] = field(default_factory=dict)
    listed: dict[Value, Item] = field(default_factory=dict)
    made_of: dict[int, tuple[Item, list[Value]]] = field(default_factory=dict)
    met: dict[int, tuple[Item, list[Item]]] = field(default_factory=dict)
    outside: dict[int, Item] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    given: dict[Value, Value] = field(default_factory=dict)
    unsure: set[Value] = field(default_factory=set)
    returned: set[Value] = field(default_factory=set)
    own: Mapping[str, Operation] = field(default_factory=dict)
    active: list[tuple[ast.AST, int]] = field(default_factory=list)
    plain: set[ast.AST] = field(default_factory=set)
    calls: int = 0
    frames: list[UnderWay] = field(default_factory=list)
    none_first: Mapping[tuple[str, int, int], frozenset[str]] = field(
        default_factory=dict
    )
    stores: bool = False
    numpy: bool = False

    def note_constant(self, name: str, item: Item | None) -> None:
        """Note a number of the module that is taken in; other items are none."""
        if isinstance(item, Value) and item.number is not None:
            self.constants[name] = item.number
