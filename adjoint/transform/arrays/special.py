"""Adjoints of array operations that depend on more than one formula can say.

Each takes the rule (`array_formulas.Rule`) and which operand it is, and gives what is
added to the adjoint of that operand.
"""

from __future__ import annotations

from collections.abc import Callable

from adjoint.ir.program import Op, Value
from adjoint.transform.arrays.formulas import Rule
from adjoint.transform.arrays.linalg_adjoints import LINALG_ADJOINTS


def _transpose(rule: Rule, at: int) -> Value:
    (axes,) = rule.op.attributes
    inverse = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    return rule.emit("transpose", rule.adjoint, attributes=(inverse,))


def _store(rule: Rule, at: int) -> Value:
    """The adjoint of what an array was is that of the rest of it.

    A row that was of another length than the one that takes its place has zeros.
    """
    if at:
        return _stored(rule)
    if _is_of_row(rule.op):
        row = rule.value("index(a, indices, pattern)")
        if row.shape != rule.op.operands[1].shape:
            zeros = rule.emit("zeros_like", row)
            if row.type.rank == 1:  # its length is less to save than the rows
                length = rule.emit("length", row, attributes=(0,))
                zeros = rule.emit("filled", rule.builder.constant(0.0), length)
            return rule.value("store(g, zeros, indices, pattern)", zeros=zeros)
    return rule.value("store(g, 0.0, indices, pattern)")


def _is_of_row(op: Op) -> bool:
    """Whether a row takes the place of one, in a list of lists."""
    a, v, *indices = op.operands
    of_rows = a.type.listed > 1 and v.type.rank == a.type.rank - 1
    return of_rows and [index.type.rank for index in indices] == [0]


def _stored(rule: Rule) -> Value:
    """What is stored has the adjoint of the elements; not so where one stands twice.

    Then NumPy keeps what is stored last, and the adjoint of the others is 0. Which it
    has kept is seen from numbers in their order, stored and read in the same way.
    """
    found = rule.value("index(g, indices, pattern)")
    if _is_of_row(rule.op):
        return found
    if any(map(_may_repeat, rule.op.operands[2:])):
        order = rule.value("arange(0, count(found), 1)", found=found)
        order = rule.value("reshape_like(order, found)", order=order, found=found)
        kept = rule.value(
            "index(store(zeros_like(g), order, indices, pattern), indices, pattern)",
            order=order,
        )
        found = rule.value(
            "where(kept == order, found, 0.0)", kept=kept, order=order, found=found
        )
    return rule.value("unbroadcast(found, v)", found=found)


def _may_repeat(index: Value) -> bool:
    """Whether an array of indices may name an element twice."""
    if not index.type.rank or index.type.element != "int":
        return False
    op = index.op
    if op is None or op.operation.name != "array" or index.type.rank > 1:
        return True
    numbers = op.attributes[0]
    return len({*numbers}) < len(numbers) or min(numbers, default=0) < 0


def _pack(rule: Rule, at: int) -> Value:
    number = rule.builder.constant(at)
    return rule.emit("index", rule.adjoint, number, attributes=(("a",),))


def _append(rule: Rule, at: int) -> Value:
    """The adjoint of what was appended is the last item."""
    last = rule.builder.constant(-1)
    return rule.emit("index", rule.adjoint, last, attributes=(("a",),))


def _dropped(rule: Rule, at: int) -> Value:
    """The last item was not used: its adjoint is zero."""
    zero = rule.builder.constant(0.0)
    if rule.adjoint.type.rank > 1:
        last = rule.builder.constant(-1)
        row = rule.emit("index", rule.op.operands[0], last, attributes=(("a",),))
        zero = rule.emit("zeros_like", row)
    return rule.emit("appended", rule.adjoint, zero)


def _as_array(rule: Rule, at: int) -> Value:
    """What the list was of: numbers and lists of them, or arrays."""
    of_arrays = rule.op.operands[0].type.of_arrays
    return rule.emit("rows_of" if of_arrays else "as_list", rule.adjoint)


def _stacked_items(rule: Rule, at: int) -> Value:
    """The parts of the adjoint along the axis that was new."""
    (axis,) = rule.op.attributes
    others = [one for one in range(rule.adjoint.type.rank) if one != axis]
    moved = rule.emit("transpose", rule.adjoint, attributes=((axis, *others),))
    return rule.emit("rows_of", moved)


def _stack(rule: Rule, at: int) -> Value:
    (axis,) = rule.op.attributes
    number = rule.builder.constant(at)
    pattern = (*([":"] * axis), "a")
    return rule.emit("index", rule.adjoint, number, attributes=(pattern,))


