"""Calls of the user's functions: how deep they go, and how they bind arguments."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence

from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Function, Item, Partial
from adjoint.frontend.syntax import Node

#: How deep calls may be nested, how deep in conditions a function may call itself, and
#: how many calls are written out.
_MAX_DEPTH = 200
_MAX_DYNAMIC_DEPTH = 40
_MAX_CALLS = 20_000
_RECURSION_HINT = (
    "recursion has to be decided by numbers that are known when the function is read: "
    'literals, or a parameter given by `static={"n": 3}`; otherwise write a loop'
)


def check_depth(call: Call, function: Function) -> None:
    """Raise SourceError where calls go too deep, or are too many."""
    context = call.lowering.context
    context.calls += 1
    depths = [depth for one, depth in context.active if one is function.node]
    name, now = f"`{function.name}`", call.lowering.builder.depth
    if now > _MAX_DYNAMIC_DEPTH and depths and depths[0] < now:
        message = f"the recursion of {name} is decided at run time"
    elif len(context.active) >= _MAX_DEPTH:
        message = f"the calls of {name} do not end here, {_MAX_DEPTH} calls deep"
    elif context.calls > _MAX_CALLS:
        message = f"more than {_MAX_CALLS} calls would be written out"
    else:
        return
    raise call.problem(message, _RECURSION_HINT)


def bound_arguments(call: Call, function: Function) -> dict[str, Item]:
    """The arguments by the names of the parameters, as Python binds them."""
    declared = function.node.args
    positional = [one.arg for one in [*declared.posonlyargs, *declared.args]]
    names = positional + [one.arg for one in declared.kwonlyargs]
    if declared.kwarg:
        message = f"`{function.name}` takes arguments by any name"
        raise call.problem(message, "name its parameters one by one")
    more = call.arguments[len(positional) :]
    if more and not declared.vararg:
        raise call.wrong_count(function.name, len(positional))
    only = {one.arg for one in declared.posonlyargs}
    by_name = [name for name in names if name not in only]
    given = given_arguments(call, function.name, positional, by_name)
    bound = {**function.defaults, **given}
    if declared.vararg:
        names.append(declared.vararg.arg)
        bound[declared.vararg.arg] = more
    return all_bound(call, function.name, names, bound)


def given_arguments(
    call: Call, callee: str, positional: Sequence[str], by_name: Collection[str]
) -> dict[str, Item]:
    """The arguments that a call gives, by the names of the parameters."""
    given = dict(zip(positional, call.arguments, strict=False))
    for name, item in call.keywords.items():
        if name not in by_name or name in given:
            wrong = " twice" if name in given else ", which it does not have"
            message = f"`{callee}` is given its parameter `{name}`{wrong}"
            raise call.problem(message)
        given[name] = item
    return given


def all_bound(
    call: Call, callee: str, names: Sequence[str], bound: Mapping[str, Item]
) -> dict[str, Item]:
    """What is bound to each name. Raises SourceError where there is nothing."""
    for name in names:
        if name not in bound:
            message = f"`{callee}` is called without its parameter `{name}`"
            raise call.problem(message)
    return {name: bound[name] for name in names}


def named_defaults(
    arguments: ast.arguments, items: tuple[Item, ...]
) -> dict[str, Item]:
    """The defaults by the names of their parameters, from their values in order."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    with_default += [one for one, default in pairs if default is not None]
    return {
        argument.arg: item for argument, item in zip(with_default, items, strict=True)
    }


def with_partial(
    node: Node, partial: Partial, arguments: tuple[Item, ...]
) -> tuple[Node, tuple[Item, ...]]:
    """The call of the function itself, and its arguments: those given before as well.

    An argument by name takes the place of that which was given by this name.
    """
    names: tuple[str, ...] = node.value  # type: ignore[assignment]
    at = len(arguments) - len(names)
    before = {
        one: partial.keywords[one] for one in partial.keywords if one not in names
    }
    callee, *parts = node.parts
    first = (callee,) * len(partial.arguments)
    middle = (callee,) * len(before)
    whole = (callee, *first, *parts[:at], *middle, *parts[at:])
    given = (*partial.arguments, *arguments[:at], *before.values(), *arguments[at:])
    return Node(node.kind, (*before, *names), whole, node.start, node.end), given
