"""Linear algebra, of NumPy and of SciPy."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    array,
    as_float,
)
from adjoint.frontend.arrays.reductions import norm
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.program import Value


def _matrix(call: Call, item: Item) -> Value:
    value = array(call, item)
    if value.type.rank != 2:
        raise call.problem(f"`{call.name}` is that of one matrix here")
    return as_float(call, value)


def _of_matrix(name: str) -> Lower:
    def lower(call: Call) -> Item:
        return call.emit(name, _matrix(call, call.items(1)[0]))

    return lower


def _solve(call: Call) -> Item:
    a, b = call.items(2)
    right = array(call, b)
    if right.type.rank not in (1, 2):
        raise call.problem("`solve` takes a vector or a matrix on the right")
    return call.emit("solve", _matrix(call, a), right)


def _slogdet(call: Call) -> Item:
    matrix = _matrix(call, call.items(1)[0])
    return call.emit("slogdet_sign", matrix), call.emit("slogdet", matrix)


#: In `numpy.linalg` and `scipy.linalg`.
FUNCTIONS: dict[str, Lower] = {
    "norm": norm,
    "solve": _solve,
    "slogdet": _slogdet,
    **{name: _of_matrix(name) for name in ("inv", "det", "cholesky")},
}
