"""The statements of Python functions, and calls: functions are written out in place."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import cast

from adjoint.frontend.arrays import list_methods, lists
from adjoint.frontend.arrays.access import as_array
from adjoint.frontend.arrays.aliases import check_change, own, own_value, rebind
from adjoint.frontend.arrays.holders import note_outside
from adjoint.frontend.arrays.stores import accumulate, augment, check_elements
from adjoint.frontend.function import dictionaries
from adjoint.frontend.function.attribute_changes import SetPart, set_part
from adjoint.frontend.function.calls import bound_arguments, check_depth, named_defaults
from adjoint.frontend.function.control_flow import (
    BROKE,
    CONTINUED,
    RAISED,
    RESULT,
    RETURNED,
)
from adjoint.frontend.function.exceptions import (
    exception_text,
    literal_text,
    only_raises,
)
from adjoint.frontend.function.file_scope import imported
from adjoint.frontend.function.flow import Liveness, always_exits, returns_nothing
from adjoint.frontend.function.loops import Loops
from adjoint.frontend.function.none_first import SURE, key_of
from adjoint.frontend.function.numpy_statements import AddAt
from adjoint.frontend.function.plain_statements import plain_body
from adjoint.frontend.function.unpacking import no_target
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    NONE,
    Builtin,
    Function,
    Item,
    Refused,
    is_list,
)
from adjoint.frontend.python.names import (
    assigned_names,
    changes_arrays,
    changing_inside,
    changing_names,
)
from adjoint.frontend.python.nodes import binary_node, check_operator, convert
from adjoint.frontend.python.refusals import statement_refusal
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value

#: Branches nest no deeper by what follows an early exit.
_DEEPEST_NEST = 12
#: Stands for the item in ``x[i] += ...``; no user's name has a sign.
_OLD_ITEM = "%item"


class Frame(Loops):
    """Lowers one call of one function."""

    def run(self, function: Function, arguments: Mapping[str, Item]) -> Item:
        """What the function returns for these arguments."""
        node = function.node
        self._begin(arguments)
        self.kept = tuple(function.defaults.values())
        for default in self.kept:
            note_outside(self.context, default)
        if isinstance(node, ast.Lambda):
            self.local_names = frozenset([*arguments, *assigned_names([node.body])])
            self.depth = self.builder.depth
            return own(self, self.item(node.body), node.body)
        flagged = self.context.none_first.get(key_of(node), frozenset())
        body = plain_body(node, function.text, flagged)
        self.local_names = frozenset([*arguments, *assigned_names(body)])
        if flagged:
            nodes = [one for statement in body for one in ast.walk(statement)]
            sure = [one for one in nodes if hasattr(one, SURE)]
            self.sure = frozenset(map(function.text.start, sure))
        self._lower(body)
        return self._returned(node, body)

    def run_statements(
        self, statements: Sequence[ast.stmt], names: Mapping[str, Item]
    ) -> Item:
        """What statements return, that end with a ``return``, with these names."""
        self._begin(names)
        self.local_names = frozenset([*names, *assigned_names(statements)])
        self._lower(statements)
        return self.env[RESULT]

    def _lower(self, statements: Sequence[ast.stmt]) -> None:
        self.flow = Liveness(statements)
        self.changing = changing_names(statements)
        self.changing_inside = changing_inside(statements)
        self.context.stores |= changes_arrays(statements)
        self.context.frames.append(self)
        self.block(statements)
        self.context.frames.pop()

    def _returned(self, node: ast.FunctionDef, body: Sequence[ast.stmt]) -> Item:
        if RESULT not in self.env:
            return self.builder.constant(float("nan")) if RAISED in self.env else NONE
        item = self.env[RESULT]
        returned = self.env[RETURNED].number is True or always_exits(body)
        if isinstance(item, Refused):
            raise self.problem(node, item.message, "return the same on every path")
        if not returned and item is not NONE:
            message = f"`{node.name}` may end without a `return`"
            raise self.problem(node, message, "return a number on every path")
        return item

    # -- calls

    def inlined(self, call: Call, function: Function) -> Item:
        """The result of a function of the user's, lowered here."""
        check_depth(call, function)
        bound = bound_arguments(call, function)
        context = self.context
        place = None if function.text is context.text else self.where(call.node)
        frame = Frame(context, function.text, function.scope, function.frame, place)
        context.active.append((function.node, self.builder.depth))
        result = frame.run(function, bound)
        context.active.pop()
        return result

    # -- blocks of statements

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Lower statements, up to where nothing goes on."""
        for at, statement in enumerate(body):
            self.depth = self.builder.depth
            if isinstance(statement, ast.If):
                if self._if(statement, body[at + 1 :]):
                    return
            else:
                self._statement(statement)
            if self.waits():
                self._return_from_loop(statement, body[at + 1 :])
                return
            if at + 1 < len(body) and self.left() is not None:
                self._rest(statement, body[at + 1 :])
                return

    def _rest(self, statement: ast.stmt, rest: Sequence[ast.stmt]) -> None:
        """Lower what follows a statement that may have left the block.

        It is one branch; branch after branch where these would nest too deep.
        """
        where = self.where(statement)
        if self.builder.depth < _DEEPEST_NEST:
            live = self.flow.after[rest[-1]]
            self.unless_left(lambda: self.block(rest), live, where)
            return
        for one in rest:
            live = self.flow.after[one]
            self.unless_left(lambda one=one: self.block([one]), live, where)  # type: ignore[misc]

    def _return_from_loop(self, loop: ast.stmt, rest: Sequence[ast.stmt]) -> None:
        """Lower the ``return`` of a loop behind it, or else what follows the loop."""
        statement, left = self.waiting, self.env.pop(RETURNED)
        assert statement is not None and isinstance(loop, (ast.For, ast.While))
        if left.number is not None:
            self.block([statement])
            return
        nested = self.builder.depth < _DEEPEST_NEST
        inner = rest if nested else ()
        live = self.flow.after[inner[-1] if inner else loop]
        where = self.where(statement)

        def go_on() -> None:
            self.finish(loop)  # whose `else` may return as well
            self.unless_left(lambda: self.block(inner), live, where)

        self.branch(left, lambda: self.block([statement]), go_on, live, where)
        if rest and not nested:
            self._rest(loop, rest)

    def _statement(self, node: ast.stmt) -> None:
        visit = getattr(self, "_" + type(node).__name__, None)
        if visit is None:
            message, hint = statement_refusal(node)
            raise self.problem(node, message, hint)
        self.behind = self.flow.after[node] | self.carried
        visit(node)

    def _if(self, node: ast.If, rest: Sequence[ast.stmt]) -> bool:
        """Lower a branch; True if what follows it was lowered within it."""
        where = self.where(node)
        condition = self.condition(node.test)
        if condition.number is not None:
            self.block(node.body if condition.number else node.orelse)
            return False
        if only_raises(node.body):
            holds = self.builder.emit("not", condition, where=where)
            self.builder.guard(holds, exception_text(self, node.body[0]), where)
            self.block(node.orelse)
            return False
        if only_raises(node.orelse):
            self.builder.guard(condition, exception_text(self, node.orelse[0]), where)
            self.block(node.body)
            return False
        then, orelse = list(node.body), list(node.orelse)
        exits = always_exits(then), always_exits(orelse)
        nested = bool(rest) and any(exits) and self.builder.depth < _DEEPEST_NEST
        if nested:
            (orelse if exits[0] else then).extend(rest)
        live = self.flow.after[rest[-1] if nested else node]
        self.branch(
            condition,
            lambda: self.block(then),
            lambda: self.block(orelse),
            live,
            where,
        )
        return nested or all(exits)

    # -- one method a type of statement

    def _Pass(self, node: ast.Pass) -> None:
        pass

    def _Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):  # a docstring
            return
        self.discarded = self.text.start(node.value)
        self.item(node.value)
        self.discarded = -1

    def _Assign(self, node: ast.Assign) -> None:
        self._assigned_value(node.value, node.targets)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assigned_value(node.value, [node.target])

    def _assigned_value(self, value: ast.expr, targets: Sequence[ast.expr]) -> None:
        names = assigned_names(targets)
        self.changes = not self.changing.isdisjoint(names)
        single = len(targets) == 1 and isinstance(targets[0], ast.Name)
        self.assigned = next(iter(names)) if single else None
        item = own(self, self.item(value), value)
        changes, self.changes, self.assigned = self.changes, False, None
        if changes:
            shared = len(targets) > 1 or isinstance(value, ast.Name)
            item = lists.changeable(self, value, item, shared)
        for target in targets:
            self.assign(target, item)

    def _SetPart(self, node: SetPart) -> None:
        set_part(self, node)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        target = node.target
        check_operator(node.op, node, self.text)
        if isinstance(target, ast.Subscript):
            self._augment_item(node, target)
            return
        if not isinstance(target, ast.Name):
            raise no_target(self, target)
        old = self.env.get(target.id)
        if is_list(old):
            self._augment_list(node, target.id, old)
            return
        place = self.text.start(target), self.text.end(target)
        left = Node("name", target.id, (), *place)
        combined = binary_node(node.op, left, convert(node.value, self.text))
        new = self.value(combined)
        if isinstance(old, Value) and old.type.rank and isinstance(new, Value):
            check_elements(self, node, target.id, old, new)
            new = own_value(self, new)  # an array changes under all of its names
            check_change(self, node, target.id, old, self.behind)
            rebind(self, target.id, old, new)
            return
        self.bind(target.id, new)

    def _AddAt(self, node: AddAt) -> None:
        function = self.item(node.function)
        if not isinstance(function, Builtin) or function.module != "numpy":
            message = "only the functions `add` and `subtract` of NumPy have an `at`"
            raise self.problem(node.function, message)
        target = cast(ast.Subscript, node.target)
        value = as_array(self, node.value, self.item(node.value))
        if isinstance(node.op, ast.Sub):
            value = self.builder.emit("neg", value, where=self.where(node))
        accumulate(self, target, value)

    def _augment_list(self, node: ast.AugAssign, name: str, old: Item) -> None:
        """``s += more``, which changes the list; nothing else does."""
        if not isinstance(node.op, ast.Add):
            message = f"`{name}` is a list, and is changed here in a way not supported"
            raise self.problem(node, message, f"write `{name} = {name} ...`")
        list_methods.extend(self, node, name, old, self.item(node.value))

    def _augment_item(self, node: ast.AugAssign, target: ast.Subscript) -> None:
        """``x[i] += ...``; Python reads the old item first."""

        def combine(old: Value) -> Value:
            place = self.text.start(target), self.text.end(target)
            left = Node("name", _OLD_ITEM, (), *place)
            self.env[_OLD_ITEM] = old
            combined = binary_node(node.op, left, convert(node.value, self.text))
            value = self.value(combined)
            del self.env[_OLD_ITEM]
            return value

        if dictionaries.is_entry(self, target):
            dictionaries.augment(self, target, combine)
        else:
            augment(self, target, combine)

    def _Return(self, node: ast.Return) -> None:
        if node is self.postponed:
            self.leave(RETURNED)
            return
        item: Item = NONE
        if not returns_nothing(node):
            expression = cast(ast.expr, node.value)
            item = own(self, self.item(expression), expression)
        self.env[RESULT] = item
        self.leave(RETURNED)

    def _Break(self, node: ast.Break) -> None:
        self.leave(BROKE)

    def _Continue(self, node: ast.Continue) -> None:
        self.leave(CONTINUED)

    def _Raise(self, node: ast.Raise) -> None:
        never = self.builder.constant(False)
        self.builder.guard(never, exception_text(self, node), self.where(node))
        self.leave(RAISED)

    def _Assert(self, node: ast.Assert) -> None:
        where = self.where(node)
        condition = self.condition(node.test)
        text = "AssertionError"
        if node.msg is not None:
            text = f"AssertionError({literal_text(self, node.msg)})"
        if condition.number is None or not condition.number:
            self.builder.guard(condition, text, where)
        if condition.number is not None and not condition.number:
            self.leave(RAISED)

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            message = "decorators are not supported"
            raise self.problem(node.decorator_list[0], message, "leave it out")
        arguments = node.args
        given = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        items = tuple([own(self, self.item(default), default) for default in given])
        defaults = named_defaults(arguments, items)
        function = Function(node.name, node, self.text, self.scope, self, defaults)
        self.bind(node.name, function)

    def _Import(self, node: ast.Import) -> None:
        self._imported(node)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        self._imported(node)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, item in imported(node, self.text, self).items():
            self.env[name] = item
