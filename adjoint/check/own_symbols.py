"""Functions of the user's own on SymPy's symbols.

A function that modules import is unknown to SymPy but for its derivatives, which are
what its rule says. What `stop_gradient` is given is a symbol while derivatives are
taken. In the end both are put back, calls as symbols: what is zero whatever a function
gives is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from adjoint.ir.program import Program
from adjoint.rules.operation import OwnOperation
from adjoint.target.expressions import Unknown
from adjoint.target.piecewise import expression

_Run = Callable[[Program, Sequence[Any]], Any]


class OwnSymbols:
    """What calls of the user's functions give; ``run`` is the result of a program."""

    def __init__(self, run: _Run):
        self._run = run
        self._held: dict[sympy.Symbol, sympy.Expr] = {}
        self._functions: dict[str, Any] = {}
        self._calls: dict[sympy.Expr, sympy.Symbol] = {}

    def __call__(self, operation: OwnOperation, *operands: Any) -> Any:
        """What the function of an operation gives."""
        if operation.stops:
            return self._hold(expression(operands[0]))
        if operation.value is not None:
            return self._run(operation.value, operands)
        if operation.python not in self._functions:
            self._functions[operation.python] = _unknown(operation, self._run)
        return self._functions[operation.python](*map(sympy.expand, operands))

    def released(self, result: sympy.Expr) -> sympy.Expr:
        """The expression with what was held as it is, to be derived no more."""
        while held := self._held.keys() & result.free_symbols:
            result = result.xreplace({symbol: self._held[symbol] for symbol in held})
        return result

    def plain(self, result: sympy.Expr) -> sympy.Expr:
        """The expression, released, with symbols in the place of calls."""
        calls = self.released(result).atoms(_Call)
        for call in calls:
            self._calls.setdefault(call, sympy.Dummy(call.func.__name__, real=True))
        return self.released(result).xreplace(
            {call: self._calls[call] for call in calls}
        )

    def _hold(self, held: sympy.Expr) -> sympy.Symbol:
        symbol = sympy.Dummy("held", real=True, integer=held.is_integer)
        self._held[symbol] = held
        return symbol


class _Call(sympy.Function):
    """A call of a function that SymPy does not know."""

    is_real = True


def _unknown(operation: OwnOperation, run: _Run) -> type[_Call]:
    """The function as one of SymPy's, with the derivatives of its rule."""

    def fdiff(self: _Call, argindex: int = 1) -> sympy.Expr:
        if not operation.derivatives:
            raise Unknown(operation.name)
        program = operation.derivatives[argindex - 1]
        if program is None:
            return sympy.Integer(0)
        names = dict(zip(operation.operands, self.args, strict=True)) | {"y": self}
        return expression(run(program, [names[n] for n in program.parameter_names]))

    return type(operation.name, (_Call,), {"fdiff": fdiff})
