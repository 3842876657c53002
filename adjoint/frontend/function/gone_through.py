"""Lists and dictionaries that a loop goes through, by their names.

The items are read before the first iteration. Python reads each when its turn comes:
what the loop has still to come to may not change before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from adjoint.frontend.arrays.holders import parts_of
from adjoint.frontend.python.items import Dictionary, Item, ListItem
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.names import augmented_names, changed_in_place
from adjoint.ir.program import Value

#: Functions that read what they are given when its turn comes, and methods that do.
_LAZY = frozenset(("zip", "enumerate", "reversed", "map"))
_LAZY_METHODS = frozenset(("items", "values"))


def lists_in(expression: ast.expr) -> Iterator[tuple[str, bool]]:
    """The names of what is gone through item by item, and whether from the end on."""
    pending = [(expression, False)]
    while pending:
        one, back = pending.pop()
        match one:
            case ast.Name(name):
                yield name, back
            case ast.Call(ast.Name(function), given) if function in _LAZY:
                turned = back != (function == "reversed")
                pending += [(argument, turned) for argument in given]
            case ast.Call(ast.Attribute(of, method)) if method in _LAZY_METHODS:
                pending.append((of, back))


class GoneThrough:
    """The lists that the body of a loop goes through and changes, as they were."""

    def __init__(self, lowering: FunctionLowering, node: ast.For):
        self._lowering, self._node = lowering, node
        changed = {*changed_in_place(node.body), *augmented_names(node.body)}
        # the keys do not change with what stands behind them
        kinds = ListItem if isinstance(node.iter, ast.Name) else (ListItem, Dictionary)
        self._lists = {
            name: back
            for name, back in lists_in(node.iter)
            if name in changed and isinstance(lowering.env.get(name), kinds)
        }
        self._items = {name: lowering.env[name] for name in self._lists}
        self._before = {name: parts_of(item) for name, item in self._items.items()}

    def check(self, at: int) -> None:
        """Raise SourceError where an item behind the one ``at`` is not what it was."""
        for name, back in self._lists.items():
            item = self._lowering.env.get(name)
            old = self._before[name]
            rest = range(len(old) - 1 - at) if back else range(at + 1, len(old))
            if not self._is_as_before(item, self._items[name], old, rest):
                self._refuse(name)

    def check_none(self) -> None:
        """Raise SourceError if there are any, in a loop that stays one."""
        for name in self._lists:
            self._refuse(name)

    def _refuse(self, name: str) -> None:
        message = f"`{name}` changes in a loop over its elements"
        hint = f"loop over a copy: `list({name})`"
        if isinstance(self._items[name], Dictionary):
            hint = "loop over its keys, and read each value by its key"
        raise self._lowering.problem(self._node.iter, message, hint)

    def _is_as_before(
        self, item: Item | None, of: Item, old: Sequence[Item], rest: range
    ) -> bool:
        """Whether the list is as long as it was, and has the rest of its items."""
        if isinstance(item, Value):
            return self._is_stored_before(item, of, len(old), rest)
        new = [] if item is None else parts_of(item)
        return len(old) == len(new) and all(new[k] is old[k] for k in rest)

    def _is_stored_before(
        self, value: Value, of: Item, length: int, rest: range
    ) -> bool:
        """Whether all that has been stored in the list is where it was gone through."""
        listed = self._lowering.context.listed
        while listed.get(value) is not of:
            op = value.op
            if op is None or op.operation.name != "store" or len(op.operands) != 3:
                return False
            index = op.operands[2].number
            if not isinstance(index, int) or index % length in rest:
                return False
            value = op.operands[0]
        return True
