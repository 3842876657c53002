"""Names that are None first, and get their value in a loop: a flag says which it is.

    last = None                      has_last = False
    for v in x:                      for v in x:
        if last is not None:    as       if has_last:
            s += v * last                    s += v * last
        last = v                         last = v
                                         has_last = last is not None

The name is then one that is first made in the loop. It is written so where Python would
not notice: wherever the name is read, it is a number, or Python would raise.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import TypeVar

from adjoint.errors import SourceError
from adjoint.frontend.python.names import FUNCTIONS
from adjoint.frontend.python.nodes import is_none
from adjoint.frontend.python.text import Text

#: A function: its name, and where it stands.
Key = tuple[str, int, int]

_Loop = ast.For | ast.While
_Node = TypeVar("_Node", bound=ast.AST)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
#: What the nodes are marked by where a name is read and is surely not None.
SURE = "is_no_none"
#: Functions that raise for None.
_OF_NUMBERS = frozenset(("abs", "min", "max", "float", "sum", "len", "round"))
_MODULES = frozenset(("math", "np", "numpy"))


class NoneFirst(Exception):
    """A name is None before a loop that changes it; the function is read again.

    ``refusal`` is the error where that fails in the loop, which is ``lines`` long.
    """

    def __init__(
        self, function: ast.FunctionDef, name: str, refusal: SourceError, lines: int
    ):
        super().__init__(name)
        self.key, self.name = key_of(function), name
        self.refusal, self._lines = refusal, lines

    def refuses(self, error: SourceError) -> bool:
        """Whether an error of the next reading is one of the loop."""
        behind = error.line - self.refusal.line
        return error.source == self.refusal.source and 0 <= behind < self._lines


def key_of(function: ast.FunctionDef) -> Key:
    """What tells a function from others of its text."""
    return function.name, function.lineno, function.col_offset


def check_none_first(
    function: ast.AST, name: str, refusal: SourceError, loop: ast.stmt
) -> None:
    """Raise NoneFirst where a flag may say whether the name is None."""
    if not isinstance(function, ast.FunctionDef):
        return
    if _Uses(_with_nothing_apart(copy.deepcopy(function)), name).may_have_flag():
        lines = (loop.end_lineno or loop.lineno) - loop.lineno + 1
        raise NoneFirst(function, name, refusal, lines)


def with_flags(
    function: ast.FunctionDef, text: Text, names: frozenset[str]
) -> list[ast.stmt]:
    """The statements of the function, with flags that say which of the names are None.

    They are new objects.
    """
    key = key_of(function)
    (own,) = [
        node
        for node in ast.walk(ast.parse(text.source.text))
        if isinstance(node, ast.FunctionDef) and key_of(node) == key
    ]
    _with_nothing_apart(own)
    taken = {node.id for node in ast.walk(own) if isinstance(node, ast.Name)}
    for name in sorted(names):
        flag = f"has_{name}"
        while flag in taken:
            flag += "_"
        taken.add(flag)
        _Uses(own, name).write(flag)
    return own.body


def _with_nothing_apart(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function, changed: ``a, b = None, 0.0`` as two statements."""
    for node in ast.walk(function):
        for _, block in ast.iter_fields(node):
            if isinstance(block, list):
                block[:] = [part for one in block for part in _apart(one)]
    return function


