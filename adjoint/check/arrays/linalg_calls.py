"""The calls of linear algebra in a module of arrays whose results are several.

In 50 digits each result is that of an operation of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from adjoint.ir.arithmetic import Arithmetic

_SVD = ("svd_u", "svd_s", "svd_vt")


def linalg_calls(functions: Arithmetic) -> dict[str, Callable[..., Any]]:
    """What each spelling gives, in the arithmetic of the functions."""

    def several(names: Sequence[str], *given: Any) -> _Parts:
        return _Parts([partial(functions[name], *given) for name in names])

    def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
        return several(_SVD, a) if compute_uv else functions["svdvals"](a)

    return {
        "numpy.linalg.slogdet": lambda a: several(("slogdet_sign", "slogdet"), a),
        "numpy.linalg.eigh": lambda a: several(("eigenvalues", "eigenvectors"), a),
        "numpy.linalg.qr": lambda a: several(("qr_q", "qr_r"), a),
        "numpy.linalg.svd": svd,
        "numpy.linalg.lstsq": lambda a, b, rcond: several(("lstsq",), a, b),
        "numpy.linalg.multi_dot": lambda factors: functions["multi_dot"](*factors),
    }


class _Parts(Sequence[Any]):
    """Several results, each computed when it is asked for."""

    def __init__(self, parts: Sequence[Callable[[], Any]]):
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, at: Any) -> Any:
        return self._parts[at]()
