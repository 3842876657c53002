"""Tangents of linear algebra, as those of `array_tangents`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adjoint.ir.program import Value
from adjoint.transform.array_formulas import Rule

#: Tangents of operands, by their place.
Moving = Mapping[int, Value]


def _solve(rule: Rule, moving: Moving) -> Value:
    """Giles, section 2.3.1."""
    right = moving.get(1)
    if 0 in moving:
        change = rule.value("-matmul(d, y)", d=moving[0])
        right = change if right is None else rule.emit("add", right, change)
    return rule.value("solve(a, d)", d=right)


def _cholesky(rule: Rule, moving: Moving) -> Value:
    """I. Murray, *Differentiation of the Cholesky decomposition* (2016), equation 8.

    The tangent of the matrix counts as far as it is symmetric, as the adjoint does.
    """
    d = rule.value("0.5*(d + swapped(d))", d=moving[0])
    p = rule.value("solve(y, swapped(solve(y, d)))", d=d)
    p = rule.value("tril(p, 0) - onto_diagonal(0.5*diagonal(p, 0), p, 0)", p=p)
    return rule.value("matmul(y, p)", p=p)


LINALG_TANGENTS: dict[str, Callable[[Rule, Moving], Value]] = {
    "solve": _solve,
    "cholesky": _cholesky,
}
