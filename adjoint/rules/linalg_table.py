"""The operations of linear algebra, entries of the table of arrays.

Where nothing else is said, their derivatives are those of M. B. Giles, *Collected
matrix derivative results for forward and reverse mode algorithmic differentiation*
(2008).
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
    # of symmetric matrices: so are adjoints, and of tangents the symmetric part counts
    entry(
        "cholesky a",
        "numpy.linalg.cholesky",
        shapes.first,
        "special",
        tangent="special",
    ),
    entry(
        "eigvalsh a",
        "numpy.linalg.eigvalsh",
        shapes.rows,
        "special",
        tangent="special",
    ),
    entry(
        "eigenvalues a",
        "numpy.linalg.eigh",
        shapes.rows,
        "special",
        part=(0, 2),
        tangent="special",
    ),
    entry(
        "eigenvectors a",
        "numpy.linalg.eigh",
        shapes.first,
        "special",
        part=(1, 2),
        tangent="special",
    ),
    # singular values
    entry(
        "svdvals a",
        "numpy.linalg.svd",
        shapes.lesser,
        "special",
        tangent="special",
    ),
    entry(
        "svd_u a",
        "numpy.linalg.svd",
        shapes.rows_by_lesser,
        "special",
        part=(0, 3),
        tangent="special",
    ),
    entry(
        "svd_s a",
        "numpy.linalg.svd",
        shapes.lesser,
        "special",
        part=(1, 3),
        tangent="special",
    ),
    entry(
        "svd_vt a",
        "numpy.linalg.svd",
        shapes.lesser_by_columns,
        "special",
        part=(2, 3),
        tangent="special",
    ),
    # matrices of full rank
    entry(
        "pinv a",
        "numpy.linalg.pinv",
        shapes.transposed_matrix,
        "special",
        tangent="special",
    ),
    entry(
        "lstsq a b",
        "numpy.linalg.lstsq",
        shapes.matrix_solution,
        "special",
        "matmul(swapped(pinv(a)), g)",
        part=(0, 4),
        tangent="special",
    ),
    entry(
        "qr_q a",
        "numpy.linalg.qr",
        shapes.first,
        "special",
        part=(0, 2),
        tangent="special",
    ),
    entry(
        "qr_r a",
        "numpy.linalg.qr",
        shapes.columns_square,
        "special",
        part=(1, 2),
        tangent="special",
    ),
    entry(
        "multi_dot *a",
        "numpy.linalg.multi_dot",
        shapes.chained,
        "special",
        tangent="product",
    ),
)
