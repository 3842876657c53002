"""The operators of Python functions: of numbers, arrays, lists; and `operator`."""

from __future__ import annotations

from collections.abc import Callable

from adjoint.frontend.arrays import list_operators
from adjoint.frontend.arrays.access import unknown_rank
from adjoint.frontend.function import records
from adjoint.frontend.lower import BINARY
from adjoint.frontend.python.arithmetic import power
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Columns, Item, is_list
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value


def operator(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Item:
    """``left sign right``, of numbers, arrays, tuples or lists."""
    where = lowering.where(node)
    own = records.operated(lowering, node, left, right)
    if own is not None:
        return own
    for operand, part in ((left, node.parts[0]), (right, node.parts[1])):
        lowering.check_no_instance(operand, part)
    kinds = Value | tuple | Columns
    both = isinstance(left, kinds) and isinstance(right, kinds)
    if both and (_is_sequence(left) or _is_sequence(right)):
        return list_operators.operation(lowering, node, left, right)
    a, b = lowering.checked(left, node.parts[0]), lowering.checked(right, node.parts[1])
    return lowering.builder.apply(BINARY[str(node.value)], (a, b), where)


def matmul(lowering: FunctionLowering, node: Node, a: Value, b: Value) -> Value:
    """``a @ b``."""
    for operand in (a, b):
        unknown_rank(lowering, node, operand)
        if not operand.type.rank:
            raise lowering.problem(node, "`@` is of arrays, and this is a number")
    return lowering.builder.emit("matmul", a, b, where=lowering.where(node))


def _is_sequence(item: Item) -> bool:
    return isinstance(item, tuple) or is_list(item)


# -- the functions of the module `operator`


def _signed(sign: str) -> Callable[[Call], Item]:
    def lower(call: Call) -> Item:
        a, b = call.items(2)
        node = call.node
        pair = Node("operator", sign, node.parts[1:], node.start, node.end)
        return operator(call.lowering, pair, a, b)

    return lower


def _pow(call: Call) -> Item:
    a, b = call.numbers(2)
    return power(call.lowering, a, b, call.lowering.where(call.node))


def _of_numbers(name: str, count: int) -> Callable[[Call], Item]:
    return lambda call: call.emit(name, *call.numbers(count))


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//"}
_SIGNS |= {"mod": "%"}

#: By the module and the name.
FUNCTIONS: dict[tuple[str, str], Callable[[Call], Item]] = {
    **{("operator", name): _signed(sign) for name, sign in _SIGNS.items()},
    **{
        ("operator", name): _of_numbers(name, 2)
        for name in ("lt", "le", "gt", "ge", "eq", "ne")
    },
    ("operator", "neg"): _of_numbers("neg", 1),
    ("operator", "pow"): _pow,
}
