"""What Python goes through things with: map, filter, functools.reduce, itertools.

Of items that are known when the function is read everything is written out; `map` and
`pairwise` are of those as well whose number is known when it runs.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable

from adjoint.errors import SourceError
from adjoint.frontend.arrays.elements import elements_of_range, pairs_of, zipped
from adjoint.frontend.arrays.holders import arrays_in
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    Elements,
    Function,
    Item,
    Later,
    Once,
    Partial,
    Range,
    Waiting,
    described,
)
from adjoint.frontend.python.lowering import MAX_STATIC
from adjoint.frontend.python.names import read_names
from adjoint.ir.program import Value

#: A range of more numbers than these is gone through in a loop.
_FEW = 8


def _map(call: Call) -> Item:
    """``map(f, items, ...)``: each item is computed when it is asked for."""
    function, *given = call.items(*range(2, 256))
    found = [_elements(call, item) for item in given]
    arrays = [elements for elements in found if elements is not None]
    if not arrays:
        rows = [_known(call, item) for item in given]
        return Waiting(
            tuple(
                Later(call.called, (function, *items))
                for items in zip(*rows, strict=False)
            )
        )
    if len(arrays) < len(given):
        message = "what is known here and what is known when it runs are mixed in `map`"
        raise call.problem(message, "write a comprehension")
    beside = zipped(call.lowering, call.node, arrays, False)

    def at(index: Value) -> Item:
        return call.called(function, *beside.at(index))

    # what `partial` holds for the function is read as late as the elements are
    return Elements(beside.range, at, beside.name, (*beside.of, *arrays_in(function)))


def _filter(call: Call) -> Item:
    """Those items of which the function is true, which has to be known."""
    function, given = call.items(2)
    _check_alone(call, function)
    kept = []
    for item in _known(call, given):
        found = item if described(function) == "None" else call.called(function, item)
        holds = call.lowering.truth(found, call.node)
        if holds.number is None:
            message = "what `filter` keeps is known only when it runs"
            raise call.problem(message, "write `[v for v in ... if ...]`")
        if holds.number:
            kept.append(item)
    return Once(kept)


def _reduce(call: Call) -> Item:
    """``reduce(f, items, start)``: f(f(f(start, a), b), c)."""
    function, given, *start = call.items(2, 3)
    elements = call.lowering.elements(call.node, given)
    if elements is not None:
        message = "`reduce` is of items that are known when the function is read"
        raise call.problem(message, "write a loop")
    items = [*start, *call.lowering.sequence(given, call.node.parts[2])]
    if not items:
        raise call.problem("`reduce` of nothing, without a start")
    total = items[0]
    for item in items[1:]:
        total = call.called(function, total, item)
    return total


def _partial(call: Call) -> Item:
    """``partial(f, ...)``: the function with the first arguments given, or by name."""
    if not call.arguments or isinstance(call.arguments[0], Value):
        raise call.problem("`partial` is of a function")
    return Partial(call.arguments[0], call.arguments[1:], call.keywords)


def _accumulate(call: Call) -> Item:
    """The sums of the first items, or what a function makes of them."""
    start = call.keywords.pop("initial", None)
    function = call.keywords.pop("func", None)
    given = call.items(1, 2)
    items = list(_known(call, given[0]))
    function = given[1] if len(given) == 2 else function
    _check_alone(call, function)
    if start is not None and described(start) != "None":
        items.insert(0, start)
    found = items[:1]
    for item in items[1:]:
        found.append(_joined(call, function, found[-1], item))
    return Once(found)


def _check_alone(call: Call, function: Item) -> None:
    """Raise SourceError for a function that reads what may change before."""
    while isinstance(function, Partial):
        function = function.function
    if isinstance(function, Function) and function.frame is not None:
        inside = ast.walk(function.node)
        own = {one.arg for one in inside if isinstance(one, ast.arg)}
        if (read_names(function.node) - own) & function.frame.local_names:
            message = f"the function of `{call.name}` reads names of the one around it"
            raise call.problem(message, "write a loop")


def _joined(call: Call, function: Item | None, total: Item, item: Item) -> Item:
    if function is None or described(function) == "None":
        return call.emit("add", *call.scalars((total, item)))
    whole = Call(call.lowering, call.node, (function,), {})
    return whole.called(function, total, item)


def _pairwise(call: Call) -> Item:
    (item,) = call.items(1)
    elements = _elements(call, item)
    if elements is not None:
        return pairs_of(call.lowering, call.node, elements)
    return Once(itertools.pairwise(_known(call, item)))


def _product(call: Call) -> Item:
    repeat = call.keywords.pop("repeat", call.constant(1))
    rows = [_known(call, item) for item in call.items(*range(256))]
    times = _whole(call, repeat, "`repeat`")
    return _limited(call, itertools.product(*rows, repeat=times))


def _choices(name: str) -> Callable[[Call], Item]:
    """combinations and others: so many items of those that are given."""

    def lower(call: Call) -> Item:
        count = call.keywords.pop("r", None)
        given = call.items(1, 2)
        items = _known(call, given[0])
        count = given[1] if len(given) == 2 else count
        if count is None:
            if name != "permutations":
                raise call.problem(f"`{call.name}` takes 2 arguments, not 1")
            count = call.constant(len(items))
        size = _whole(call, count, "how many are chosen")
        return _limited(call, getattr(itertools, name)(items, size))

    return lower


def _islice(call: Call) -> Item:
    """``islice(items, stop)``, or with a start and a step."""
    given, *bounds = call.items(2, 3, 4)
    numbers = [
        None if described(one) == "None" else _whole(call, one, "a bound of `islice`")
        for one in bounds
    ]
    return Once(itertools.islice(_known(call, given), *numbers))


def _repeat(call: Call) -> Item:
    item, times = call.items(2)
    return Once([item] * _whole(call, times, "how often `repeat` gives it"))


def _chain(call: Call) -> Item:
    given = call.items(*range(256))
    return Once(one for item in given for one in _known(call, item))


def _chain_of(call: Call) -> Item:
    """``chain.from_iterable(rows)``."""
    rows = _known(call, call.items(1)[0])
    return Once(one for row in rows for one in _known(call, row))


def _limited(call: Call, found: Iterable[tuple[Item, ...]]) -> Once:
    """What is found, which has to be written out."""
    items = Once(itertools.islice(found, MAX_STATIC + 1))
    if len(items) > MAX_STATIC:
        raise call.problem(f"these are more than {MAX_STATIC}", "write loops")
    return items


def _whole(call: Call, item: Item, what: str) -> int:
    number = item.number if isinstance(item, Value) else None
    if not isinstance(number, int) or number < 0:
        raise call.problem(f"{what} has to be written as a whole number")
    return number


def _elements(call: Call, item: Item) -> Elements | None:
    """The elements of what has many, or has a number of them that is not known."""
    if isinstance(item, Range):
        numbers = item.numbers
        few = numbers is not None and len(numbers) <= _FEW
        return None if few else elements_of_range(call.lowering, call.node, item)
    return call.lowering.elements(call.node, item)


def _known(call: Call, item: Item) -> tuple[Item, ...]:
    """Items that are known when the function is read. Raises SourceError for others."""
    if isinstance(item, Waiting):
        message = f"`{call.name}` would ask for the items of a `map` in another order"
        raise call.problem(message, "make a list of it: `list(map(...))`")
    try:
        return call.lowering.sequence(item, call.node)
    except SourceError as error:
        message = f"`{call.name}` is of items that are known when the function is read"
        raise call.problem(message, error.hint or "write loops") from None


#: By the module and the name.
FUNCTIONS: dict[tuple[str, str], Callable[[Call], Item]] = {
    ("builtins", "map"): _map,
    ("builtins", "filter"): _filter,
    ("functools", "reduce"): _reduce,
    ("functools", "partial"): _partial,
    ("itertools", "accumulate"): _accumulate,
    ("itertools", "pairwise"): _pairwise,
    ("itertools", "product"): _product,
    ("itertools", "chain"): _chain,
    ("itertools", "islice"): _islice,
    ("itertools", "repeat"): _repeat,
    ("itertools", "chain.from_iterable"): _chain_of,
    **{
        ("itertools", name): _choices(name)
        for name in ("combinations", "permutations", "combinations_with_replacement")
    },
}
