"""Who holds an instance of a dataclass that changes: its one name, and nothing else.

An instance changes for all that hold it. It may change where the text says that nothing
but a name of this function does: the name is assigned only what a call of the class, or
`dataclasses.replace`, has made; its parts are read; and it is handed to functions and
methods alone that do nothing but read its parts. All else may keep it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adjoint.errors import SourceError
from adjoint.frontend.function import builtins
from adjoint.frontend.python.items import (
    BROUGHT,
    Builtin,
    Function,
    Item,
    Module,
    RecordClass,
    Scope,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.names import SCOPES, assigned_names, inside, read_names

#: Functions that go through a generator at once.
_AT_ONCE = frozenset(("sum", "any", "all", "min", "max", "list", "tuple", "sorted"))
#: What has texts that are no names of variables.
_NO_NAMES = (ast.Attribute, ast.Constant, ast.keyword)

REPLACE = Builtin("dataclasses", "replace")


@dataclass
class Uses:
    """What a function does with a name: all of it, or where it does something else.

    ``made`` are the calls that give what is assigned, ``read`` the parts or methods,
    each with whether it is called, ``given`` the calls that it is an argument of, with
    its place or name. ``at_once`` are the functions that go through generators it is
    read in, ``bound`` all names that are bound somewhere. ``other`` is the first use
    that may let something else hold it.
    """

    name: str
    made: list[ast.Call] = field(default_factory=list)
    read: list[tuple[ast.Attribute, bool]] = field(default_factory=list)
    given: list[tuple[ast.Call, int | str]] = field(default_factory=list)
    at_once: list[ast.Name] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    other: ast.AST | None = None


def uses_of(name: str, nodes: Sequence[ast.AST], ends: bool) -> Uses:
    """What statements, and the parameters beside them, do with a name.

    ``ends`` says whether what is returned may be it: nothing changes it behind that.
    """
    found = Uses(name)
    for whole in nodes:
        parents: dict[ast.AST, ast.AST] = {}
        for node in _read_for(whole, name, parents):
            if not _note(node, parents, found, ends) and found.other is None:
                found.other = node
    return found


def _read_for(
    whole: ast.AST, name: str, parents: dict[ast.AST, ast.AST]
) -> Iterator[ast.AST]:
    """The node and all nodes inside, and their parents.

    Without functions inside that have a name of their own of this kind.
    """
    pending = [whole]
    while pending:
        node = pending.pop()
        if not _has_its_own(node, name):
            yield node
            children = list(ast.iter_child_nodes(node))
            parents.update(dict.fromkeys(children, node))
            pending += reversed(children)


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What a node stands in, the innermost first."""
    while node in parents:
        node = parents[node]
        yield node


def _has_its_own(node: ast.AST, name: str) -> bool:
    """Whether it is a function that binds the name for itself."""
    if not isinstance(node, ast.FunctionDef):
        return False
    outside = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    apart = [one for part in node.body for one in inside(part)]
    if name == node.name or name in set().union(*map(read_names, outside)):
        return False
    if any(isinstance(one, ast.Nonlocal | ast.Global) for one in apart):
        return False
    own = {one.arg for one in inside(node.args) if isinstance(one, ast.arg)}
    return name in own or name in assigned_names(node.body)


def _note(
    node: ast.AST, parents: dict[ast.AST, ast.AST], found: Uses, ends: bool
) -> bool:
    """Note what a node does with the name; False where it may be held by another."""
    if isinstance(node, ast.arg):
        found.bound.add(node.arg)
    if not isinstance(node, ast.Name):
        return isinstance(node, _NO_NAMES) or found.name not in _texts(node)
    if isinstance(node.ctx, ast.Store):
        found.bound.add(node.id)
    if node.id != found.name:
        return True
    above = tuple(_around(node, parents))
    for one, around in zip(above, (*above[1:], None), strict=True):
        if isinstance(one, SCOPES):
            return False
        if isinstance(one, ast.GeneratorExp):
            function = getattr(around, "func", None)
            if not isinstance(function, ast.Name) or function.id not in _AT_ONCE:
                return False  # it may be gone through later
            found.at_once.append(function)
    if isinstance(node.ctx, ast.Store):
        return _note_made(node, above, found)
    if ends and any(isinstance(one, ast.Return) for one in above):
        return True
    match above:
        case (ast.Attribute() as part, over, *_):
            found.read.append((part, isinstance(over, ast.Call) and over.func is part))
            return isinstance(part.ctx, ast.Load) or sets_part(over)
        case (ast.keyword(arg=str(to)), ast.Call() as call, *_):
            found.given.append((call, to))
        case (ast.Call(args=arguments) as call, *_) if node in arguments:
            found.given.append((call, arguments.index(node)))
        case _:
            return False
    return isinstance(node.ctx, ast.Load)


