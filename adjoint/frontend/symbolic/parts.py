"""What an expression of SymPy is made of, as far as its translation needs to know."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from adjoint.frontend.symbolic.table import HINTS

#: A `sympy.Basic` (SymPy has no types that a checker could use).
Expression = Any

REFUSED = tuple(HINTS)


def is_leaf(one: Expression) -> bool:
    """Whether it is a symbol or stands for one: q(t), its derivative, x[0], A[0, 1]."""
    if isinstance(one, (sympy.Symbol, AppliedUndef)):
        return bool(one.is_commutative)
    if isinstance(one, sympy.Derivative):
        return isinstance(one.expr, AppliedUndef)
    if isinstance(one, sympy.Indexed):
        return all(index.is_Integer for index in one.indices)
    return _is_element(one)


def _is_element(one: Expression) -> bool:
    """Whether it is an element of a matrix symbol, at a place that is written out."""
    if type(one).__name__ != "MatrixElement":
        return False
    matrix, *indices = one.args
    is_symbol = isinstance(matrix, sympy.MatrixSymbol)
    return is_symbol and all(index.is_Integer for index in indices)


def parts_of(one: Expression) -> list[Expression]:
    """The subexpressions whose nodes are needed to build that of the expression."""
    if one.is_Add:
        return [
            part
            for term in one.args
            for part in (_factor_parts(term) if is_negative(term) else [term])
        ]
    if one.is_Mul:
        return _factor_parts(one)
    if one.is_Pow:
        base, _ = base_and_exponent(one)
        return list(one.args) if base is one else [base]
    if one.is_Piecewise:
        return [part for pair in one.args for part in pair.args]
    if isinstance(one, sympy.polygamma):
        return [one.args[1]]
    return [] if isinstance(one, REFUSED) else list(one.args)


def _factor_parts(product: Expression) -> list[Expression]:
    if product.is_Number:
        return []
    return [base_and_exponent(f)[0] for f in product.args if not is_plain(f)]


def is_plain(one: Expression) -> bool:
    """Whether it is a number that is written in digits."""
    return bool(one.is_Rational or one.is_Float)


def is_negative(term: Expression) -> bool:
    """Whether a term of a sum is better subtracted."""
    number = term.args[0] if term.is_Mul else term
    return is_plain(number) and bool(number < 0)


def base_and_exponent(factor: Expression) -> tuple[Expression, Fraction]:
    """``base**exponent`` taken apart, where the exponent is a plain number."""
    if factor.is_Pow:
        base, exponent = factor.args
        if exponent.is_Rational:
            return base, Fraction(int(exponent.p), int(exponent.q))
        if exponent.is_Float and (2 * float(exponent)).is_integer():
            return base, Fraction(float(exponent))
    return factor, Fraction(1)
