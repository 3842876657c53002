"""Derivatives of eigenvalues and eigenvectors, and of singular values and vectors.

Those of vectors have the differences of the values as divisors. Where two values are
equal they are not there: they are inf or nan, but 0 for vectors that nothing depends
on.

M. B. Giles (2008), sections 3.1 and 3.2; J. Townsend, *Differentiating the singular
value decomposition* (2016).
"""

from __future__ import annotations

from adjoint.ir.program import Value
from adjoint.transform.arrays.formulas import Rule

# -- symmetric matrices


def eigenvalues_adjoint(rule: Rule, at: int) -> Value:
    """No divisors: equal eigenvalues do no harm."""
    vectors = rule.value("eigenvectors(a)")
    return rule.value("matmul(v*g, swapped(v))", v=vectors)


def eigenvalues_tangent(rule: Rule, direction: Value) -> Value:
    """The diagonal of the change, seen from the eigenvectors."""
    vectors = rule.value("eigenvectors(a)")
    product = rule.value("v*matmul(d, v)", v=vectors, d=direction)
    return rule.emit("sum", product, attributes=((0,), False))


def eigenvectors_adjoint(rule: Rule, at: int) -> Value:
    """The symmetric part of Giles's formula, since the matrix is."""
    turn = rule.value("matmul(swapped(y), g)")
    gaps = _gaps(rule, rule.value("eigenvalues(a)"))
    gaps = _gaps_but(rule, gaps, _unused(rule, rule.adjoint))
    turn = rule.value("0.5*(turn - swapped(turn))/gaps", turn=turn, gaps=gaps)
    return rule.value("matmul(matmul(y, turn), swapped(y))", turn=turn)


def eigenvectors_tangent(rule: Rule, direction: Value) -> Value:
    """They turn by what the change is off the diagonal, over the gap."""
    gaps = _gaps(rule, rule.value("eigenvalues(a)"))
    d = rule.value("0.5*(d + swapped(d))", d=direction)
    turn = rule.value("matmul(matmul(swapped(y), d), y)/gaps", d=d, gaps=gaps)
    return rule.value("matmul(y, turn)", turn=turn)


# -- singular values


def singular_values_adjoint(rule: Rule, at: int) -> Value:
    """That of a value that is 0 is 0: a kink, as that of a norm."""
    g = rule.value("where(y != 0.0, g, 0.0)")
    return rule.value("matmul(svd_u(a)*g, svd_vt(a))", g=g)


def singular_values_tangent(rule: Rule, direction: Value) -> Value:
    """The diagonal of the change, seen from the singular vectors."""
    product = rule.value("svd_u(a)*matmul(d, swapped(svd_vt(a)))", d=direction)
    change = rule.emit("sum", product, attributes=((0,), False))
    return rule.value("where(y != 0.0, change, 0.0)", change=change)


class _Side:
    """The singular vectors ``u`` of a matrix, those of the other side, the values.

    The vectors of the right are those of the left of the matrix transposed.
    """

    def __init__(self, rule: Rule, left: bool):
        self.rule = rule
        u, v = rule.value("svd_u(a)"), rule.value("swapped(svd_vt(a))")
        if not left:
            u, v = v, u
        self.names = {"u": u, "v": v, "s": rule.value("svd_s(a)")}
        self.names["gaps"] = _gaps(rule, rule.value("s*s", **self.names))
        self.names["divisors"] = self.names["s"]
        self._lengths = (0, 1) if left else (1, 0)

    def leave_out(self, unused: Value) -> None:
        """Have no divisor be 0 for vectors that nothing depends on."""
        self.names["gaps"] = _gaps_but(self.rule, self.names["gaps"], unused)
        closed = self.rule.emit("and", unused, self.value("s == 0.0"))
        self.names["divisors"] = self.value("where(closed, inf, s)", closed=closed)

    def value(self, formula: str, **names: Value) -> Value:
        """The value of a formula in the vectors and values."""
        return self.rule.value(formula, **self.names, **names)

    def with_rest(self, within: Value, rest: str, **names: Value) -> Value:
        """With what leaves the space of the vectors, where they are not a basis."""
        more, less = [
            self.rule.emit("length", self.rule.op.operands[0], attributes=(axis,))
            for axis in self._lengths
        ]
        names |= {"within": within, "more": more, "less": less}
        return self.value(f"within + {rest} if more > less else within", **names)


def left_vectors_adjoint(rule: Rule, at: int) -> Value:
    """Townsend's equation for the adjoint of U."""
    return _vectors_adjoint(_Side(rule, left=True), rule.adjoint)


def right_vectors_adjoint(rule: Rule, at: int) -> Value:
    """The same of the matrix transposed."""
    side = _Side(rule, left=False)
    found = _vectors_adjoint(side, rule.value("swapped(g)"))
    return rule.value("swapped(found)", found=found)


def _vectors_adjoint(side: _Side, g: Value) -> Value:
    side.leave_out(_unused(side.rule, g))
    turn = side.value("matmul(swapped(u), g)", g=g)
    within = side.value("matmul(u, (turn - swapped(turn))/gaps*s)", turn=turn)
    rest = "(g - matmul(u, turn))/divisors"
    change = side.with_rest(within, rest, turn=turn, g=g)
    return side.value("matmul(change, swapped(v))", change=change)


def left_vectors_tangent(rule: Rule, direction: Value) -> Value:
    """Townsend's equation for the change of U."""
    return _vectors_tangent(_Side(rule, left=True), direction)


def right_vectors_tangent(rule: Rule, direction: Value) -> Value:
    """The same of the matrix transposed."""
    d = rule.value("swapped(d)", d=direction)
    found = _vectors_tangent(_Side(rule, left=False), d)
    return rule.value("swapped(found)", found=found)


def _vectors_tangent(side: _Side, d: Value) -> Value:
    moved = side.value("matmul(d, v)", d=d)
    turn = side.value("matmul(swapped(u), moved)", moved=moved)
    turned = side.value("(turn*s + swapped(turn*s))/gaps", turn=turn)
    within = side.value("matmul(u, turned)", turned=turned)
    rest = "(moved - matmul(u, turn))/divisors"
    return side.with_rest(within, rest, turn=turn, moved=moved)


# -- divisors


def _gaps(rule: Rule, values: Value) -> Value:
    """How far each value, along a row, is from that of the row; inf on the diagonal."""
    far = rule.value("diag(broadcast(inf, values), 0)", values=values)
    across, down = _across_and_down(rule, values)
    return rule.value("across - down + far", across=across, down=down, far=far)


def _gaps_but(rule: Rule, gaps: Value, unused: Value) -> Value:
    """The gaps, with inf for 0 where neither vector is used."""
    across, down = _across_and_down(rule, unused)
    neither = rule.emit("and", across, down)
    closed = rule.emit("and", neither, rule.value("gaps == 0.0", gaps=gaps))
    return rule.value("where(closed, inf, gaps)", closed=closed, gaps=gaps)


def _unused(rule: Rule, adjoint: Value) -> Value:
    """Which vectors, the columns, nothing depends on."""
    zero = rule.value("adjoint == 0.0", adjoint=adjoint)
    return rule.emit("all", zero, attributes=((0,), False))


def _across_and_down(rule: Rule, values: Value) -> tuple[Value, Value]:
    """The values as a row and as a column."""
    return (
        rule.emit("expand_dims", values, attributes=((0,),)),
        rule.emit("expand_dims", values, attributes=((1,),)),
    )
