"""Adjoints of linear algebra, as those of `special`."""

from __future__ import annotations

from collections.abc import Callable

from adjoint.ir.program import Value
from adjoint.transform.arrays import spectral
from adjoint.transform.arrays.formulas import Rule


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


def _pinv(rule: Rule, at: int) -> Value:
    """G. H. Golub and V. Pereyra (1973), equation 4.12, for the adjoint.

    The rank does not change: else the derivative is not there.
    """
    left = rule.value("matmul(matmul(swapped(g), y), swapped(y))")
    right = rule.value("matmul(swapped(y), matmul(y, swapped(g)))")
    left = rule.value("left - matmul(a, matmul(y, left))", left=left)
    right = rule.value("right - matmul(matmul(right, y), a)", right=right)
    both = rule.value("left + right", left=left, right=right)
    inner = "matmul(matmul(swapped(y), g), swapped(y))"
    return rule.value(f"both - {inner}", both=both)


def _lstsq(rule: Rule, at: int) -> Value:
    """That of ``pinv(a) @ b``, with the residue in the place of b - a y."""
    b_bar = rule.value("matmul(swapped(pinv(a)), g)")
    names = {
        "b_bar": b_bar,
        "residue": rule.value("b - matmul(a, y)"),
        "turned": rule.value("matmul(pinv(a), b_bar)", b_bar=b_bar),
        "back": rule.value("matmul(swapped(pinv(a)), y)"),
        "rest": rule.value("g - matmul(swapped(a), b_bar)", b_bar=b_bar),
    }
    formula = "times(residue, turned) + times(back, rest) - times(b_bar, y)"
    if rule.op.operands[1].type.rank == 1:
        return rule.value(formula.replace("times", "outer"), **names)
    for name in ("turned", "rest", "y"):
        names[name] = rule.value(f"swapped({name})", **names)
    return rule.value(formula.replace("times", "matmul"), **names)


def _qr_q(rule: Rule, at: int) -> Value:
    """S. F. Walter and L. Lehmann, *Algorithmic differentiation of linear algebra
    functions with application in optimum experimental design* (2010), for Q alone.
    """
    change = _mirrored(rule, rule.value("matmul(swapped(g), y)"))
    change = rule.value("g - matmul(y, change)", change=change)
    return _over_r(rule, change)


def _qr_r(rule: Rule, at: int) -> Value:
    """The same for R alone."""
    change = _mirrored(rule, rule.value("matmul(y, swapped(g))"))
    return _over_r(rule, rule.value("matmul(qr_q(a), change)", change=change))


def _mirrored(rule: Rule, p: Value) -> Value:
    """The triangle below the diagonal, and its mirror image."""
    lower = rule.emit("lower_triangle", p)
    return rule.value("where(lower, p, swapped(p))", lower=lower, p=p)


def _over_r(rule: Rule, change: Value) -> Value:
    """The change over R, transposed; R is square."""
    return rule.value("swapped(solve(qr_r(a), swapped(change)))", change=change)


def _multi_dot(rule: Rule, at: int) -> Value:
    """The adjoint stands between the factors before and those behind, transposed."""
    factors, g = list(rule.op.operands), rule.adjoint
    if factors[0].type.rank == 1:  # vectors become matrices of one row or column
        factors[0] = rule.emit("expand_dims", factors[0], attributes=((0,),))
        g = rule.emit("expand_dims", g, attributes=((0,),))
    if factors[-1].type.rank == 1:
        factors[-1] = rule.emit("expand_dims", factors[-1], attributes=((1,),))
        g = rule.emit("expand_dims", g, attributes=((g.type.rank,),))
    turned = [rule.value("swapped(factor)", factor=one) for one in factors]
    around = [*turned[:at][::-1], g, *turned[at + 1 :][::-1]]
    product = rule.emit("multi_dot" if len(around) > 2 else "matmul", *around)
    return rule.emit("reshape_like", product, rule.op.operands[at])


LINALG_ADJOINTS: dict[str, Callable[[Rule, int], Value]] = {
    "solve": _solve,
    "cholesky": _cholesky,
    "eigvalsh": spectral.eigenvalues_adjoint,
    "eigenvalues": spectral.eigenvalues_adjoint,
    "eigenvectors": spectral.eigenvectors_adjoint,
    "svdvals": spectral.singular_values_adjoint,
    "svd_s": spectral.singular_values_adjoint,
    "svd_u": spectral.left_vectors_adjoint,
    "svd_vt": spectral.right_vectors_adjoint,
    "pinv": _pinv,
    "lstsq": _lstsq,
    "qr_q": _qr_q,
    "qr_r": _qr_r,
    "multi_dot": _multi_dot,
}
