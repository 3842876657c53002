"""The operations of linear algebra, entries of the table of arrays.

Their derivatives are those of M. B. Giles, *Collected matrix derivative results for
forward and reverse mode algorithmic differentiation* (2008).
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import entry

LINALG_ENTRIES = (
    # Giles, section 2.2
    entry(
        "solve a b",
        "numpy.linalg.solve",
        shapes.second,
        "special",
        "special",
        tangent="special",
    ),
    entry(
        "inv a",
        "numpy.linalg.inv",
        shapes.first,
        "-matmul(matmul(swapped(y), g), swapped(y))",
        tangent="-matmul(matmul(y, d), y)",
    ),
    entry(
        "det a",
        "numpy.linalg.det",
        shapes.scalar,
        "g*y*swapped(inv(a))",
        tangent="y*sum(swapped(inv(a))*d)",
    ),
    entry(
        "slogdet_sign a",
        "numpy.linalg.slogdet",
        shapes.scalar,
        "0",
        part=(0, 2),
        raises=False,
    ),
    entry(
        "slogdet a",
        "numpy.linalg.slogdet",
        shapes.scalar,
        "g*swapped(inv(a))",
        part=(1, 2),
        tangent="sum(swapped(inv(a))*d)",
    ),
    entry(
        "cholesky a",
        "numpy.linalg.cholesky",
        shapes.first,
        "special",
        tangent="special",
    ),
)