def _apart(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            own = {one.id for one in names if isinstance(one, ast.Name)}
            apart = all(
                isinstance(one, ast.Constant)
                or (isinstance(one, ast.Name) and one.id not in own)
                for one in values
            )
            if apart and len(own) == len(names) == len(values):
                pairs = zip(names, values, strict=True)
                return [_placed(ast.Assign([a], b), node) for a, b in pairs]
    return [node]


class _Uses:
    """Where the name of a function is assigned, asked for, and read."""

    def __init__(self, function: ast.FunctionDef, name: str):
        self.function, self.name = function, name
        self.parents: dict[ast.AST, ast.AST] = {
            child: node
            for node in ast.walk(function)
            for child in ast.iter_child_nodes(node)
        }
        found = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and node.id == name
        ]
        self.stores = [one for one in found if isinstance(one.ctx, ast.Store)]
        loads = [one for one in found if isinstance(one.ctx, ast.Load)]
        self.tests = [t for t in map(self._test_of, loads) if t is not None]
        self.loads = [one for one in loads if self._test_of(one) is None]

    def may_have_flag(self) -> bool:
        """Whether a flag may say where the name is None."""
        arguments = [
            node for node in ast.walk(self.function) if isinstance(node, ast.arg)
        ]
        if any(one.arg == self.name for one in arguments) or self._is_captured():
            return False
        if not all(self._is_plain_store(one) for one in self.stores):
            return False
        nothing = [one for one in self.stores if self._is_nothing(one)]
        again = any(self._is_reset(one) for one in nothing)
        unguarded = [one for one in self.loads if not self._is_guarded(one)]
        return not (again and unguarded) and all(map(self._raises, unguarded))

    def _is_captured(self) -> bool:
        """Whether a function inside, or `nonlocal`, has to do with the name."""
        for node in ast.walk(self.function):
            if isinstance(node, ast.Global | ast.Nonlocal) and self.name in node.names:
                return True
        every = (*self.stores, *self.loads, *self.tests)
        return any(
            isinstance(outer, FUNCTIONS) and outer is not self.function
            for one in every
            for outer in self._around(one)
        )

    # -- what is assigned

    def _is_plain_store(self, store: ast.Name) -> bool:
        statement = self._statement(store)
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        if not any(one and store in ast.walk(one) for one in targets):
            return False  # of a comprehension, or `:=`
        match statement:
            case ast.Assign(targets=targets, value=value):
                if self._is_nothing(store):
                    return targets == [store]
                return _is_value(value)
            case ast.AnnAssign(value=value):
                return self._is_nothing(store) or _is_value(value)
        return isinstance(statement, ast.AugAssign | ast.For)

    def _is_nothing(self, store: ast.Name) -> bool:
        """Whether it is ``name = None``."""
        statement = self._statement(store)
        value = getattr(statement, "value", None)
        return value is not None and is_none(value)

    def _is_reset(self, store: ast.Name) -> bool:
        """Whether a loop around it gives the name a value as well."""
        loops = [one for one in self._around(store) if isinstance(one, _Loop)]
        others = [one for one in self.stores if not self._is_nothing(one)]
        return any(loop in self._around(one) for one in others for loop in loops)

    # -- what is read

    def _test_of(self, load: ast.Name) -> ast.Compare | None:
        """``name is None``, or ``is not``."""
        test = self.parents[load]
        if isinstance(test, ast.Compare) and test.left is load and len(test.ops) == 1:
            by_identity = isinstance(test.ops[0], ast.Is | ast.IsNot)
            return test if by_identity and is_none(test.comparators[0]) else None
        return None

    def _raises(self, load: ast.Name) -> bool:
        """Whether Python raises an exception where this is None, or returns it."""
        match self.parents[load]:
            case ast.BinOp() | ast.UnaryOp(op=ast.USub()) | ast.Return():
                return True
            case ast.Subscript() | ast.Attribute():
                return True
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
                return iterable is load
            case ast.Compare(ops=signs):
                return all(isinstance(sign, _ORDER) for sign in signs)
            case ast.Call(func=ast.Name(id=name)):
                return name in _OF_NUMBERS
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                return name in _MODULES
        return False

    def _is_guarded(self, load: ast.Name) -> bool:
        """Whether what has been asked, or assigned, says that it is not None."""
        inner: ast.AST = load
        for outer in self._around(load):
            match outer:
                case ast.If() | ast.While():
                    if inner in outer.body and self._holds(outer.test, True):
                        return not self._ends_in(outer.body)
                    if inner in outer.orelse and self._holds(outer.test, False):
                        return not self._ends_in(outer.orelse)
                case ast.IfExp():
                    if inner is outer.body and self._holds(outer.test, True):
                        return True
                    if inner is outer.orelse and self._holds(outer.test, False):
                        return True
                case ast.BoolOp(op=sign, values=values):
                    before = values[: values.index(inner)]  # type: ignore[arg-type]
                    both = isinstance(sign, ast.And)
                    if any(self._holds(one, both) for one in before):
                        return True
            if isinstance(inner, ast.stmt) and self._is_given_before(inner):
                return True
            inner = outer
        return False

    def _holds(self, test: ast.expr, outcome: bool) -> bool:
        """Whether the name is no None where the test has this outcome."""
        match test:
            case ast.Compare() if test in self.tests:
                return isinstance(test.ops[0], ast.IsNot) is outcome
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare() as operand):
                return self._holds(operand, not outcome)
            case ast.BoolOp(op=sign, values=values):
                sure = isinstance(sign, ast.And) is outcome
                plain = [one for one in values if not isinstance(one, ast.BoolOp)]
                return sure and any(self._holds(one, outcome) for one in plain)
        return False

    def _ends_in(self, body: Sequence[ast.stmt]) -> bool:
        """Whether the name becomes None in there."""
        inside = {node for one in body for node in ast.walk(one)}
        return any(self._is_nothing(one) for one in self.stores if one in inside)

    def _is_given_before(self, statement: ast.stmt) -> bool:
        """Whether a statement in front of it, in the same block, gives it a value."""
        block = self._block(statement)
        before = block[: block.index(statement)]
        given = [
            one
            for one in self.stores
            if not self._is_nothing(one) and self._statement(one) in before
            if not isinstance(self._statement(one), ast.For)
        ]
        return bool(given) and not self._ends_in(before)

    # -- the tree

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node is not self.function:
            node = self.parents[node]
            yield node

    def _statement(self, node: ast.AST) -> ast.stmt:
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def _block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements that it stands among."""
        for _, field in ast.iter_fields(self.parents[statement]):
            if isinstance(field, list) and statement in field:
                return field
        return [statement]

    # -- written with a flag

    def write(self, flag: str) -> None:
        """Have the flag say whether the name is None."""
        for load in self.loads:
            if self._is_guarded(load):
                setattr(load, SURE, True)
        for test in self.tests:
            asked: ast.expr = ast.Name(flag, ast.Load())
            if isinstance(test.ops[0], ast.Is):
                asked = ast.UnaryOp(ast.Not(), asked)
            self._replace(test, _placed(asked, test))
        for store in self.stores:
            statement = self._statement(store)
            nothing = self._is_nothing(store)
            given: ast.expr = ast.Constant(False)
            if not nothing:  # what a function returns may be None all the same
                own = ast.Name(self.name, ast.Load())
                given = ast.Compare(own, [ast.IsNot()], [ast.Constant(None)])
            setting = ast.Assign([ast.Name(flag, ast.Store())], given)
            block = self._block(statement)
            at = block.index(statement)
            if isinstance(statement, ast.For):
                statement.body.insert(0, _placed(setting, statement.target))
            elif nothing:
                block[at] = _placed(setting, statement)
            elif not isinstance(statement, ast.AugAssign):
                block.insert(at + 1, _placed(setting, statement))

    def _replace(self, old: ast.expr, new: ast.expr) -> None:
        parent = self.parents[old]
        for name, field in ast.iter_fields(parent):
            if field is old:
                setattr(parent, name, new)
            elif isinstance(field, list) and old in field:
                field[field.index(old)] = new


def _placed(new: _Node, old: ast.AST) -> _Node:
    for node in ast.walk(new):
        ast.copy_location(node, old)
    return new


def _is_value(value: ast.expr | None) -> bool:
    """Whether no part of it is written None, but to ask for it, and in an index."""
    if value is None:
        return False
    inside = list(ast.walk(value))
    asked: list[ast.AST] = []
    for node in inside:
        if isinstance(node, ast.Compare):
            asked += node.comparators
        elif isinstance(node, ast.Subscript):  # x[None, :] has one axis more
            asked += ast.walk(node.slice)
    return not any(is_none(node) and node not in asked for node in inside)
