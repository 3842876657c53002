"""Lists of known items that become arrays, and what else holds them then.

The array is the list under the name that changes it. Elsewhere the list would stay as
it was: what Python would see there is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from adjoint.frontend.arrays.bases import bases_of
from adjoint.frontend.arrays.holders import (
    arrays_in,
    held,
    is_outside,
    note_outside,
    parts_of,
)
from adjoint.frontend.python.items import Item, ListItem
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import Value


def note_made(lowering: FunctionLowering, array: Value, item: Item) -> None:
    """Note that an array is made of a list; so it was there before if that was."""
    context = lowering.context
    context.made_of.setdefault(id(item), (item, []))[1].append(array)
    if is_outside(context, item):
        note_outside(context, array)


def note_met(lowering: FunctionLowering, new: Item, *olds: Item) -> None:
    """Note that the lists in an item, behind a branch or a loop, may be other ones."""
    pending = [(new, old) for old in olds]
    while pending:
        new, old = pending.pop()
        if new is old:
            continue
        if isinstance(new, ListItem) and isinstance(old, ListItem):
            lowering.context.met.setdefault(id(new), (new, []))[1].append(old)
        parts = parts_of(new), parts_of(old)
        if len(parts[0]) == len(parts[1]):
            pending += zip(*parts, strict=True)


def made_of(lowering: FunctionLowering, item: Item) -> Iterator[Value]:
    """The arrays that are made of what may be lists that an item is, or holds."""
    known = lowering.context.made_of
    ever = _ever(lowering, item) if known else set()
    if lowering.context.met and ever:
        for one, arrays in known.values():
            if not ever.isdisjoint(_ever(lowering, one)):
                yield from arrays
        return
    for key in ever & known.keys():
        yield from known[key][1]


def check_unshared(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    item: Item,
    needed: Collection[str],
    whole: bool = True,
) -> None:
    """Raise SourceError where a list that changes is another one, or a row, as well.

    ``needed`` are the names that are read later. If not the ``whole`` of it is asked
    for, names for the list itself are left to the caller.
    """
    rows = [*arrays_in(item), *filter(_is_known, held(item))]
    if whole and len({*map(id, rows)}) < len(rows):
        message = f"a list stands in `{name}` more than once, and `{name}` changes here"
        raise lowering.problem(node, message, "make each one of its own: `.copy()`")
    own = {id(one) for one in rows if isinstance(one, ListItem)}
    ever = _ever(lowering, item)
    arrays = set(made_of(lowering, item))
    for frame in lowering.context.frames if own else ():
        for other, thing in frame.env.items():
            here = frame is lowering
            if here and (other == name or other not in needed):
                continue
            others = _ever(lowering, thing)
            if not whole and any(id(one) in own for one in held(thing)):
                others -= ever  # the caller sees to it
            if not ever.isdisjoint(others) or _may_hold(lowering, thing, arrays):
                raise _shared(lowering, node, name, item, other if here else None)


def _ever(lowering: FunctionLowering, item: Item) -> set[int]:
    """The lists that an item is, or holds, and those that they may be; by `id`."""
    met = lowering.context.met
    pending = list(_lists_in(item))
    found: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) not in found:
            found.add(id(one))
            pending += met.get(id(one), (one, []))[1]
    return found


def _lists_in(item: Item) -> Iterator[ListItem]:
    """The lists of known items that an item is, or holds; not each number in them."""
    pending = [item]
    while pending:
        item = pending.pop()
        if isinstance(item, ListItem):
            yield item
        pending += [one for one in parts_of(item) if not isinstance(one, Value)]


def _is_known(item: Item) -> bool:
    return isinstance(item, ListItem)


def _may_hold(lowering: FunctionLowering, item: Item, arrays: set[Value]) -> bool:
    """Whether any of the arrays may be a row of what an item is, or holds."""
    if not arrays:
        return False
    origins = lowering.context.origins
    return any(
        not arrays.isdisjoint(bases_of(leaf, origins)) for leaf in arrays_in(item)
    )


def _shared(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    item: Item,
    other: str | None,
) -> Exception:
    message = f"`{name}` is a list of the caller's, and is changed here"
    hint = "copy it first, and return the new one"
    if other is not None:
        message = f"`{other}` may be changed with `{name}` here"
        message = f"{message}, and `{other}` is read later"
        hint = f"make `{name}` one of its own: `{name} = {name}.copy()`"
        if not isinstance(item, ListItem):
            hint = "put a copy there: `.copy()`"
    return lowering.problem(node, message, hint)
