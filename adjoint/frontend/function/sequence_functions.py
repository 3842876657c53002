"""Python's functions of what has items: range, list, zip, len, max, sum ..."""

from __future__ import annotations

import ast
from collections.abc import Callable

from adjoint.errors import SourceError
from adjoint.frontend.arrays import list_methods, lists
from adjoint.frontend.arrays.access import shape
from adjoint.frontend.arrays.elements import (
    elements_of,
    elements_of_range,
    elements_reversed,
    enumerated,
    range_length,
    zipped,
)
from adjoint.frontend.arrays.elements import folded as sum_of
from adjoint.frontend.arrays.elementwise import choose
from adjoint.frontend.function.comprehensions import collected, decided, folded
from adjoint.frontend.python.by_use import require_rank
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.item_shapes import leaves
from adjoint.frontend.python.items import (
    NONE,
    Apart,
    Columns,
    Dictionary,
    Elements,
    Generator,
    Item,
    ListItem,
    Once,
    Range,
    Waiting,
    described,
    is_list,
)
from adjoint.ir.program import Value


def _range(call: Call) -> Item:
    parts = call.whole(1, 2, 3)
    zero, one = call.constant(0), call.constant(1)
    if len(parts) == 1:
        return Range(zero, parts[0], one)
    step = parts[2] if len(parts) == 3 else one
    if step.number == 0:
        raise call.problem("the step of a range cannot be 0")
    return Range(parts[0], parts[1], step)


def _reversed(call: Call) -> Item:
    (item,) = call.items(1)
    if isinstance(item, Range) and item.numbers is None:
        return _range_reversed(call, item)
    elements = call.lowering.elements(call.node, item)
    if elements is not None:
        return elements_reversed(call.lowering, call.node, elements)
    return Once(call.sequence()[::-1])


def _range_reversed(call: Call, numbers: Range) -> Range:
    start, stop, step = numbers.start, numbers.stop, numbers.step
    back = call.emit("neg", step)
    if step.number in (1, -1):
        last, before = call.emit("sub", stop, step), call.emit("sub", start, step)
        return Range(last, before, back, once=True)
    count = range_length(call.lowering, call.node, numbers)
    count = call.emit("max", count, call.constant(0))
    before = call.emit("sub", start, step)
    last = call.emit("add", before, call.emit("mul", count, step))
    return Range(last, before, back, once=True)


def _tuple(call: Call) -> Item:
    return tuple(call.sequence()) if call.items(0, 1) else ()


def _list(call: Call) -> Item:
    return _listed(call) if call.items(0, 1) else ListItem()


def _listed(call: Call) -> Item:
    """The argument as a new list."""
    (item,) = call.items(1)
    if isinstance(item, Generator):
        return collected(item, call.lowering.assigned)
    elements = call.lowering.elements(call.node, item)
    if elements is None:
        return ListItem(call.sequence())
    if is_list(item):
        return lists.copied(call.lowering, call.node, item)
    if isinstance(item, Value):
        return call.emit("as_list", item)
    return list_methods.extended(call.lowering, call.node, ListItem(), elements)


def _row(call: Call) -> Value | None:
    """The numbers of the argument, where it is not known how many they are."""
    (item,) = call.items(1)
    if isinstance(item, Value):
        require_rank(call.lowering.context, item, 1)
    many = isinstance(item, (Generator, Elements)) or (
        isinstance(item, Value) and item.type.rank > 0
    )
    if not many:
        return None
    row = item if isinstance(item, Value) else _listed(call)
    if not isinstance(row, Value):
        row = lists.run_time(call.lowering, call.node, row)
    if row.type.rank != 1:
        message = f"`{call.name}` is of numbers here, and these are rows of them"
        raise call.problem(message, "loop over the rows")
    return row


def _enumerate(call: Call) -> Item:
    start = call.keywords.pop("start", None)
    given = call.items(1, 2)
    start = given[1] if len(given) == 2 else start
    first = 0 if start is None else call.lowering.checked(start, call.node).number
    if not isinstance(first, int):
        raise call.problem("the start of `enumerate` has to be written as a number")
    elements = _elements(call, given[0])
    if elements is not None:
        return enumerated(call.lowering, elements, first)
    pairs = enumerate(call.sequence(), first)
    return Once((call.constant(i), item) for i, item in pairs)


