"""A straight-line program as expressions of SymPy; branches become ``Piecewise``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from adjoint.errors import AdjointError
from adjoint.ir.arithmetic import OWN, Arithmetic
from adjoint.ir.interpret import run, trace
from adjoint.ir.literals import exact, is_rounded
from adjoint.ir.names import Names
from adjoint.ir.program import LOOPS, UNDEFINED, Block, Program, Value, walk
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import OPERATIONS, WRITTEN_OUT
from adjoint.target.piecewise import expression, joined, used
from adjoint.transform.partials import formula_function

_NAMED = {"pi": sympy.pi, "e": sympy.E, "tau": 2 * sympy.pi}

#: Names for subexpressions, and what they stand for, as `sympy.cse` gives them.
Replacements = list[tuple[sympy.Symbol, sympy.Expr]]


class Unknown(Exception):
    """An operation that SymPy does not know."""


class Expressions:
    """The function of each operation on expressions."""

    def __init__(self) -> None:
        self.arithmetic: Arithmetic = self._functions()

    def results(self, program: Program, arguments: Sequence[Any]) -> list[sympy.Expr]:
        """The results of a program.

        Raises Unknown for a program with operations that SymPy has not, TypeError where
        a loop, or an assertion, depends on an argument.
        """
        self.check(program)
        found = run(program, arguments, self.arithmetic, self.constant, self.join)
        return [expression(result) for result in found]

    def check(self, program: Program) -> None:
        """Raise Unknown for a program with operations that SymPy has not."""
        unknown = {
            op.operation.name
            for op in walk(program.body)
            if _is_elementary(op.operation) and not self._has(op.operation)
        }
        if unknown:
            raise Unknown(min(unknown))

    def _has(self, operation: Operation) -> bool:
        own = isinstance(operation, OwnOperation)
        return (OWN if own else operation.name) in self.arithmetic

    #: Joins the sides of a branch whose condition is not decided.
    join: Callable[[Any, Any, Any], Any] | None = None

    def constant(self, value: Value) -> Any:
        """What a literal means: see `literals.exact`."""
        number = value.number
        if value.name in _NAMED:
            return _NAMED[value.name]
        if isinstance(number, int):
            return number
        assert number is not None
        if math.isnan(number):
            return sympy.nan
        if math.isinf(number):
            return sympy.oo if number > 0 else -sympy.oo
        fraction = exact(number)
        return sympy.Rational(fraction.numerator, fraction.denominator)

    def _functions(self) -> dict[str, Callable[..., Any]]:
        functions: dict[str, Callable[..., Any]] = {
            name: formula_function(operation, operation.exact, self._run)
            for name, operation in (OPERATIONS | WRITTEN_OUT).items()
            if operation.exact
        }
        for name in OPERATIONS.keys() - functions.keys():
            if callable(getattr(sympy, name, None)):
                functions[name] = getattr(sympy, name)
        functions |= {
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "mul": lambda a, b: a * b,
            "div": lambda a, b: a / b,
            "neg": lambda a: -a,
            "square": lambda a: a * a,
            "pow": lambda a, b: a**b,
            "power": lambda a, b: a**b,
            "hypot": lambda *a: sympy.sqrt(sum(x * x for x in a)),
            "lgamma": sympy.loggamma,
            "comb": sympy.binomial,
            "digamma": lambda a: sympy.polygamma(0, a),
        }
        functions |= self._decisions()
        on_numbers = {
            name: _converted(function) for name, function in functions.items()
        }
        return on_numbers | self._logic()

    def _decisions(self) -> dict[str, Callable[..., Any]]:
        """The functions with kinks and steps, and the comparisons."""
        return {
            "abs": sympy.Abs,
            "sign": sympy.sign,
            "max": sympy.Max,
            "min": sympy.Min,
            "floor": sympy.floor,
            "ceil": sympy.ceiling,
            "mod": sympy.Mod,
            "cbrt": sympy.cbrt,
            "lt": sympy.Lt,
            "gt": sympy.Gt,
            "le": sympy.Le,
            "ge": sympy.Ge,
            "eq": sympy.Eq,
            "ne": sympy.Ne,
        }

    def _logic(self) -> dict[str, Callable[..., Any]]:
        logic = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}
        return {name: _of_conditions(function) for name, function in logic.items()}

    def _run(self, program: Program, arguments: list[Any]) -> Any:
        return run(program, arguments, self.arithmetic, self.constant, self.join)[0]


class _WholeExpressions(Expressions):
    """Nothing is decided; decimals that are no short ones stay decimals."""

    join = staticmethod(joined)

    def constant(self, value: Value) -> Any:
        """What a literal means; None for what is not defined."""
        if value.name == UNDEFINED:
            return None
        number = value.number
        decimal = isinstance(number, float) and math.isfinite(number)
        if decimal and value.name is None and is_rounded(number):
            return sympy.Float(number)
        return super().constant(value)


def _is_elementary(operation: Operation) -> bool:
    return operation.name in OPERATIONS or isinstance(operation, OwnOperation)


def sympy_results(
    program: Program, symbols: Mapping[str, Any], cse: bool = False
) -> tuple[Replacements, list[sympy.Expr]]:
    """The results of a program as expressions of SymPy.

    ``symbols`` has expressions for parameters; the others become what they stand for
    (`Program.symbols`), or symbols of their names. With ``cse``, what is used more
    than once gets a name of its own, and the replacements are given in their order;
    otherwise they are empty, and what is shared is one object. Short decimals become
    fractions. Raises AdjointError for what has no such expressions.
    """
    if any(op.operation in LOOPS for op in walk(program.body)):
        raise AdjointError(
            f"{program.name} has a loop, which SymPy has no expression for; "
            "a loop over a literal range becomes straight-line code with unroll=True"
        )
    known = dict(program.symbols) | dict(symbols)
    arguments = [
        known.get(name) or sympy.Symbol(name) for name in program.parameter_names
    ]
    whole = _WholeExpressions()
    try:
        if cse:
            return _named_parts(program, arguments, whole)
        return [], whole.results(program, arguments)
    except Unknown as error:
        raise AdjointError(f"SymPy has no function for the operation {error}") from None
    except TypeError:
        raise AdjointError(
            f"{program.name} raises an exception under a condition, "
            "which SymPy has no expression for"
        ) from None


def _named_parts(
    program: Program, arguments: Sequence[Any], whole: Expressions
) -> tuple[Replacements, list[sympy.Expr]]:
    whole.check(program)
    uses = Counter(value for op in walk(program.body) for value in set(op.operands))
    uses.update(v for op in walk(program.body) for b in op.blocks for v in b.results)
    uses.update(program.results)
    names = Names(str(s) for one in arguments for s in expression(one).free_symbols)
    numbers = dict(zip(program.parameters, arguments, strict=True))
    replacements: Replacements = []
    for op in program.body.ops:
        part = Block([op], op.results)
        trace(part, numbers, whole.arithmetic, whole.constant, whole.join)
        for value in op.results:
            number = numbers[value] = used(numbers[value])
            if uses[value] > 1 and isinstance(number, sympy.Expr) and number.args:
                symbol = sympy.Symbol(names.temporary())
                replacements.append((symbol, number))
                numbers[value] = symbol
    results = trace(
        Block([], program.results), numbers, whole.arithmetic, whole.constant
    )
    return replacements, [expression(result) for result in results]


def _converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """On SymPy's numbers also where truth values and Python's ints are given."""

    def converted(*operands: Any) -> Any:
        return function(*[expression(operand) for operand in operands])

    return converted


def _of_conditions(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *conditions: function(*map(used, conditions))
