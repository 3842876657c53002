"""Adjoints of linear algebra, as those of `array_special`."""

from __future__ import annotations

from collections.abc import Callable

from adjoint.ir.program import Value
from adjoint.transform.array_formulas import Rule


def _solve(rule: Rule, at: int) -> Value:
    """Giles, section 2.3.1."""
    b_bar = rule.value("solve(swapped(a), g)")
    if at == 1:
        return b_bar
    vector = rule.op.operands[1].type.rank == 1
    formula = "-outer(b_bar, y)" if vector else "-matmul(b_bar, swapped(y))"
    return rule.value(formula, b_bar=b_bar)


def _cholesky(rule: Rule, at: int) -> Value:
    """I. Murray, *Differentiation of the Cholesky decomposition* (2016), equation 10.

    The adjoint is the symmetric one, since the matrix is: his equation and its
    transpose, added up, so that p is a triangle and its mirror image.
    """
    lower = rule.emit("lower_triangle", rule.op.results[0])
    p = rule.value("matmul(swapped(y), where(lower, g, 0.0))", lower=lower)
    p = rule.value("where(lower, p, swapped(p))", lower=lower, p=p)
    return rule.value("0.5*solve(swapped(y), swapped(solve(swapped(y), p)))", p=p)


LINALG_ADJOINTS: dict[str, Callable[[Rule, int], Value]] = {
    "solve": _solve,
    "cholesky": _cholesky,
}
