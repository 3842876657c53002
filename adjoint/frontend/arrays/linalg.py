"""Linear algebra, of NumPy and of SciPy."""

from __future__ import annotations

from adjoint.frontend.arrays.norms import norm, singular_values
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    flag,
    matrix,
    whole,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item, Refused
from adjoint.ir.program import Value


def _of_matrix(name: str) -> Lower:
    def lower(call: Call) -> Item:
        return call.emit(name, matrix(call, call.items(1)[0]))

    return lower


def _right_side(call: Call, item: Item) -> Value:
    right = array(call, item)
    if right.type.rank not in (1, 2):
        raise call.problem(f"`{call.name}` takes a vector or a matrix on the right")
    return right


def _solve(call: Call) -> Item:
    a, b = call.items(2)
    right = _right_side(call, b)
    return call.emit("solve", matrix(call, a), right)


def _slogdet(call: Call) -> Item:
    one = matrix(call, call.items(1)[0])
    return call.emit("slogdet_sign", one), call.emit("slogdet", one)


def _symmetric(*names: str) -> Lower:
    """Of a symmetric matrix; NumPy reads the triangle below the diagonal."""

    def lower(call: Call) -> Item:
        given = arguments(call, "a", "UPLO")
        if given.get("UPLO", "L") != "L":
            raise call.problem(f"`{call.name}` reads the lower triangle here")
        one = matrix(call, given["a"])
        parts = tuple([call.emit(name, one) for name in names])
        return parts if len(parts) > 1 else parts[0]

    return lower


def _svd(call: Call) -> Item:
    given = arguments(call, "a", "full_matrices", "compute_uv")
    one = matrix(call, given["a"])
    if not flag(call, given.get("compute_uv"), "compute_uv", True):
        return singular_values(call, one)
    if flag(call, given.get("full_matrices"), "full_matrices", True):
        message = f"`{call.name}` gives no more vectors than there are singular values"
        hint = "write `full_matrices=False`, or `compute_uv=False`"
        raise call.problem(f"{message} here", hint)
    return tuple([call.emit(name, one) for name in ("svd_u", "svd_s", "svd_vt")])


def _cond(call: Call) -> Item:
    """The condition by the norm 2: the quotient of the outer singular values."""
    given = arguments(call, "x", "p", optional=frozenset(("p",)))
    order = given.get("p")
    if order is not None and not (isinstance(order, Value) and order.number == 2):
        raise call.problem("the condition of a matrix is that by the norm 2 here")
    values = singular_values(call, matrix(call, given["x"]))
    greatest, least = [
        call.emit(name, values, attributes=(None, False)) for name in ("amax", "amin")
    ]
    return call.emit("div", greatest, least)


def _pinv(call: Call) -> Item:
    given = arguments(call, "a")
    return call.emit("pinv", matrix(call, given["a"]))


def _lstsq(call: Call) -> Item:
    given = arguments(call, "a", "b", "rcond", needed=2, optional=frozenset(("rcond",)))
    if "rcond" in given:
        raise call.problem("`rcond` of `lstsq` is None here")
    solution = call.emit(
        "lstsq", matrix(call, given["a"]), _right_side(call, given["b"])
    )
    other = Refused(f"of `{call.name}`, nothing but the solution can be used here")
    return solution, other, other, other


def _qr(call: Call) -> Item:
    given = arguments(call, "a", "mode")
    if given.get("mode", "reduced") != "reduced":
        raise call.problem(f"the mode of `{call.name}` is reduced here")
    one = matrix(call, given["a"])
    rows, columns = one.shape
    if isinstance(rows, int) and isinstance(columns, int) and rows < columns:
        message = f"`{call.name}` is of a matrix with more columns than rows"
        raise call.problem(message)
    return call.emit("qr_q", one), call.emit("qr_r", one)


def _matrix_power(call: Call) -> Item:
    """The products in the order in which NumPy has them."""
    a, n = call.items(2)
    one, power = matrix(call, a), whole(call, n, "the power of a matrix")
    if power == 0:
        size = call.emit("length", one, attributes=(0,))
        return call.emit("eye", size, size, attributes=(0,))
    if power < 0:
        one, power = call.emit("inv", one), -power
    if power == 3:
        return call.emit("matmul", call.emit("matmul", one, one), one)
    result, squared = None, one
    while True:
        if power % 2:
            result = squared if result is None else call.emit("matmul", result, squared)
        power //= 2
        if not power:
            return result
        squared = call.emit("matmul", squared, squared)


def _multi_dot(call: Call) -> Item:
    """NumPy chooses the order when it sees the lengths; the call stays one."""
    call.items(1)
    factors = [array(call, item) for item in call.sequence()]
    ranks = [one.type.rank for one in factors]
    if len(factors) < 2 or {*ranks[1:-1]} > {2} or not {ranks[0], ranks[-1]} <= {1, 2}:
        message = (
            "`multi_dot` is of two or more matrices, the outer ones may be vectors"
        )
        raise call.problem(message)
    return call.emit("multi_dot" if len(factors) > 2 else "matmul", *factors)


def _upper(call: Call) -> Item:
    """SciPy's factor is the other one, and its `lower` is not read here."""
    message = "`cholesky` of SciPy gives the upper factor"
    raise call.problem(message, "write `np.linalg.cholesky(a)`, or its `.T`")


#: In `numpy.linalg` and `scipy.linalg` alike.
_SHARED: dict[str, Lower] = {
    "norm": norm,
    "solve": _solve,
    **{name: _of_matrix(name) for name in ("inv", "det")},
}

FUNCTIONS: dict[str, Lower] = {
    **_SHARED,
    "slogdet": _slogdet,
    "cholesky": _of_matrix("cholesky"),
    "eigvalsh": _symmetric("eigvalsh"),
    "eigh": _symmetric("eigenvalues", "eigenvectors"),
    "svd": _svd,
    "cond": _cond,
    "pinv": _pinv,
    "lstsq": _lstsq,
    "qr": _qr,
    "matrix_power": _matrix_power,
    "multi_dot": _multi_dot,
}

SCIPY: dict[str, Lower] = {**_SHARED, "cholesky": _upper}
