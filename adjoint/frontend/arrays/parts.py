"""The functions of NumPy that pad arrays, split them, and choose among several."""

from __future__ import annotations

from adjoint.frontend.arrays.access import as_array
from adjoint.frontend.arrays.elementwise import choose
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    cast,
    one_axis,
    one_length,
    truth,
    whole,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Builtin, Item
from adjoint.ir.program import Value


def _pad(call: Call) -> Item:
    """Zeros, or another number, around the array; or its own elements again."""
    given = arguments(call, "array", "pad_width", "mode", "constant_values", needed=2)
    value = array(call, given["array"])
    if not value.type.rank:
        raise call.problem("`pad` is of arrays, and this is a number")
    widths = _widths(call, given["pad_width"], value.type.rank)
    mode = given.get("mode", "constant")
    if mode == "constant":
        filling = given.get("constant_values", call.constant(0))
        return _padded(call, value, widths, call.lowering.checked(filling, call.node))
    if mode not in _PLACES or "constant_values" in given:
        known = ", ".join(map(repr, ("constant", *_PLACES)))
        raise call.problem(f"the mode of `pad` is one of {known}")
    for axis, width in enumerate(widths):
        if width != (0, 0):
            places = _places(call, one_length(call, value, axis), width, str(mode))
            pattern = (*[":"] * axis, "a")
            value = call.emit("index", value, places, attributes=(pattern,))
    return value


def _widths(call: Call, item: Item, rank: int) -> list[tuple[int, int]]:
    """For each axis, how many elements come before it, and behind."""
    what = "the width that is padded"
    if not isinstance(item, tuple):
        return [(whole(call, item, what),) * 2] * rank
    pairs = [one if isinstance(one, tuple) else item for one in item]
    if not all(isinstance(one, tuple) for one in item):
        pairs = [item] * rank
    numbers = [tuple(whole(call, one, what) for one in pair) for pair in pairs]
    numbers = [pair * 2 if len(pair) == 1 else pair for pair in numbers]
    numbers = numbers * rank if len(numbers) == 1 else numbers
    if len(numbers) != rank or any(len(pair) != 2 for pair in numbers):
        raise call.problem("the width of `pad` is a number, a pair, or one for an axis")
    return [(before, after) for before, after in numbers]


def _padded(
    call: Call, value: Value, widths: list[tuple[int, int]], filling: Value
) -> Value:
    """The array, stored in the middle of a larger one."""
    lengths, pattern, bounds = [], [], []
    for axis, (before, after) in enumerate(widths):
        more = call.constant(before + after)
        lengths.append(call.emit("add", one_length(call, value, axis), more))
        pattern.append(f"{'a' if before else ''}:{'a' if after else ''}")
        bounds += [call.constant(one) for one in (before, -after) if one]
    if filling.literal and filling.number == 0:
        whole_array = call.emit("zeros", *lengths)
    else:
        as_float = Builtin("builtins", "float")
        whole_array = call.emit("full", cast(call, filling, as_float), *lengths)
    return call.emit("store", whole_array, value, *bounds, attributes=(tuple(pattern),))


def _places(call: Call, n: Value, width: tuple[int, int], mode: str) -> Value:
    """Which element stands at each place of an axis of n that is made longer."""
    before, after = width
    end = call.emit("add", n, call.constant(after))
    places = call.emit("arange", call.constant(-before), end, call.constant(1))
    return _PLACES[mode](call, places, n)


def _edge(call: Call, places: Value, n: Value) -> Value:
    last = call.emit("sub", n, call.constant(1))
    return call.emit("max", call.emit("min", places, last), call.constant(0))


def _wrap(call: Call, places: Value, n: Value) -> Value:
    return call.emit("mod", places, n)


def _reflect(call: Call, places: Value, n: Value) -> Value:
    """There and back, the ends once: the distance from the last, modulo both ways."""
    last = call.emit("sub", n, call.constant(1))
    both = call.emit("max", call.emit("mul", call.constant(2), last), call.constant(1))
    away = call.emit("sub", call.emit("mod", places, both), last)
    return call.emit("sub", last, call.emit("abs", away))


def _symmetric(call: Call, places: Value, n: Value) -> Value:
    """There and back, the ends twice."""
    both = call.emit("mul", call.constant(2), n)
    there = call.emit("mod", places, both)
    back = call.emit("sub", call.emit("sub", both, call.constant(1)), there)
    return call.emit("min", there, back)


_PLACES = {"edge": _edge, "wrap": _wrap, "reflect": _reflect, "symmetric": _symmetric}


def _split(name: str, axis: int = 0) -> Lower:
    """The parts of an array along an axis, as a list: so many, or cut at places."""

    def lower(call: Call) -> Item:
        given = arguments(call, "ary", "indices_or_sections", "axis", needed=2)
        value = array(call, given["ary"])
        along = one_axis(call, given.get("axis", call.constant(axis)), value.type.rank)
        n = one_length(call, value, along)
        where = given["indices_or_sections"]
        if isinstance(where, tuple):
            cuts = [call.lowering.whole(one, call.node) for one in where]
        else:
            count = whole(call, where, "the number of parts")
            cuts = _equal_cuts(call, n, count, name)
        return tuple(
            _part(call, value, along, start, end)
            for start, end in zip([None, *cuts], [*cuts, None], strict=True)
        )

    return lower


def _equal_cuts(call: Call, n: Value, count: int, name: str) -> list[Value]:
    if count < 1:
        raise call.problem("there is at least one part")
    parts = call.constant(count)
    size = call.emit("floordiv", n, parts)
    rest = call.emit("mod", n, parts)
    if name == "array_split":  # the first ones have one more
        return [
            call.emit(
                "add",
                call.emit("mul", call.constant(at), size),
                call.emit("min", call.constant(at), rest),
            )
            for at in range(1, count)
        ]
    builder, where = call.lowering.builder, call.lowering.where(call.node)
    text = '"array split does not result in an equal division"'
    builder.guard(call.emit("eq", rest, call.constant(0)), f"ValueError({text})", where)
    return [call.emit("mul", call.constant(at), size) for at in range(1, count)]


def _part(
    call: Call, value: Value, axis: int, start: Value | None, end: Value | None
) -> Value:
    bounds = [one for one in (start, end) if one is not None]
    entry = f"{'' if start is None else 'a'}:{'' if end is None else 'a'}"
    pattern = (*[":"] * axis, entry)
    return call.emit("index", value, *bounds, attributes=(pattern,))


def _select(call: Call) -> Item:
    """``select(conditions, choices, default)``: the first whose condition holds."""
    given = arguments(call, "condlist", "choicelist", "default", needed=2)
    conditions, choices = given["condlist"], given["choicelist"]
    known = isinstance(conditions, tuple) and isinstance(choices, tuple)
    if not known or len(conditions) != len(choices):
        raise call.problem("`select` takes two lists of one length, written out")
    found = as_array(call.lowering, call.node, given.get("default", call.constant(0.0)))
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        holds = truth(call, array(call, condition))
        found = choose(call, holds, array(call, choice), found)
    return found


FUNCTIONS: dict[str, Lower] = {
    "pad": _pad,
    **{name: _split(name) for name in ("split", "array_split", "vsplit")},
    "hsplit": _split("hsplit", 1),
    "dsplit": _split("dsplit", 2),
    "select": _select,
}
