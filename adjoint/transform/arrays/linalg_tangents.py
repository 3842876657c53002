"""Tangents of linear algebra, as those of `tangents`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adjoint.ir.program import Value
from adjoint.transform.arrays import spectral
from adjoint.transform.arrays.formulas import Rule

#: Tangents of operands, by their place.
Moving = Mapping[int, Value]
Tangent = Callable[[Rule, Moving], Value]


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


def _pinv(rule: Rule, moving: Moving) -> Value:
    """Golub and Pereyra (1973), equation 4.12; see the adjoint."""
    d = moving[0]
    left = rule.value("matmul(matmul(y, swapped(y)), swapped(d))", d=d)
    right = rule.value("matmul(swapped(d), matmul(swapped(y), y))", d=d)
    left = rule.value("left - matmul(matmul(left, a), y)", left=left)
    right = rule.value("right - matmul(y, matmul(a, right))", right=right)
    both = rule.value("left + right", left=left, right=right)
    return rule.value("both - matmul(matmul(y, d), y)", both=both, d=d)


def _lstsq(rule: Rule, moving: Moving) -> Value:
    """That of ``pinv(a) @ b``, with the residue in the place of b - a y."""
    right = moving.get(1)
    if 0 not in moving:
        return rule.value("matmul(pinv(a), right)", right=right)
    d = moving[0]
    change = rule.value("-matmul(d, y)", d=d)
    residue = rule.value("b - matmul(a, y)")
    turned = rule.value("matmul(swapped(d), residue)", d=d, residue=residue)
    back = rule.value("matmul(swapped(d), matmul(swapped(pinv(a)), y))", d=d)
    if right is not None:
        change = rule.emit("add", right, change)
    change = rule.value(
        "change + matmul(swapped(pinv(a)), turned)", change=change, turned=turned
    )
    change = rule.value(
        "matmul(pinv(a), change - matmul(a, back))", change=change, back=back
    )
    return rule.emit("add", change, back)


def _qr_q(rule: Rule, moving: Moving) -> Value:
    """Walter and Lehmann (2010): Q turns by the skew part."""
    change = rule.value("swapped(solve(swapped(qr_r(a)), swapped(d)))", d=moving[0])
    return rule.value(
        "change - matmul(y, upper)", change=change, upper=_upper(rule, change)
    )


def _qr_r(rule: Rule, moving: Moving) -> Value:
    """The change of R is upper triangular, as R is."""
    change = rule.value("swapped(solve(swapped(y), swapped(d)))", d=moving[0])
    return rule.value("matmul(upper, y)", upper=_upper(rule, change))


def _upper(rule: Rule, change: Value) -> Value:
    """What is above the diagonal when the skew part of the turn is taken away."""
    turn = rule.value("matmul(swapped(qr_q(a)), change)", change=change)
    below = rule.value("tril(turn, -1)", turn=turn)
    return rule.value("turn - below + swapped(below)", turn=turn, below=below)


def _of_matrix(tangent: Callable[[Rule, Value], Value]) -> Tangent:
    """The tangent of what has the matrix alone for its operand."""
    return lambda rule, moving: tangent(rule, moving[0])


LINALG_TANGENTS: dict[str, Tangent] = {
    "solve": _solve,
    "cholesky": _cholesky,
    "eigvalsh": _of_matrix(spectral.eigenvalues_tangent),
    "eigenvalues": _of_matrix(spectral.eigenvalues_tangent),
    "eigenvectors": _of_matrix(spectral.eigenvectors_tangent),
    "svdvals": _of_matrix(spectral.singular_values_tangent),
    "svd_s": _of_matrix(spectral.singular_values_tangent),
    "svd_u": _of_matrix(spectral.left_vectors_tangent),
    "svd_vt": _of_matrix(spectral.right_vectors_tangent),
    "pinv": _pinv,
    "lstsq": _lstsq,
    "qr_q": _qr_q,
    "qr_r": _qr_r,
}
