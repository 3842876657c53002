"""None and texts, which say how a function computes: they are known when it is read.

And ``in``, which asks for a text or a number among the items of a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from adjoint.frontend.function.dictionaries import is_key
from adjoint.frontend.python.items import (
    NONE,
    Dictionary,
    Item,
    described,
    is_instance,
    is_list,
    is_word,
    plain,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value


def tested(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Value:
    """``left is right``, ``==``, ``in`` and what denies them."""
    return _TESTS[str(node.value)](lowering, node, left, right)


def _is(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Value:
    return lowering.builder.constant(left is NONE and right is NONE)


def _compared(
    name: str, lowering: FunctionLowering, node: Node, left: Item, right: Item
) -> Value:
    """``left == right`` or ``!=``; None and a text are equal to no number.

    Raises SourceError for an array beside them: NumPy compares its elements.
    """
    for one in (left, right):
        if is_instance(one) and not is_word(left) and not is_word(right):
            message = f"{described(one)} is compared here, which is not supported"
            raise lowering.problem(node, message, "compare its parts")
    if isinstance(left, tuple) and isinstance(right, tuple):
        return _tuples_compared(name, lowering, node, left, right)
    if is_word(left) or is_word(right):
        for one in (left, right):
            if isinstance(one, Value) and one.type.rank:
                message = f"{described(one)} is compared with what is no number"
                raise lowering.problem(node, message, "write `is None`")
        return lowering.builder.constant((left == right) is (name == "eq"))
    a, b = (
        lowering.checked(item, part)
        for item, part in zip((left, right), node.parts, strict=True)
    )
    return lowering.builder.emit(name, a, b, where=lowering.where(node))


def _tuples_compared(
    name: str,
    lowering: FunctionLowering,
    node: Node,
    left: tuple[Item, ...],
    right: tuple[Item, ...],
) -> Value:
    """Of two tuples, or two lists, that are known: all items are equal, or not all."""
    builder, where = lowering.builder, lowering.where(node)
    same = len(left) == len(right) and is_list(left) == is_list(right)
    holds = builder.constant(same)
    for a, b in zip(left, right, strict=False) if same else ():
        equal = _compared("eq", lowering, node, a, b)
        holds = builder.emit("and", holds, equal, where=where)
    return holds if name == "eq" else builder.emit("not", holds, where=where)


def _among(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Value:
    """``left in right``. Raises SourceError for what has no items that are known."""
    if isinstance(right, Dictionary):
        if not is_key(left):
            raise lowering.problem(node, "a key has to be known when it is asked for")
        return lowering.builder.constant(plain(left) in right.entries)
    lowering.check_no_instance(right, node.parts[1])
    if not isinstance(right, tuple):
        message = "`in` asks for an item of a tuple here, or of a list that is known"
        raise lowering.problem(node.parts[1], message, "write a loop")
    found = lowering.builder.constant(False)
    for one in right:
        for side in (left, one):
            if isinstance(side, Value) and side.type.rank:
                message = f"`in` asks for numbers and texts, not for {described(side)}"
                raise lowering.problem(node, message, "write `np.any(...)`")
        equal = _compared("eq", lowering, node, left, one)
        found = lowering.builder.emit("or", found, equal, where=lowering.where(node))
    return found


def _denied(test: Callable[..., Value]) -> Callable[..., Value]:
    def denied(lowering: FunctionLowering, node: Node, *sides: Item) -> Value:
        where = lowering.where(node)
        return lowering.builder.emit("not", test(lowering, node, *sides), where=where)

    return denied


#: What each sign of `signs.TESTS` asks.
_TESTS: dict[str, Callable[..., Value]] = {
    "is": _is,
    "is not": _denied(_is),
    "==": partial(_compared, "eq"),
    "!=": partial(_compared, "ne"),
    "in": _among,
    "not in": _denied(_among),
}
