"""Arrays under several names: what a store changes besides the name that it is to.

Two names that stand for one `Value` are two names of one array, as after ``y = x``. An
expression that makes a new array gives one of its own, also where its value is known
already (``x * 1.0``). A store is refused where a view of the array is read behind it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adjoint.frontend.arrays import numpy_functions
from adjoint.frontend.arrays.bases import (
    bases_of,
    behind,
    copies,
    is_new_list,
    same_list,
)
from adjoint.frontend.arrays.holders import (
    arrays_in,
    check_inside,
    parts_of,
    replaced,
    with_parts,
)
from adjoint.frontend.arrays.known_lists import made_of
from adjoint.frontend.python.item_shapes import leaves
from adjoint.frontend.python.items import (
    Builtin,
    Columns,
    Dictionary,
    Elements,
    Item,
    Module,
    Partial,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.python.names import augmented_names, changed_in_place
from adjoint.frontend.python.nodes import convert
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value

#: Functions of NumPy of which the result may be the array itself, or a view of it.
_VIEWS = frozenset(
    ("asarray", "ravel", "reshape", "transpose", "swapaxes", "moveaxis", "squeeze")
    + ("expand_dims", "broadcast_to", "diagonal", "diag", "flip", "flipud", "fliplr")
    + ("einsum", "matrix_power", "atleast_1d", "atleast_2d", "rot90")
)
#: The modules of which all other functions make new arrays.
_MAKING = frozenset(("numpy.linalg", "scipy.linalg", "scipy.special"))
#: What gives a list that has no other name.
_NEW = (ast.List, ast.ListComp)
_COMPUTING = frozenset(("operator", "unary", "binary", "power", "matmul"))
#: Of what arithmetic is made, beside the names of arrays.
_ARITHMETIC = _COMPUTING | {"number", "scalar"}
_PASSING = (ast.Name, ast.Attribute, ast.Subscript, ast.IfExp, ast.NamedExpr)


def own(lowering: FunctionLowering, item: Item, expression: ast.expr) -> Item:
    """What an expression gives: where it makes an array, one that has no other name."""
    if not lowering.context.stores:
        return item
    written = _written(lowering, item, expression)
    if written is not None:
        return _own_parts(lowering, item, written)
    if isinstance(expression, _NEW):
        return item
    if isinstance(item, tuple) and _makes_new(lowering, expression):
        return tuple([own(lowering, one, expression) for one in item])
    if isinstance(item, Value) and not item.type.rank and _has_ellipsis(expression):
        message = (
            "with `...` this is a part of the array without axes, which may change"
        )
        raise lowering.problem(expression, message, "write `x[2]` for `x[..., 2]`")
    if (
        not isinstance(item, Value)
        or not item.type.rank
        or _may_alias(lowering, expression, item)
    ):
        return item
    return own_value(lowering, item)


def _own_parts(
    lowering: FunctionLowering, item: Item, written: Sequence[ast.expr]
) -> Item:
    """As `own`, of what holds parts that are written as these expressions."""
    found: list[Item] = []
    for part, expression in zip(parts_of(item), written, strict=True):
        found.append(own_beside(lowering, part, expression, found))
    return with_parts(item, found)


def own_beside(
    lowering: FunctionLowering,
    item: Item,
    expression: ast.expr,
    others: Sequence[Item],
) -> Item:
    """As `own`, and none of the ``others``, which have no names yet."""
    is_array = isinstance(item, Value) and item.type.rank > 0
    if not (is_array and lowering.context.stores):
        return own(lowering, item, expression)
    assert isinstance(item, Value)
    again = any(item is other for other in others)
    if again and not _may_alias(lowering, expression, item):
        return _copy(lowering, item)
    return own(lowering, item, expression)


def own_items(
    lowering: FunctionLowering, nodes: Sequence[Node], items: Sequence[Item]
) -> list[Item]:
    """As `own`, of what a tuple or a list will hold, and what that is written as."""
    if not lowering.context.stores:
        return list(items)
    found: list[Item] = []
    for node, item in zip(nodes, items, strict=True):
        array = (
            isinstance(item, Value) and item.type.rank > 0 and _computes(lowering, node)
        )
        if array and any(item is other for other in found):
            item = _copy(lowering, item)
        elif array:
            item = own_value(lowering, item)
        found.append(item)
    return found


def _computes(lowering: FunctionLowering, node: Node) -> bool:
    """Whether an expression surely gives a new array."""
    if node.kind != "invoke":
        return node.kind in _COMPUTING or _is_part_of_new(lowering, node)
    name = str(node.parts[0].value)
    known = name in numpy_functions.METHODS or name in numpy_functions.names_of("numpy")
    return known and name not in _VIEWS


def _written(
    lowering: FunctionLowering, item: Item, expression: ast.expr
) -> Sequence[ast.expr] | None:
    """What the parts of a tuple, or the like, are written as; None for all else."""
    match expression:
        case ast.Tuple(items) | ast.List(items) if isinstance(item, tuple):
            return _without_stars(lowering, expression, len(item)) if items else []
        case ast.ListComp(part) if isinstance(item, tuple):
            return [part] * len(item)
        case ast.Dict(keys, values) if isinstance(item, Dictionary):
            plain = None not in keys and len(keys) == len(item.entries)
            return values if plain else None
        case ast.DictComp(value=part) if isinstance(item, Dictionary):
            return [part] * len(item.entries)
        case ast.Call(_, given, keywords) if isinstance(item, Partial):
            found = [*given, *(keyword.value for keyword in keywords)]
            return found if len(found) == len(parts_of(item)) else None
    return None


def _without_stars(
    lowering: FunctionLowering, expression: ast.Tuple | ast.List, count: int
) -> list[ast.expr]:
    """What each item of a tuple or list is written as; those behind a ``*`` as that."""
    more = count - len(expression.elts) + 1
    found: list[ast.expr] = []
    for one in expression.elts:
        found += [one.value] * more if isinstance(one, ast.Starred) else [one]
    if len(found) != count:
        message = "more than one `*` is not supported in a tuple that is given a name"
        raise lowering.problem(expression, message, "join the tuples by `+`")
    return found


def _has_ellipsis(expression: ast.expr) -> bool:
    """Whether it is ``x[..., i]``, or the like."""
    if not isinstance(expression, ast.Subscript):
        return False
    index = expression.slice
    entries = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(isinstance(one, ast.Constant) and one.value is ... for one in entries)


def own_value(lowering: FunctionLowering, value: Value) -> Value:
    """The array, or a copy where it has a name already, or is a view of another."""
    if not value.type.rank:  # numbers do not change
        return value
    known = any(value is leaf for env in _envs(lowering) for leaf in _leaves(env))
    view = bool(behind(value, {})) and not is_new_list(value)
    return _copy(lowering, value) if known or view else value


def check_change(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    array: Value,
    live: frozenset[str],
    inside: bool = False,
) -> None:
    """Raise SourceError where a change of the array is seen under another name.

    ``live`` are the names that are read behind it; ``inside`` a list it is a row that
    changes. The other names of the array itself are left to the caller.
    """
    alias_of = same_list if array.type.of_arrays else bases_of
    bases = set(alias_of(array, lowering.context.origins))
    _check_awaited(lowering, node, name, bases)
    # a row of another list is none of what `append` changes
    inside = inside and array.type.listed > 1
    rank = 0 if inside or not array.type.listed else array.type.rank
    same = [one for one in bases if one.type.rank >= rank]
    own_copy = f"[row.copy() for row in {name}]" if inside else f"{name}.copy()"
    check_inside(lowering, node, name, same, own_copy)
    own_env, *outer = list(_envs(lowering))[::-1]
    for env in outer:
        if any(bases.intersection(alias_of(leaf, {})) for leaf in _leaves(env)):
            message = f"`{name}` is an array of the caller's, and is changed here"
            hint = "copy it first, and return the new one"
            raise lowering.problem(node, message, hint)
    for other, item in own_env.items():
        if other == name or other not in live:
            continue
        rows = [one for one in made_of(lowering, item) if one.type.rank >= rank]
        for leaf in (*arrays_in(item), *rows):
            others = set(alias_of(leaf, lowering.context.origins))
            shared = bases & others
            if not inside and _is_only_a_row(array, leaf, shared):
                continue
            if (leaf is not array or leaf in rows) and leaf.type.rank and shared:
                of_other = leaf in bases and array not in others
                view = name if of_other else other
                change = f"`{other}` may be changed with `{name}` here"
                message = f"{change}, and `{other}` is read later"
                copy = own_copy if view == name else f"{view}.copy()"
                hint = f"make `{view}` one of its own: `{view} = {copy}`"
                if leaf.type.of_arrays and not array.type.listed:
                    hint = f"keep a copy in the list: `{name}.copy()`"
                raise lowering.problem(node, message, hint)


def _is_only_a_row(array: Value, leaf: Value, shared: set[Value]) -> bool:
    """Whether a list and another have no more in common than rows, by the second.

    It may be a row of the list then; that changes where rows do, and else stays.
    """
    rank = array.type.rank
    below = leaf.type.rank < rank and all(one.type.rank < rank for one in shared)
    return array.type.listed > 1 and below


def _check_awaited(
    lowering: FunctionLowering, node: AnyNode, name: str, bases: set[Value]
) -> None:
    """Raise SourceError where a loop that is written out comes to the array later.

    Its items were read before the loop, and would be as they were then.
    """
    for frame in lowering.context.frames:
        for array in frame.awaited:
            if not bases.isdisjoint(bases_of(array, lowering.context.origins)):
                message = f"`{name}` changes in a loop that comes to it later"
                hint = "loop over `range(...)`, and take each array by its index"
                raise lowering.problem(node, message, hint)


def rebind(lowering: FunctionLowering, name: str, array: Item, new: Item) -> None:
    """Let all names of an array stand for what it has become.

    ``name`` is one of them, or that of what holds it.
    """
    if lowering.env.get(name) is array:
        lowering.bind(name, new)
    for alias, item in list(lowering.env.items()):
        changed = replaced(item, array, new)
        if changed is not item and alias[0] != "%":
            lowering.env[alias] = changed


def check_apart(
    lowering: FunctionLowering,
    node: ast.For | ast.While,
    following: Mapping[str, Item],
    needed: frozenset[str],
) -> None:
    """Raise SourceError where a later iteration changes an array under two names.

    ``following`` is what the names stand for when it begins; ``needed`` are all names
    that are read later. Those that are not of the loop stand for what they did before.
    """
    target = [node.target] if isinstance(node, ast.For) else []
    changed = {*changed_in_place([*target, *node.body]), *augmented_names(node.body)}
    arrays = [
        (name, leaf)
        for name, item in following.items()
        for leaf in leaves(item)
        if leaf.type.rank
    ]
    kept = [
        (name, leaf)
        for env in _envs(lowering)
        for name, item in env.items()
        if env is not lowering.env or (name in needed and name not in following)
        for leaf in arrays_in(item)
    ]
    known = [
        (name, leaf)
        for name, item in lowering.env.items()
        if name in needed and name not in following
        for leaf in made_of(lowering, item)
    ]
    origins = lowering.context.origins  # a swap goes on with what there was before
    values = [leaf for item in following.values() for leaf in leaves(item)]
    parameters = lowering.builder.block.parameters
    first = len(parameters) - len(values)
    later = dict(zip(parameters[first:], values, strict=True))
    for name, array in arrays:
        if name not in changed:
            continue
        alias_of = same_list if array.type.of_arrays else bases_of
        of_list = array.type.of_arrays
        bases = set(alias_of(array, origins))
        # from before the loop, another array may come to the name in a few iterations
        ever = bases if of_list else set(bases_of(array, origins, later))
        carried = [(*one, bases) for one in arrays if one[0] != name]
        # a row is another list, where no row changes
        inside = name in lowering.changing_inside
        rows = [one for one in known if inside or one[1].type.rank == array.type.rank]
        for other, leaf, of in (*carried, *((*one, ever) for one in (*kept, *rows))):
            shared = of.intersection(alias_of(leaf, origins))
            if not inside and _is_only_a_row(array, leaf, shared):
                continue
            if shared:
                message = (
                    f"`{name}` and `{other}` may be the same, or parts of the same, "
                    f"when the next iteration changes `{name}`"
                )
                hint = f"make it one of its own: `{other} = {other}.copy()`"
                if leaf.type.of_arrays and not array.type.listed:
                    hint = f"keep a copy in the list: `{name}.copy()`"
                raise lowering.problem(node, message, hint)


def check_unchanged(
    lowering: FunctionLowering,
    node: ast.For,
    elements: Elements,
    assigned: Iterable[str],
) -> None:
    """Raise SourceError where a loop changes an array whose elements it goes through.

    Python would go on with the elements as they have become.
    """
    origins = lowering.context.origins
    bases = {base for array in elements.of for base in bases_of(array, origins)}
    of_arrays = any(array.type.of_arrays for array in elements.of)
    in_place, augmented = changed_in_place(node.body), augmented_names(node.body)
    for name in assigned:
        item = lowering.env.get(name)
        if not isinstance(item, Value | Columns):
            continue
        first = next(leaves(item))
        if not first.type.rank:
            continue  # a number that was an element is itself alone
        changes = name in in_place or (name in augmented and not of_arrays)
        if not changes and not first.type.listed:
            continue  # a name of an item, or of a row, for another one from here on
        if bases.intersection(bases_of(first, origins)):
            message = f"`{name}` changes in a loop over its elements"
            hint = f"loop over `range(len({name}))`"
            if first not in bases:
                message = f"`{name}` may be a part of what this loop goes through"
                message = f"{message}, and changes in it"
                hint = f"make it one of its own: `{name} = {name}.copy()`"
            raise lowering.problem(node.iter, message, hint)


def unchanged(
    lowering: FunctionLowering, elements: Elements, before: Mapping[str, Item]
) -> bool:
    """Whether no array that elements are read from has changed since.

    ``before`` is what the names stood for then.
    """
    bases = {base for array in elements.of for base in bases_of(array, {})}
    return not any(
        lowering.env.get(name) is not item
        for name, item in before.items()
        if any(not bases.isdisjoint(bases_of(leaf, {})) for leaf in arrays_in(item))
    )


def _may_alias(lowering: FunctionLowering, expression: ast.expr, item: Item) -> bool:
    """Whether the expression may give an array that is there already."""
    if isinstance(item, Value) and copies(item.op):
        return False
    if _makes_new(lowering, expression):
        return False
    if isinstance(expression, ast.Call):
        function = expression.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        known = name in numpy_functions.METHODS or name in numpy_functions.names_of(
            "numpy"
        )
        return name in _VIEWS or not known
    if not isinstance(expression, _PASSING):
        return False
    return not _is_part_of_new(lowering, convert(expression, lowering.text))


def _is_part_of_new(lowering: FunctionLowering, node: Node) -> bool:
    """Whether it is a part of an array that has just been computed: ``(h * 2)[1:]``."""
    root = node
    while root.kind in ("subscript", "attribute"):
        root = root.parts[0]
    return (
        root is not node
        and root.kind in _COMPUTING
        and all(
            one.kind in _ARITHMETIC or _is_array(lowering, one) for one in root.walk()
        )
    )


def _is_array(lowering: FunctionLowering, node: Node) -> bool:
    """Whether it is the name of an array or of a number, and of no list."""
    item = lowering.value(node) if node.kind == "name" else None
    return isinstance(item, Value) and not item.type.listed


def _makes_new(lowering: FunctionLowering, expression: ast.expr) -> bool:
    """Whether it is a call of linear algebra, or the like, which gives new arrays."""
    if not isinstance(expression, ast.Call):
        return False
    root = expression.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    # the names of a comprehension are not known here, and are of no module
    known = lowering.find(root.id, convert(root, lowering.text))
    if not isinstance(known, Module | Builtin):
        return False
    called = lowering.item(expression.func)
    return (
        isinstance(called, Builtin)
        and called.module in _MAKING
        and called.name not in _VIEWS
    )


def _copy(lowering: FunctionLowering, value: Value) -> Value:
    return lowering.builder.emit("copy", value)


def _envs(lowering: FunctionLowering) -> Iterator[Mapping[str, Item]]:
    """The names of every call that is under way, the innermost last."""
    for frame in lowering.context.frames:
        yield frame.env


def _leaves(env: Mapping[str, Item]) -> Iterator[Value]:
    for item in env.values():
        yield from arrays_in(item)