def _concatenate(rule: Rule, at: int) -> Value:
    """The part of the adjoint that belongs to this operand."""
    (axis,) = rule.op.attributes
    start: Value = rule.builder.constant(0)
    ends = []
    for operand in rule.op.operands[: at + 1]:
        ends.append(start)
        length = rule.emit("length", operand, attributes=(axis,))
        start = rule.emit("add", start, length)
    bounds, entry = [ends[-1], start], "a:a"
    if at == 0:
        bounds, entry = [start], ":a"
    elif at + 1 == len(rule.op.operands):
        bounds, entry = [ends[-1]], "a:"
    pattern = (*([":"] * axis), entry)
    part = rule.emit("index", rule.adjoint, *bounds, attributes=(pattern,))
    part.shape = rule.op.operands[at].shape
    return part


#: The adjoints of ``a @ b`` by the ranks of a and b (Giles, section 2.2.1).
_MATMUL = {
    (1, 1): ("g*b", "g*a"),
    (2, 1): ("outer(g, b)", "matmul(swapped(a), g)"),
    (1, 2): ("matmul(b, g)", "outer(a, g)"),
    (2, 2): ("matmul(g, swapped(b))", "matmul(swapped(a), g)"),
}


def _matmul(rule: Rule, at: int) -> Value:
    a, b = rule.op.operands
    formulas = _MATMUL.get((a.type.rank, b.type.rank))
    if a.type.rank == b.type.rank == 2:
        return _matrices(rule, at)
    if formulas is not None:
        return rule.value(formulas[at])
    g = rule.adjoint  # stacks of matrices: vectors become matrices of one column or row
    if a.type.rank == 1:
        a = rule.emit("expand_dims", a, attributes=((0,),))
        g = rule.emit("expand_dims", g, attributes=((g.type.rank - 1,),))
    if b.type.rank == 1:
        b = rule.emit("expand_dims", b, attributes=((1,),))
        g = rule.emit("expand_dims", g, attributes=((g.type.rank,),))
    value = rule.value(_MATMUL[2, 2][at], a=a, b=b, g=g)
    operand = rule.op.operands[at]
    if operand.type.rank == 1:
        last = value.type.rank - (2 if at == 0 else 1)
        axis = (last,) if at == 0 else (value.type.rank - 1,)
        value = rule.emit("squeeze", value, attributes=(axis,))
    return rule.emit("unbroadcast", value, operand)


def _matrices(rule: Rule, at: int) -> Value:
    """Of two matrices: where their product was broadcast along one axis, as that of a
    layer may be by its bias, what is smaller is summed, the adjoint of the operand.
    """
    formula, g = _MATMUL[2, 2][at], rule.adjoint
    if g.op is not None and g.op.operation.name == "unbroadcast":
        spread = g.op.operands[0]
        if spread.type.rank == 2 and spread.shape[1 - at] == g.shape[1 - at]:
            value = rule.value(formula, g=spread)
            return rule.emit("unbroadcast", value, rule.op.operands[at])
    return rule.value(formula)


def _einsum(rule: Rule, at: int) -> Value:
    """The adjoint takes the place of the operand, which takes that of the result.

    A letter may stand for a length of 1 in one operand and for another in the next.
    """
    subscripts = str(rule.op.attributes[0])
    inputs, _, output = subscripts.partition("->")
    labels = inputs.split(",")
    operands = list(rule.op.operands)
    others = [output, *labels[:at], *labels[at + 1 :]]
    values = [rule.adjoint, *operands[:at], *operands[at + 1 :]]
    known = set("".join(others))
    wanted = "".join([label for label in labels[at] if label in known])
    text = f"{','.join(others)}->{wanted}"
    value = rule.emit("einsum", *values, attributes=(text,))
    missing = tuple([i for i, label in enumerate(labels[at]) if label not in known])
    value = rule.emit("expand_dims", value, attributes=(missing,))
    lengths = zip(value.shape, operands[at].shape, strict=True)
    spread = all(a == b or i in missing for i, (a, b) in enumerate(lengths))
    return rule.emit("broadcast" if spread else "fitted", value, operands[at])


def _cumprod(rule: Rule, at: int) -> Value:
    """The adjoints of the products, from the last, each with all that lie behind it."""
    (axis,) = rule.op.attributes
    total = rule.value("recurrence(flip(g, axis), roll(flip(a, axis), 1, axis), axis)")
    before = delayed(rule, rule.op.results[0], axis, 1.0)
    return rule.value("flip(total, axis)*before", total=total, before=before)


