"""Python's functions of numbers, beside those that are operations: round, int ..."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from adjoint.frontend.python.arithmetic import power
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.identities import MAX_BITS
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL, FLOAT, INT


def _pow(call: Call) -> Item:
    base, exponent = call.numbers(2)
    return power(call.lowering, base, exponent, call.lowering.where(call.node))


def _round(call: Call) -> Item:
    value, *digits = call.numbers(1, 2)
    if not digits:
        return call.emit("round", value)
    if not isinstance(digits[0].number, int):
        raise call.problem("the digits of `round` have to be written as a number")
    return call.emit("round_to", value, digits[0])


def _int(call: Call) -> Item:
    (value,) = call.numbers(1)
    if value.type == INT:
        return value
    if value.type == BOOL:
        return call.emit("add", value, call.constant(0))
    return call.emit("trunc", value)


def _float(call: Call) -> Item:
    (item,) = call.items(1)
    if isinstance(item, str):
        return _float_of_text(call, item)
    (value,) = call.numbers(1)
    if value.type == FLOAT:
        return value
    if value.literal and value.number is not None:
        return call.constant(float(value.number))
    return call.emit("float", value)


def _float_of_text(call: Call, text: str) -> Item:
    """``float("inf")``."""
    try:
        number = float(text)
    except ValueError:
        message = f"{text!r} is not the text of a number"
        raise call.problem(message) from None
    if math.isnan(number):
        return call.lowering.builder.constant(number, "nan")
    infinity = call.lowering.builder.constant(math.inf, "inf")
    if math.isinf(number):
        return infinity if number > 0 else call.emit("neg", infinity)
    return call.constant(number)


def _bool(call: Call) -> Item:
    (value,) = call.numbers(1)
    return call.lowering.builder.condition(value, call.lowering.where(call.node))


def _divmod(call: Call) -> Item:
    a, b = call.numbers(2)
    return call.emit("floordiv", a, b), call.emit("mod", a, b)


def _abs(call: Call) -> Item:
    return call.emit("abs", *call.numbers(1))


def _fabs(call: Call) -> Item:
    return call.emit("abs", _float(call))


def _log(call: Call) -> Item:
    value, *base = call.numbers(1, 2)
    logarithm = call.emit("log", value)
    return call.emit("div", logarithm, call.emit("log", base[0])) if base else logarithm


def _isnan(call: Call) -> Item:
    (value,) = call.numbers(1)
    return call.emit("ne", value, value)


def _isinf(call: Call) -> Item:
    infinity = call.lowering.builder.constant(math.inf, "inf")
    return call.emit("eq", call.emit("abs", *call.numbers(1)), infinity)


def _isfinite(call: Call) -> Item:
    infinity = call.lowering.builder.constant(math.inf, "inf")
    return call.emit("lt", call.emit("abs", *call.numbers(1)), infinity)


def _whole_numbers(name: str, *counts: int) -> Callable[[Call], Item]:
    """A function of whole numbers."""
    return lambda call: _of_whole(call, name, *call.whole(*counts))


def _of_whole(call: Call, name: str, *values: Value) -> Value:
    """What the function ``name`` of `math` gives; where they are known, the number."""
    numbers = _known(values)
    if numbers is None:
        return call.emit(name, *values)
    try:
        return call.constant(getattr(math, name)(*numbers))
    except ValueError as error:
        raise call.problem(str(error)) from None


def _known(values: Sequence[Value]) -> list[int] | None:
    """The whole numbers, where all are known, and none is too large to compute with."""
    numbers = [one.number for one in values if isinstance(one.number, int)]
    small = all(abs(number) <= MAX_BITS for number in numbers)
    return numbers if small and len(numbers) == len(values) else None


def _perm(call: Call) -> Item:
    """``perm(n, k)``, of whole numbers that are known when the function is read."""
    values = call.whole(1, 2)
    if _known(values) is None:
        message = "the arguments of `perm` have to be known when the function is read"
        raise call.problem(message, "write `math.comb(n, k) * math.factorial(k)`")
    return _of_whole(call, "perm", *values)


def _gcd(call: Call) -> Item:
    values = call.whole(*range(256))
    if len(values) < 2:
        values = (*values, *[call.constant(0)] * 2)[:2]
    total = values[0]
    for value in values[1:]:
        total = _of_whole(call, "gcd", total, value)
    return total


#: By the module and the name.
FUNCTIONS: dict[tuple[str, str], Callable[[Call], Item]] = {
    ("builtins", "pow"): _pow,
    ("builtins", "round"): _round,
    ("builtins", "int"): _int,
    ("builtins", "float"): _float,
    ("builtins", "bool"): _bool,
    ("builtins", "divmod"): _divmod,
    ("builtins", "abs"): _abs,
    ("math", "fabs"): _fabs,
    ("math", "log"): _log,
    ("math", "isnan"): _isnan,
    ("math", "isinf"): _isinf,
    ("math", "isfinite"): _isfinite,
    ("math", "factorial"): _whole_numbers("factorial", 1),
    ("math", "comb"): _whole_numbers("comb", 2),
    ("math", "isqrt"): _whole_numbers("isqrt", 1),
    ("math", "perm"): _perm,
    ("math", "gcd"): _gcd,
}
