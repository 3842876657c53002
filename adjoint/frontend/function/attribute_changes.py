"""``state.x = ...``: the name stands for an instance with this part from then on.

That is what Python does where nothing else holds the instance; all else is refused.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from adjoint.errors import SourceError
from adjoint.frontend.arrays.aliases import own
from adjoint.frontend.function.flow import statements_in
from adjoint.frontend.function.holders_of_instances import (
    Holders,
    Uses,
    sets_part,
    uses_of,
)
from adjoint.frontend.python.items import (
    Item,
    Record,
    Refused,
    is_instance,
    is_list,
    tuple_of,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.names import assigned_names
from adjoint.ir.program import Value


class SetPart(ast.Assign):
    """``name.part = given``, as an assignment to the name of what it is read for.

    ``before`` reads the name; ``uses`` is what the function does with it, ``written``
    the statement itself.
    """

    name: str
    part: str
    given: ast.expr
    before: ast.expr
    uses: Uses
    written: ast.Assign | ast.AugAssign


def with_parts_set(
    body: Sequence[ast.stmt], arguments: ast.arguments
) -> list[ast.stmt]:
    """The statements of a function, with a `SetPart` for each that is one."""
    own_names = {one.arg for one in ast.walk(arguments) if isinstance(one, ast.arg)}
    own_names |= assigned_names(body).keys()
    names = {_set(one)[0] for one in statements_in(body) if sets_part(one)} & own_names
    uses = {name: uses_of(name, [*body, arguments], ends=True) for name in names}
    return _written(body, uses) if uses else list(body)


def _written(body: Sequence[ast.stmt], uses: dict[str, Uses]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for one in body:
        if isinstance(one, ast.If | ast.For | ast.While):
            one = copy.copy(one)
            one.body, one.orelse = _written(one.body, uses), _written(one.orelse, uses)
        elif isinstance(one, ast.Assign | ast.AugAssign) and sets_part(one):
            name, part = _set(one)
            one = _set_part(one, part, uses[name]) if name in uses else one
        found.append(one)
    return found


def _set(statement: ast.AST) -> tuple[str, str]:
    """The name and the part in ``name.part = ...``."""
    assert isinstance(statement, ast.Assign | ast.AugAssign)
    single = isinstance(statement, ast.AugAssign)
    target = statement.target if single else statement.targets[0]  # type: ignore[union-attr]
    assert isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    return target.value.id, target.attr


def _set_part(statement: ast.Assign | ast.AugAssign, part: str, uses: Uses) -> SetPart:
    before = ast.Attribute(ast.Name(uses.name, ast.Load()), part, ast.Load())
    given = statement.value
    if isinstance(statement, ast.AugAssign):
        given = ast.BinOp(before, statement.op, statement.value)
    target, reads = ast.Name(uses.name, ast.Store()), ast.Call(before, [given], [])
    made = SetPart([target], reads)
    made.name, made.part, made.given, made.uses = uses.name, part, given, uses
    made.before, made.written = before.value, statement
    place = _target(statement)
    for one in (before, before.value, target):
        ast.copy_location(one, place)
    for whole in (made, reads) if given is statement.value else (made, reads, given):
        ast.copy_location(whole, statement)
    return made


def _target(statement: ast.Assign | ast.AugAssign) -> ast.expr:
    if isinstance(statement, ast.AugAssign):
        return statement.target
    return statement.targets[0]


def set_part(lowering: FunctionLowering, node: SetPart) -> None:
    """Let the name stand for the instance with this part.

    Raises SourceError where anything else may hold it as well.
    """
    target = _target(node.written)
    before = lowering.env.get(node.name)
    if before is None or isinstance(before, Refused):
        before = lowering.item(node.before)  # which says what is wrong
    if not isinstance(before, Record) or not before.kind.data:
        raise no_attribute(lowering, target)
    _check_part(lowering, target, before, node)
    other = Holders(before.kind, lowering).another(node.uses)
    if other is not None:
        raise _held(lowering, target, node, other)
    item = own(lowering, lowering.item(node.given), node.given)
    before = lowering.item(node.before)  # as Python does: behind what it is given
    parts = {**dict(zip(before.kind.fields, before, strict=True)), node.part: item}
    lowering.bind(node.name, tuple_of(before.kind, parts.values()))


def _check_part(
    lowering: FunctionLowering, target: ast.expr, before: Record, node: SetPart
) -> None:
    kind = before.kind
    if kind.frozen:
        message = f"`{kind.name}` is frozen, and a part of one is changed here"
        raise lowering.problem(target, message, _instead(node.name, node.part))
    if node.part not in kind.fields:
        message = f"`{kind.name}` has no part `{node.part}`"
        hint = f"it has: {', '.join(kind.fields)}"
        raise lowering.problem(target, message, hint)
    old = before[kind.fields.index(node.part)]
    if isinstance(node.written, ast.AugAssign) and _changes_itself(old):
        message = f"`{node.name}.{node.part}` is changed in place here"
        whole = f"{node.name}.{node.part}"
        raise lowering.problem(target, message, f"write `{whole} = {whole} ...`")


def _changes_itself(item: Item) -> bool:
    """Whether ``+=`` changes it, for all that hold it."""
    return is_list(item) or (isinstance(item, Value) and item.type.rank > 0)


def _held(
    lowering: FunctionLowering, target: ast.expr, node: SetPart, other: ast.AST
) -> SourceError:
    """The error for an instance that something else may hold."""
    name = node.name
    if isinstance(other, ast.arg):
        message = f"`{name}` is the caller's, and a part of it is changed here"
        hint = f"change one of its own: `own = dataclasses.replace({name})`"
        return lowering.problem(target, message, hint)
    line = getattr(other, "lineno", 1)
    held = lowering.text.source.text.splitlines()[line - 1].strip()
    message = f"`{name}` changes here, and something else may hold it: `{held}`"
    hint = f"make one of its own in line {line}: `dataclasses.replace(...)`"
    return lowering.problem(target, message, hint)


def no_attribute(lowering: FunctionLowering, target: ast.expr) -> SourceError:
    """The error for ``name.x = ...`` of what is no instance that may change."""
    message, hint = "attributes cannot be assigned to", "use a plain name"
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        name = target.value.id
        item = lowering.env.get(name)
        if is_instance(item):
            hint = f"write a statement for each: `{name}.{target.attr} = ...`"
        elif isinstance(item, Record):
            hint = f"write `{name} = {name}._replace({target.attr}=...)`"
    return lowering.problem(target, message, hint)


def _instead(name: str, part: str) -> str:
    return f"write `{name} = dataclasses.replace({name}, {part}=...)`"