def _recurrence(rule: Rule, at: int) -> Value:
    """The recurrence from the last to the first, with the factor that lies behind."""
    (axis,) = rule.op.attributes
    total = rule.value("recurrence(flip(g, axis), roll(flip(c, axis), 1, axis), axis)")
    total = rule.emit("flip", total, attributes=(axis,))
    if at == 0:
        return total
    before = delayed(rule, rule.op.results[0], axis, 0.0)
    return rule.emit("mul", total, before)


def delayed(rule: Rule, a: Value, axis: int, first: float) -> Value:
    """What stands before each element along the axis; ``first`` before the first."""
    one, last = rule.builder.constant(1), rule.builder.constant(-1)
    pattern = (*([":"] * axis), ":a")
    start = rule.emit("index", a, one, attributes=(pattern,))
    start = rule.emit("ones_like" if first else "zeros_like", start)
    rest = rule.emit("index", a, last, attributes=(pattern,))
    result = rule.emit("concatenate", start, rest, attributes=(axis,))
    result.shape = a.shape
    return result


def _other_products(rule: Rule, at: int) -> Value:
    """Its matrix of derivatives is symmetric: adjoints go the way of tangents."""
    return along_other_products(rule, rule.adjoint)


def along_other_products(rule: Rule, direction: Value) -> Value:
    """The tangent of the products of the others: of those before and those behind."""
    (axes,) = rule.op.attributes
    a = rule.op.operands[0]
    lines, axis = _in_lines(rule, a, axes), 0
    moving = _in_lines(rule, direction, axes)
    if axes is not None and len(axes) == 1:
        (axis,) = axes
    before, before_dot = _products_before(rule, lines, moving, axis)
    lines = rule.emit("flip", lines, attributes=(axis,))
    moving = rule.emit("flip", moving, attributes=(axis,))
    behind, behind_dot = _products_before(rule, lines, moving, axis)
    names = {"before": before, "behind": behind, "at": axis}
    result = rule.value("before_dot*flip(behind, at)", before_dot=before_dot, **names)
    other = rule.value("before*flip(behind_dot, at)", behind_dot=behind_dot, **names)
    result = rule.emit("add", result, other)
    return _out_of_lines(rule, result, a, axes)


def _products_before(
    rule: Rule, lines: Value, moving: Value, axis: int
) -> tuple[Value, Value]:
    """The product of what stands before each element, and its tangent."""
    products = rule.emit("cumprod", lines, attributes=(axis,))
    before = delayed(rule, products, axis, 1.0)
    slopes = rule.emit("mul", moving, before)
    slopes = rule.emit("recurrence", slopes, lines, attributes=(axis,))
    return before, delayed(rule, slopes, axis, 0.0)


def _in_lines(rule: Rule, a: Value, axes: tuple[int, ...] | None) -> Value:
    """The axes, where they are several, as one, the first."""
    if a.type.rank == 1 or (axes is not None and len(axes) == 1):
        return a
    if axes is None:
        return rule.emit("reshape", a, rule.emit("size", a))
    kept = [at for at in range(a.type.rank) if at not in axes]
    lengths = [rule.emit("length", a, attributes=(at,)) for at in kept]
    count = rule.emit("count", a, attributes=(axes,))
    moved = rule.emit("transpose", a, attributes=((*axes, *kept),))
    return rule.emit("reshape", moved, count, *lengths)


def _out_of_lines(
    rule: Rule, lines: Value, a: Value, axes: tuple[int, ...] | None
) -> Value:
    """The other way round, for an array of the shape of ``a``."""
    if axes is None or len(axes) == 1:
        return (
            rule.emit("reshape_like", lines, a)
            if lines.type.rank < a.type.rank
            else lines
        )
    order = (*axes, *[at for at in range(a.type.rank) if at not in axes])
    moved = rule.emit("transpose", a, attributes=(order,))
    lines = rule.emit("reshape_like", lines, moved)
    inverse = tuple(sorted(range(len(order)), key=order.__getitem__))
    return rule.emit("transpose", lines, attributes=(inverse,))


SPECIAL: dict[str, Callable[[Rule, int], Value]] = {
    "transpose": _transpose,
    "store": _store,
    "pack": _pack,
    "display": _pack,
    "appended": _append,
    "dropped": _dropped,
    "as_array": _as_array,
    "stacked_items": _stacked_items,
    "stack": _stack,
    "concatenate": _concatenate,
    "matmul": _matmul,
    "einsum": _einsum,
    "cumprod": _cumprod,
    "recurrence": _recurrence,
    "other_products": _other_products,
    **LINALG_ADJOINTS,
}