def _elements(call: Call, item: Item, known: bool = False) -> Elements | None:
    """The elements of what has a number of them that is known when it runs.

    Of a range, a list and numbers that are ``known`` as well, which stand beside such a
    thing. Raises SourceError for what computes its items when it is asked for them.
    """
    if isinstance(item, Waiting):
        message = f"`{call.name}` of a `map` is not supported"
        raise call.problem(message, "make a list of it: `list(map(...))`")
    if isinstance(item, Range) and (known or item.numbers is None):
        return elements_of_range(call.lowering, call.node, item)
    if known and isinstance(item, tuple) and item and _is_list_or_numbers(item):
        item = lists.grown(call.lowering, call.node, ListItem(item))
    return call.lowering.elements(call.node, item)


def _zip(call: Call) -> Item:
    if len(call.arguments) == 1 and isinstance(call.arguments[0], Apart):
        return _columns(call, call.arguments[0].of)
    flag = call.keywords.pop("strict", None)
    strict = isinstance(flag, Value) and bool(flag.number)
    given = call.items(*range(256))
    count = len(given)
    found = [_elements(call, item) for item in given]
    if any(found):
        pairs = zip(found, given, strict=True)
        found = [one or _elements(call, item, known=True) for one, item in pairs]
    arrays = [elements for elements in found if elements is not None]
    if arrays and len(arrays) == count:
        return zipped(call.lowering, call.node, arrays, strict)
    sequences = [call.sequence(at) for at in range(count)]
    if strict and len(set(map(len, sequences))) > 1:
        raise call.problem("what is zipped here is of different lengths")
    return Once(zip(*sequences, strict=False))


def _columns(call: Call, of: Columns) -> Item:
    """``zip(*states)``: what stands at each place of the tuples."""
    builder, where = call.lowering.builder, call.lowering.where(call.node)
    count, *_ = shape(call.lowering, call.node, next(leaves(of)))
    text = f"not enough values to unpack (expected {len(of.lists)}, got 0)"
    some = builder.emit("gt", count, builder.constant(0), where=where)
    builder.guard(some, f'ValueError("{text}")', where)
    return Once(of.lists)


def _len(call: Call) -> Item:
    (item,) = call.items(1)
    if isinstance(item, Generator) and isinstance(item.node, ast.ListComp):
        item = collected(item)
    if isinstance(item, Value):
        require_rank(call.lowering.context, item, 1)
        if item.type.rank:
            return shape(call.lowering, call.node, item)[0]
    if isinstance(item, Columns):
        return shape(call.lowering, call.node, next(leaves(item)))[0]
    if isinstance(item, Dictionary):
        return call.constant(len(item.entries))
    if not isinstance(item, (tuple, Range)):
        raise call.problem("`len` is that of an array, a list or a tuple here")
    return call.constant(len(call.sequence()))


def _is_list_or_numbers(items: tuple[Item, ...]) -> bool:
    return isinstance(items, ListItem) or all(map(_is_number, items))


def _is_number(item: Item) -> bool:
    return isinstance(item, Value) and not item.type.rank


def _extreme(name: str) -> Callable[[Call], Item]:
    def lower(call: Call) -> Item:
        key = call.keywords.pop("key", None)
        items = call.items(*range(1, 256))
        if key is not None and key is not NONE:
            return _extreme_by(call, name, key, items)
        row = _row(call) if len(items) == 1 else None
        if row is not None:
            return call.emit(f"a{name}", row, attributes=(None, False))
        values = call.scalars(call.sequence() if len(items) == 1 else items)
        call.check_scalars(values, f"write `np.{name}imum`")
        if not values:
            raise call.problem(f"`{name}` of nothing")
        return values[0] if len(values) == 1 else call.emit(name, *values)

    return lower


def _extreme_by(call: Call, name: str, key: Item, items: tuple[Item, ...]) -> Item:
    """The first of those numbers of which ``key`` gives the greatest, or the least."""
    if len(items) == 1:
        if call.lowering.elements(call.node, items[0]) is not None:
            message = (
                f"`key` of `{name}` is for items that are known when they are read"
            )
            raise call.problem(message, "write a loop")
        items = call.sequence()
    values = call.scalars(items)
    if not values:
        raise call.problem(f"`{name}` of nothing")
    best, of_best = values[0], _keyed(call, key, values[0])
    for value in values[1:]:
        of_value = _keyed(call, key, value)
        better = call.emit("gt" if name == "max" else "lt", of_value, of_best)
        best = choose(call, better, value, best)
        of_best = choose(call, better, of_value, of_best)
    return best


def _keyed(call: Call, key: Item, value: Value) -> Value:
    """What a function that is given by name makes of a value."""
    whole = Call(call.lowering, call.node, (key,), {})
    (found,) = call.scalars((whole.called(key, value),))
    return found


