"""Generators and comprehensions: written out where their items are known, else loops.

``[f(v) for v in x if v > 0]`` of items that are known when it runs is lowered as the
function that Python makes of it: a loop that appends. So it has all that loops have.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from adjoint.frontend.arrays.aliases import own_beside
from adjoint.frontend.python.items import NONE, Generator, Item, ListItem, Once, Range
from adjoint.frontend.python.lowering import MAX_STATIC, FunctionLowering
from adjoint.frontend.python.names import assigned_names, read_names
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value

#: The longest range that is taken as a static sequence for a list that changes.
_MOST_CHANGING = 8
#: What the first thing that is gone through is called; no user's name has a point.
_FIRST = ".0"

_Written = ast.GeneratorExp | ast.ListComp


class _RunTime(Exception):
    """What is gone through, or a condition, is known only when it runs."""


def comprehension(lowering: FunctionLowering, node: Node) -> Item:
    """The list that a comprehension makes."""
    items = generated(lowering, node)
    return (
        collected(items, lowering.assigned) if isinstance(items, Generator) else items
    )


def generated(lowering: FunctionLowering, node: Node) -> Item:
    """The items of a generator; a `Generator` where they are known when it runs."""
    python: _Written = node.value  # type: ignore[assignment]
    inner = _inside(lowering, python)
    inner.changes, lowering.changes = lowering.changes, False
    first = lowering.item(python.generators[0].iter)
    lowering.changes = inner.changes
    is_list = isinstance(python, ast.ListComp)
    items: list[Item] = []
    lowering.builder.open(lowering.where(node))
    try:
        _collect(inner, python, 0, first, items)
    except _RunTime:
        lowering.builder.close()  # what was written in vain
    else:
        lowering.builder.merge()
        return ListItem(items) if is_list else Once(items)
    return Generator(python, lowering, first)


def _inside(lowering: FunctionLowering, python: _Written) -> FunctionLowering:
    """A scope inside this call, for the names of a generator."""
    inner = type(lowering)(
        lowering.context, lowering.text, lowering.scope, lowering, lowering.place
    )
    inner.local_names = frozenset(assigned_names([c.target for c in python.generators]))
    return inner


def _collect(
    inner: FunctionLowering, python: _Written, at: int, over: Item, items: list[Item]
) -> None:
    """Add the items of a generator from its clause ``at`` on, which is ``over``."""
    clause = python.generators[at]
    for item in _static(inner, over, clause.iter):
        inner.assign(clause.target, item)
        if not all(_holds(inner, test) for test in clause.ifs):
            continue
        if at + 1 == len(python.generators):
            item = inner.item(python.elt)
            items.append(own_beside(inner, item, python.elt, items))
        else:
            following = inner.item(python.generators[at + 1].iter)
            _collect(inner, python, at + 1, following, items)


def _static(inner: FunctionLowering, over: Item, node: ast.expr) -> Sequence[Item]:
    numbers = over.numbers if isinstance(over, Range) else None
    most = _MOST_CHANGING if inner.changes else MAX_STATIC
    if isinstance(over, Range) and (numbers is None or len(numbers) > most):
        raise _RunTime
    if not isinstance(over, (tuple, Range)) and inner.elements(node, over) is not None:
        raise _RunTime
    return inner.sequence(over, node)


def _holds(inner: FunctionLowering, test: ast.expr) -> bool:
    condition = inner.condition(test)
    if condition.number is None:
        raise _RunTime
    return bool(condition.number)


# -- as a loop


def collected(generator: Generator, name: str | None = None) -> Item:
    """The items as a list; ``name`` is what it is called, where that is free."""
    name = _free(generator, name or "items")
    append = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
    added = ast.Expr(ast.Call(append, [generator.node.elt], []))
    return _run(generator, name, ListItem(), added)


def folded(
    generator: Generator, start: Value, sign: ast.operator, name: str = "total"
) -> Item:
    """``start + item + item ...``, or with another sign, from left to right."""
    name = _free(generator, name)
    total = ast.Name(name, ast.Load())
    value = ast.BinOp(total, sign, generator.node.elt)
    return _run(
        generator, name, start, ast.Assign([ast.Name(name, ast.Store())], value)
    )


def decided(generator: Generator, wanted: bool) -> Item:
    """Whether an item is true, for ``wanted``; or whether one is not, for all of them.

    As Python has it, nothing behind the first such item is computed.
    """
    test = generator.node.elt
    if not wanted:
        test = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
    found = ast.If(test, [ast.Return(ast.Constant(wanted))], [])
    name = _free(generator, "found")
    return _run(generator, name, NONE, found, ast.Constant(not wanted))


def waiting(lowering: FunctionLowering, node: Node) -> Item:
    """The generator itself, of which nothing but the first clause is computed yet."""
    python: _Written = node.value  # type: ignore[assignment]
    return Generator(python, lowering, lowering.item(python.generators[0].iter))


def _free(generator: Generator, name: str) -> str:
    """A name that the generator does not use."""
    used = read_names(generator.node) | set(assigned_names(generator.node.generators))
    while name in used:
        name += "_"
    return name


def _run(
    generator: Generator,
    name: str,
    start: Item,
    innermost: ast.stmt,
    end: ast.expr | None = None,
) -> Item:
    """What the loops of the generator make of ``start``, or ``end``."""
    python, outer = generator.node, generator.frame
    body: list[ast.stmt] = [innermost]
    for at, clause in reversed(list(enumerate(python.generators))):
        for test in reversed(clause.ifs):
            body = [ast.copy_location(ast.If(test, body, []), test)]
        over = clause.iter if at else ast.Name(_FIRST, ast.Load())
        loop = ast.For(clause.target, ast.copy_location(over, clause.iter), body, [])
        body = [ast.copy_location(loop, clause.target)]
    body.append(ast.Return(end or ast.Name(name, ast.Load())))
    for statement in body:
        if not hasattr(statement, "lineno"):
            ast.copy_location(statement, python)
        ast.fix_missing_locations(statement)
    inner = _inside(outer, python)
    return inner.run_statements(body, {_FIRST: generator.first, name: start})
