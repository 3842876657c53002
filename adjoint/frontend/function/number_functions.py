"""Python's functions of numbers, beside those that are operations: round, int ..."""

from __future__ import annotations

import math
from collections.abc import Callable

from adjoint.frontend.python.arithmetic import power
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.identities import MAX_BITS
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


def _isqrt(call: Call) -> Item:
    return call.emit("isqrt", *call.whole(1))


def _of_constants(name: str, *counts: int) -> Callable[[Call], Item]:
    """A function of whole numbers that are known when the function is read."""

    def lower(call: Call) -> Item:
        numbers = [value.number for value in call.whole(*counts)]
        if not all(isinstance(n, int) and abs(n) <= MAX_BITS for n in numbers):
            message = f"the arguments of `{call.name}` have to be written as numbers"
            raise call.problem(message, "they may be `static` parameters")
        try:
            return call.constant(getattr(math, name)(*numbers))
        except ValueError as error:
            raise call.problem(str(error)) from None

    return lower


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
    ("math", "factorial"): _of_constants("factorial", 1),
    ("math", "comb"): _of_constants("comb", 2),
    ("math", "perm"): _of_constants("perm", 1, 2),
    ("math", "gcd"): _of_constants("gcd", 1, 2, 3, 4),
    ("math", "isqrt"): _isqrt,
}