def _sum(call: Call) -> Item:
    start = call.keywords.pop("start", call.constant(0))
    given = call.items(1, 2)
    (total,) = call.scalars((given[1] if len(given) == 2 else start,))
    if isinstance(given[0], Generator):
        return _sum_of_generator(call, given[0], total)
    elements = call.lowering.elements(call.node, given[0])
    if elements is not None:
        return sum_of(call.lowering, call.node, elements, total)
    for item in call.scalars(call.sequence()):
        total = call.emit("add", total, item)
    return total


def _sum_of_generator(call: Call, generator: Generator, start: Value) -> Item:
    """The sum as it goes on; of arrays, that of the list of them."""
    found: list[Item] = []

    def of_arrays() -> None:
        rows = collected(generator)
        if not (isinstance(rows, Value) and rows.type.of_arrays):
            raise call.problem("these are no arrays")
        elements = elements_of(call.lowering, call.node, rows)
        assert elements is not None
        found.append(sum_of(call.lowering, call.node, elements, start))

    for way in (lambda: found.append(folded(generator, start, ast.Add())), of_arrays):
        if call.lowering.attempt(way, SourceError):
            return found[0]
    return folded(generator, start, ast.Add())


def _prod(call: Call) -> Item:
    total = call.lowering.checked(
        call.keywords.pop("start", call.constant(1)), call.node
    )
    (item,) = call.items(1)
    row = None if isinstance(item, Generator) else _row(call)
    if isinstance(item, Generator):
        return folded(item, total, ast.Mult(), "product")
    if row is not None:
        elements = elements_of(call.lowering, call.node, row)
        assert elements is not None
        operation = "mul", "product"
        return sum_of(call.lowering, call.node, elements, total, *operation)
    for item in call.scalars(call.sequence()):
        total = call.emit("mul", total, item)
    return total


def _dist(call: Call) -> Item:
    """The distance of two points, as many numbers as are known when it is read."""
    given = call.items(2)
    rows = [call.lowering.elements(call.node, item) for item in given]
    if any(row is not None for row in rows):
        message = "`dist` is of points of which it is known how many numbers they are"
        raise call.problem(
            message, "write `math.sqrt(sum(...))`, or a tuple of numbers"
        )
    p, q = (call.scalars(call.sequence(at)) for at in (0, 1))
    if len(p) != len(q):
        raise call.problem(f"these points have {len(p)} and {len(q)} numbers")
    if not p:
        return call.constant(0.0)
    return call.emit(
        "hypot", *(call.emit("sub", a, b) for a, b in zip(p, q, strict=True))
    )


def _fsum(call: Call) -> Item:
    row = _row(call)
    if row is None:
        row = lists.run_time(call.lowering, call.node, ListItem(call.sequence()))
    return call.emit("fsum", row)


def _sorted(call: Call) -> Item:
    flag = call.keywords.pop("reverse", call.constant(False))
    if not isinstance(flag, Value) or flag.number is None:
        raise call.problem("`reverse` has to be written as True or False")
    row = _in_order(call)
    if not flag.number:
        return row
    return call.emit("index", row, call.constant(-1), attributes=(("::a",),))


def _in_order(call: Call) -> Value:
    row = _row(call)
    if row is None:
        row = lists.run_time(call.lowering, call.node, ListItem(call.sequence()))
    elif not row.type.listed:
        row = call.emit("as_list", row)
    return call.emit("sort", row, attributes=(0,))


def _decision(name: str) -> Callable[[Call], Item]:
    """``any`` and ``all``."""

    def lower(call: Call) -> Item:
        (item,) = call.items(1)
        if isinstance(item, Generator):
            return decided(item, name == "any")
        if isinstance(item, Value | Waiting):
            instead = f"write `{name}(v for v in ...)`, or `np.{name}(...)`"
            raise call.problem(f"`{name}` of {described(item)}", instead)
        found = call.constant(name == "all")
        for one in call.sequence():
            truth = call.lowering.truth(one, call.node)
            found = call.emit("or" if name == "any" else "and", found, truth)
        return found

    return lower


#: By the module and the name.
FUNCTIONS: dict[tuple[str, str], Callable[[Call], Item]] = {
    ("builtins", "range"): _range,
    ("builtins", "reversed"): _reversed,
    ("builtins", "tuple"): _tuple,
    ("builtins", "list"): _list,
    ("builtins", "sorted"): _sorted,
    ("builtins", "enumerate"): _enumerate,
    ("builtins", "zip"): _zip,
    ("builtins", "len"): _len,
    ("builtins", "any"): _decision("any"),
    ("builtins", "all"): _decision("all"),
    ("builtins", "min"): _extreme("min"),
    ("builtins", "max"): _extreme("max"),
    ("builtins", "sum"): _sum,
    ("math", "prod"): _prod,
    ("math", "fsum"): _fsum,
    ("math", "dist"): _dist,
}
