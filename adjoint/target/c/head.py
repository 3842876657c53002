"""The head of a function in C: its parameters, and where its results go."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adjoint.errors import OptionError
from adjoint.ir.names import Names
from adjoint.ir.program import Program, Value
from adjoint.target.c.expressions import ELEMENTS, FLOAT, INT, LIST, MATRIX
from adjoint.target.c.lists import Given, list_and_indices
from adjoint.target.python import Function

_LISTS: Final = {1: LIST, 2: MATRIX}
#: What the array of the results is called, by the kind of the derivative.
_OUT: Final = {
    "value_and_grad": "grad",
    "grad": "grad",
    "jacobian": "jacobian",
    "hessian": "hessian",
    "hvp": "product",
}


@dataclass(frozen=True)
class Out:
    """Where a result goes: a number to a ``place``, so many numbers behind it."""

    place: str
    size: str = ""


@dataclass
class Head:
    """What a function takes and gives.

    The parameters have their ``names`` in C and their ``types``, by their names in the
    text; of those in ``given`` the numbers stay where the caller has them, and of the
    lists in ``copied`` the function has a copy. Where it ``returns``, that is the first
    result, and all others go to ``outs``; all do, otherwise.
    """

    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    copied: dict[str, Given] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    returns: bool = False
    outs: list[Out] = field(default_factory=list)
    out: str = ""  # the names of what is written to


def returns_first(function: Function) -> bool:
    """Whether the function returns its first result, and does not write it."""
    first, *others = function.program.results
    return not first.type.rank and (function.values == 1 or not others)


def type_of_out(program: Program) -> str:
    """The type of the array of the results: the places of entries are whole numbers."""
    places = all(
        value.literal and type(value.number) is int for value in program.results
    )
    return INT if places else FLOAT


def head_of(
    function: Function,
    body: list[ast.stmt],
    constants: Mapping[str, Given],
    names: Names,
) -> Head:
    """The head of the function with this body; new ``names`` are taken.

    The lists that are ``constants`` are read as those of the caller's are.

    Raises OptionError for what C has not: lists of other types, results of a length
    that the caller does not know.
    """
    program = function.program
    head = Head(returns=returns_first(function))
    lists = constants or any(one.type.rank for one in program.parameters)
    read = names_of_read_only(body) if lists else set()
    lengths: dict[object, str] = {}
    for name, parameter in zip(
        program.parameter_names, program.parameters, strict=True
    ):
        if parameter.type.rank:
            _take_list(head, name, parameter, name in read, names, lengths)
            continue
        head.names[name] = names.take(name, f"{name}_")
        head.types[name] = ELEMENTS[parameter.type.element]
        head.declared.append(f"{head.types[name]} {head.names[name]}")
    for name, given in constants.items():
        head.types[name] = _LISTS[len(given.lengths)]
        (head.given if name in read else head.copied)[name] = given
        head.names[name] = name if name in read else names.take(f"{name}_copy")
    results = program.results[1:] if head.returns else program.results
    if any(value.type.rank for value in program.results):
        _give_lists(head, program, results, names, lengths)
    elif results:
        head.out = names.take(_out_of(program))
        head.outs = [Out(f"{head.out}[{at}]") for at in range(len(results))]
        head.declared.append(f"{type_of_out(program)} {head.out}[{len(results)}]")
    return head


def _take_list(
    head: Head,
    name: str,
    parameter: Value,
    read: bool,
    names: Names,
    lengths: dict[object, str],
) -> None:
    """A list: where its first number is, and how many there are along each axis."""
    kind = parameter.type
    if kind.rank not in _LISTS or (kind.element != "float" and not read):
        raise OptionError(f"{name} is {kind}, which the target c does not read")
    at = names.take(*([name] if read else []), f"{name}_given")
    own = [names.take(f"{name}_{word}") for word in ("length", "columns")[: kind.rank]]
    element = ELEMENTS[kind.element]
    given = Given(at, tuple(own), element)
    lengths.update(zip(parameter.shape, own, strict=True))
    head.types[name] = _LISTS[kind.rank]
    (head.given if read else head.copied)[name] = given
    head.names[name] = at if read else names.take(name)
    head.declared += [f"const {element} *{at}", *[f"{INT} {length}" for length in own]]


def _give_lists(
    head: Head,
    program: Program,
    results: Sequence[Value],
    names: Names,
    lengths: Mapping[object, str],
) -> None:
    """A parameter for each result: where its numbers are written."""
    base = _out_of(program)
    given = []
    for at, value in enumerate(results, 1):
        of = value.adjoint_of
        named = of is not None and of in program.parameters
        word = of.name if named and of is not None else str(at)
        name = names.take(f"{base}_{word}" if len(results) > 1 or named else base)
        given.append(name)
        head.declared.append(f"{FLOAT} *{name}")
        if not value.type.rank:
            head.outs.append(Out(f"*{name}"))
            continue
        sizes = [_length(program, axis, lengths) for axis in value.shape]
        head.outs.append(Out(name, " * ".join(sizes)))
    head.out = ", ".join(given)


def _length(program: Program, axis: object, lengths: Mapping[object, str]) -> str:
    length = str(axis) if isinstance(axis, int) else lengths.get(axis)
    if length is None:
        raise OptionError(
            f"{program.name} returns a list whose length the caller does not know; "
            "that is not for target c"
        )
    return length


def _out_of(program: Program) -> str:
    """What the array of the results is called."""
    kind = program.name.removeprefix(f"{program.made_from}_")
    return _OUT.get(kind, "out")


# -- which lists are only read


def names_of_read_only(body: list[ast.stmt]) -> set[str]:
    """The names of which nothing but items and lengths is read, and copies made."""
    named: set[str] = set()
    otherwise: set[str] = set()
    for statement in body:
        for name, read_only in _uses(statement):
            (named if read_only else otherwise).add(name)
    return named - otherwise


def _uses(statement: ast.stmt) -> Iterator[tuple[str, bool]]:
    """The names that stand in a statement, and whether that is but to be read."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        inner = _read_from(node)
        if isinstance(inner, ast.Name):
            yield inner.id, True
            if isinstance(node, ast.Subscript):
                pending += list_and_indices(node)[1]
        elif isinstance(node, ast.Name):
            yield node.id, False
        else:
            pending += ast.iter_child_nodes(node)


def _read_from(node: ast.AST) -> ast.expr | None:
    """The list of which this reads an item, a length, or everything."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return list_and_indices(node)[0]
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and called.id in ("len", "columns", "list_copy"):
        assert isinstance(node, ast.Call)
        return node.args[0]
    return None
