"""The table of array operations. To add an operation, add its entry here.

What is added to the adjoint of an operand is a formula in the operands, the attributes,
the result ``y`` and the adjoint ``g`` that arrives; every operation of this table and
of the scalar table may stand in it. An axis is a tuple of numbers from 0, or None for
all of them. Contributions to operands that were broadcast are summed afterwards.

``a.sum`` is NumPy's method, ``numpy.sort`` its function: of arrays, methods are faster.

The adjoints of linear algebra are those of M. B. Giles, *Collected matrix derivative
results for forward and reverse mode algorithmic differentiation* (2008).
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import ArrayOperation, entry
from adjoint.rules.list_table import LIST_ENTRIES

_SAME = {"result": "operands"}
_FIRST = {"result": "first"}
_WHOLE = {"result": "int", "raises": False}
_TRUTH = {"result": "bool", "raises": False}
_SAFE = {"result": "operands", "raises": False}
_NUMBER = {"result": "number", "raises": False}
_VIEW = {"result": "first", "view": True}
_NEW = {"shared": False}

_ENTRIES = (
    # elements; the pattern says how the indices stand in the brackets
    entry(
        "index a *indices | pattern", "a[...]", shapes.indexed, "special", "0", **_VIEW
    ),
    entry(
        # the array in which the elements that the indices name are v
        "store a v *indices | pattern",
        "a[...] = v",
        shapes.first,
        "store(g, 0.0, indices, pattern)",
        "special",
        "0",
        shared=False,
        result="stored",
    ),
    entry(
        # ... in which v is added to them, as often as the indices name them
        "accumulate a v *indices | pattern",
        "a[...] += v",
        shapes.first,
        "g",
        "unbroadcast(index(g, indices, pattern), v)",
        "0",
        shared=False,
        **_FIRST,
    ),
    # shapes
    entry("length a | axis", "len", shapes.scalar, "0", **_WHOLE),
    entry("size a", "numpy.size", shapes.scalar, "0", **_WHOLE),
    entry("count a | axis=None", "numpy.size", shapes.scalar, "0", **_WHOLE),
    entry(
        # spread over the shape of another
        "broadcast a like",
        "numpy.broadcast_to",
        shapes.second,
        "unbroadcast(g, a)",
        "0",
        view=True,
        **_SAFE,
    ),
    entry(
        # summed over those axes along which an operand of another shape was broadcast
        "unbroadcast a like",
        "helper.unbroadcast",
        shapes.second,
        "broadcast(g, a)",
        "0",
        view=True,
        **_SAFE,
    ),
    entry(
        "broadcast_to a *shape",
        "numpy.broadcast_to",
        shapes.of_sizes_behind,
        "unbroadcast(g, a)",
        "0",
        **_VIEW,
    ),
    entry(
        "reshape a *shape",
        "numpy.reshape",
        shapes.of_sizes_behind,
        "reshape_like(g, a)",
        "0",
        **_VIEW,
    ),
    entry(
        "reshape_like a like",
        "numpy.reshape",
        shapes.second,
        "reshape_like(g, a)",
        "0",
        **_VIEW,
    ),
    entry(
        "copy a", "numpy.array", shapes.first, "g", shared=False, raises=False, **_FIRST
    ),
    entry(
        "transpose a | axes", "numpy.transpose", shapes.transposed, "special", **_VIEW
    ),
    entry(
        "expand_dims a | axis",
        "numpy.expand_dims",
        shapes.expanded,
        "squeeze(g, axis)",
        **_VIEW,
    ),
    entry(
        "squeeze a | axis",
        "a.squeeze",
        shapes.squeezed,
        "expand_dims(g, axis)",
        **_VIEW,
    ),
    entry("flip a | axis", "numpy.flip", shapes.first, "flip(g, axis)", **_VIEW),
    entry(
        "roll a shift | axis=None",
        "numpy.roll",
        shapes.first,
        "roll(g, -shift, axis)",
        "0",
        **_FIRST,
    ),
    entry(
        "concatenate *a | axis=0",
        "numpy.concatenate",
        shapes.joined,
        "special",
        **_SAME,
    ),
    entry("stack *a | axis=0", "numpy.stack", shapes.stacked, "special", **_SAME),
    entry("tile a | reps", "numpy.tile", shapes.tiled, "untile(g, a, reps)", **_FIRST),
    entry(
        "untile a like | reps",
        "helper.untile",
        shapes.second,
        "tile(g, reps)",
        "0",
        **_FIRST,
    ),
    entry(
        "repeat a | repeats axis",
        "numpy.repeat",
        shapes.repeated,
        "unrepeat(g, a, repeats, axis)",
        **_FIRST,
    ),
    entry(
        "unrepeat a like | repeats axis",
        "helper.unrepeat",
        shapes.second,
        "repeat(g, repeats, axis)",
        "0",
        **_FIRST,
    ),
    entry(
        "diagonal a | offset=0",
        "a.diagonal",
        shapes.diagonal,
        "onto_diagonal(g, a, offset)",
        **_VIEW,
    ),
    entry(
        # zeros like another, with a on a diagonal
        "onto_diagonal a like | offset=0",
        "helper.onto_diagonal",
        shapes.second,
        "diagonal(g, offset)",
        "0",
        **_FIRST,
    ),
    entry("diag a | k=0", "numpy.diag", shapes.square, "diagonal(g, k)", **_FIRST),
    entry("triu a | k=0", "numpy.triu", shapes.first, "triu(g, k)", **_FIRST),
    entry("tril a | k=0", "numpy.tril", shapes.first, "tril(g, k)", **_FIRST),
    # reductions
    entry(
        "sum a | axis=None keepdims=False",
        "a.sum",
        shapes.reduced,
        "broadcast(restored(g, axis, keepdims), a)",
        **_NUMBER,
    ),
    entry(
        "mean a | axis=None keepdims=False",
        "a.mean",
        shapes.reduced,
        "broadcast(restored(g, axis, keepdims)/count(a, axis), a)",
        raises=False,
    ),
    entry(
        "prod a | axis=None keepdims=False",
        "a.prod",
        shapes.reduced,
        "restored(g, axis, keepdims)*other_products(a, axis)",
        **_NUMBER,
    ),
    entry(
        # for each element, the product of the others
        "other_products a | axis=None",
        "helper.other_products",
        shapes.first,
        "none",
        **_FIRST,
    ),
    entry(
        # ties share
        "amax a | axis=None keepdims=False",
        "a.max",
        shapes.reduced,
        "where(a == restored(y, axis, keepdims), restored(g/sum("
        "a == restored(y, axis, keepdims), axis, keepdims), axis, keepdims), 0.0)",
        **_FIRST,
    ),
    entry(
        "amin a | axis=None keepdims=False",
        "a.min",
        shapes.reduced,
        "where(a == restored(y, axis, keepdims), restored(g/sum("
        "a == restored(y, axis, keepdims), axis, keepdims), axis, keepdims), 0.0)",
        **_FIRST,
    ),
    entry(
        "var a | axis=None keepdims=False ddof=0",
        "a.var",
        shapes.reduced,
        "(a - mean(a, axis, True))"
        "*restored(2*g/(count(a, axis) - ddof), axis, keepdims)",
        raises=False,
    ),
    entry(
        # 0 where all are equal: a kink, as that of a norm
        "std a | axis=None keepdims=False ddof=0",
        "a.std",
        shapes.reduced,
        "(a - mean(a, axis, True))*restored("
        "g/(y if y != 0 else inf)/(count(a, axis) - ddof), axis, keepdims)",
        raises=False,
    ),
    entry(
        "norm a | axis=None keepdims=False",
        "numpy.linalg.norm",
        shapes.reduced,
        "a*restored(g/(y if y != 0 else inf), axis, keepdims)",
        raises=False,
    ),
    entry(
        "logsumexp a | axis=None keepdims=False",
        "helper.logsumexp",
        shapes.reduced,
        "exp(a - restored(y, axis, keepdims))*restored(g, axis, keepdims)",
        raises=False,
    ),
    entry(
        # what a reduction gives, with the axes back that it has taken away
        "restored a | axis=None keepdims=False",
        "numpy.expand_dims",
        shapes.restored,
        "squeeze(g, axis)",
        **_VIEW,
    ),
    entry(
        "cumsum a | axis",
        "a.cumsum",
        shapes.first,
        "flip(cumsum(flip(g, axis), axis), axis)",
        **_NUMBER,
    ),
    entry(
        "cumprod a | axis",
        "a.cumprod",
        shapes.first,
        "cumprod_adjoint(a, g, axis)",
        **_NUMBER,
    ),
    entry(
        "cumprod_adjoint a g_ | axis",
        "helper.cumprod_adjoint",
        shapes.first,
        "none",
        "none",
        **_FIRST,
    ),
    entry("any a | axis=None keepdims=False", "a.any", shapes.reduced, "0", **_TRUTH),
    entry("all a | axis=None keepdims=False", "a.all", shapes.reduced, "0", **_TRUTH),
    entry("argmax a | axis=None", "a.argmax", shapes.reduced, "0", result="int"),
    entry("argmin a | axis=None", "a.argmin", shapes.reduced, "0", result="int"),
    # choices
    entry(
        "where c a b",
        "numpy.where",
        shapes.elementwise,
        "0",
        "where(c, g, 0.0)",
        "where(c, 0.0, g)",
        raises=False,
        result="last",
    ),
    entry(
        "sort a | axis",
        "numpy.sort",
        shapes.first,
        "put_along(g, argsort(a, axis), axis)",
        **_FIRST,
    ),
    entry("argsort a | axis", "a.argsort", shapes.first, "0", **_WHOLE),
    entry(
        "take_along a order | axis",
        "numpy.take_along_axis",
        shapes.second,
        "put_along(g, order, axis)",
        "0",
        **_FIRST,
    ),
    entry(
        # the elements in the places that a permutation says
        "put_along a order | axis",
        "helper.put_along",
        shapes.first,
        "take_along(g, order, axis)",
        "0",
        **_FIRST,
    ),
    # products
    entry("matmul a b", "a @ b", shapes.matmul, "special", "special", **_SAME),
    entry(
        "outer a b",
        "numpy.outer",
        shapes.outer,
        "matmul(g, b)",
        "matmul(a, g)",
        **_SAFE,
    ),
    entry("einsum *a | subscripts", "numpy.einsum", shapes.einsum, "special", **_SAME),
    # linear algebra (Giles, section 2.2)
    entry("solve a b", "numpy.linalg.solve", shapes.second, "special", "special"),
    entry(
        "inv a",
        "numpy.linalg.inv",
        shapes.first,
        "-matmul(matmul(swapped(y), g), swapped(y))",
    ),
    entry("det a", "numpy.linalg.det", shapes.scalar, "g*y*swapped(inv(a))"),
    entry("slogdet_sign a", "numpy.linalg.slogdet", shapes.scalar, "0", raises=False),
    entry("slogdet a", "numpy.linalg.slogdet", shapes.scalar, "g*swapped(inv(a))"),
    entry("cholesky a", "numpy.linalg.cholesky", shapes.first, "special"),
    # creation
    entry("zeros *shape", "numpy.zeros", shapes.of_sizes, "0", **_NEW),
    entry("ones *shape", "numpy.ones", shapes.of_sizes, "0", **_NEW),
    entry(
        "full a *shape",
        "numpy.full",
        shapes.of_sizes_behind,
        "unbroadcast(g, a)",
        "0",
        **_NEW,
    ),
    entry("zeros_like a", "numpy.zeros_like", shapes.first, "0", raises=False, **_NEW),
    entry("ones_like a", "numpy.ones_like", shapes.first, "0", raises=False, **_NEW),
    entry(
        "full_like like a",
        "numpy.full_like",
        shapes.first,
        "0",
        "unbroadcast(g, a)",
        **_NEW,
    ),
    entry(
        "arange start stop step",
        "numpy.arange",
        shapes.vector,
        "sum(g)",
        "0",
        "none",
        **_SAME,
    ),
    entry(
        "linspace start stop n",
        "numpy.linspace",
        shapes.of_last,
        "sum(g*linspace(1.0, 0.0, n))",
        "sum(g*linspace(0.0, 1.0, n))",
        "0",
    ),
    entry(
        # whether an element of a square matrix is on or below the diagonal
        "lower_triangle like",
        "numpy.tri",
        shapes.first,
        "0",
        **_TRUTH,
    ),
    entry("eye rows columns | k=0", "numpy.eye", shapes.of_sizes, "0"),
    entry(
        # constants of the module, and literals
        "array | numbers element",
        "numpy.array",
        shapes.constant,
        result="attribute",
        raises=False,
    ),
    entry(
        # an array of as many numbers, or of arrays
        "pack *a",
        "numpy.array",
        shapes.packed,
        "special",
        **_SAME,
    ),
)

ARRAY_OPERATIONS: dict[str, ArrayOperation] = {
    one.name: one for one in (*_ENTRIES, *LIST_ENTRIES)
}