def _note_made(node: ast.Name, above: tuple[ast.AST, ...], found: Uses) -> bool:
    """Note what an assignment gives the name: what a call has made, or nothing."""
    match above:
        case (ast.Assign(targets=[_], value=ast.Call() as call), *_):
            found.made.append(call)
        case (ast.AnnAssign(target=target, value=ast.Call() as call), *_):
            found.made.append(call)
            return target is node
        case (ast.AnnAssign(value=None), *_):
            pass
        case _:
            return False
    return True


def sets_part(statement: ast.AST) -> bool:
    """Whether it is ``name.x = ...``, or ``name.x += ...``, and nothing more."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(ast.Name())]):
            return True
        case ast.AugAssign(target=ast.Attribute(ast.Name())):
            return True
    return False


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts in a node, which may be names that it binds."""
    for _, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str):
                yield one


# -- with what names mean


@dataclass(frozen=True)
class Holders:
    """Looks for what else may hold an instance of ``kind``."""

    kind: RecordClass
    lowering: FunctionLowering

    def another(self, uses: Uses) -> ast.AST | None:
        """Where something else may come to hold what the name does; None for nowhere.

        It is a name of the function that is lowered.
        """
        scope, local = self.lowering.scope, {*_local_names(self.lowering), *uses.bound}
        if uses.other is not None:
            return uses.other
        for call in uses.made:
            made = self._meant(call.func, scope, frozenset(local))
            is_class = isinstance(made, RecordClass) and made.data
            if not is_class and made != REPLACE:
                return call
        return self._kept(uses, scope, frozenset(local), frozenset())

    def _kept(
        self,
        uses: Uses,
        scope: Scope,
        local: frozenset[str],
        known: frozenset[tuple[ast.AST, str]],
    ) -> ast.AST | None:
        """As `another`, of what is read, and what it is handed to."""
        for name in uses.at_once:
            if name.id in local or scope.find(name.id, self.lowering, name):
                return name
        for part, called in uses.read:
            method = self.kind.methods.get(part.attr)
            if part.attr in self.kind.fields:
                continue
            at_once = called or part.attr in self.kind.properties
            if method is None or not at_once or not self._reads(method, 0, known):
                return part
        for call, to in uses.given:
            function = self._meant(call.func, scope, local)
            copied = function == REPLACE and to == 0
            if copied and not isinstance(call.args[0], ast.Starred):
                continue
            plain = not any(isinstance(one, ast.Starred) for one in call.args)
            if not (plain and isinstance(function, Function)):
                return call
            if not self._reads(function, to, known):
                return call
        return None

    def _reads(
        self, function: Function, to: int | str, known: frozenset[tuple[ast.AST, str]]
    ) -> bool:
        """Whether a function does nothing but read the parts of this argument."""
        node = function.node
        arguments = [*node.args.posonlyargs, *node.args.args]
        if isinstance(to, int):
            if to >= len(arguments):
                return False
            to = arguments[to].arg
        if (node, to) in known:
            return True
        body = node.body if isinstance(node.body, list) else [node.body]
        uses = uses_of(to, body, ends=False)
        if function.frame is not None or function.kept:
            return False
        if uses.other is not None or uses.made:
            return False
        own = {one.arg for one in inside(node.args) if isinstance(one, ast.arg)}
        local = frozenset(own | uses.bound) | assigned_names(body).keys()
        within = {(node, to)} | known
        return self._kept(uses, function.scope, local, frozenset(within)) is None

    def _meant(
        self, expression: ast.expr, scope: Scope, local: frozenset[str]
    ) -> Item | None:
        """What a name of a module stands for, as in ``model.State``; else None."""
        match expression:
            case ast.Name(name) if name not in local:
                try:
                    return scope.find(name, self.lowering, expression)
                except SourceError:  # what it is assigned is not known
                    return None
            case ast.Attribute(of, name):
                module = self._meant(of, scope, local)
                if isinstance(module, Module) and module.name in BROUGHT:
                    builder = self.lowering.builder
                    return builtins.of_module(builder, module.name, name)
                if isinstance(module, Module) and module.scope is not None:
                    return module.scope.find(name, self.lowering, expression)
        return None


def _local_names(lowering: FunctionLowering) -> Iterator[str]:
    """The names of a call, and of those around it that it was defined in."""
    frame: FunctionLowering | None = lowering
    while frame is not None:
        yield from (*frame.local_names, *frame.env)
        frame = frame.frame
