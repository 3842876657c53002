"""The table of array operations. To add an operation, add its entry here.

What is added to the adjoint of an operand is a formula in the operands, the attributes,
the result ``y`` and the adjoint ``g`` that arrives; the tangent of the result is one in
the tangent ``d`` of the operand, or follows from what is said of the operation. Every
operation of this table and of the scalar table may stand in a formula. An axis is a
tuple of numbers from 0, or None for all of them. Of an operand ``like`` nothing but its
shape is read. Contributions to operands that were broadcast are summed afterwards.

``a.sum`` is NumPy's method, ``numpy.sort`` its function: of arrays, methods are faster.
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import ArrayOperation, entry
from adjoint.rules.linalg_table import LINALG_ENTRIES
from adjoint.rules.list_table import LIST_ENTRIES

_SAME = {"result": "operands"}
_FIRST = {"result": "first"}
_WHOLE = {"result": "int", "raises": False}
_TRUTH = {"result": "bool", "raises": False}
_SAFE = {"result": "operands", "raises": False}
_NUMBER = {"result": "number", "raises": False}
_LINEAR = {"tangent": "linear"}
_PRODUCT = {"tangent": "product"}
_VIEW = {"result": "first", "view": True, **_LINEAR}
_NEW = {"shared": False}


def _extreme(name: str, numpy: str) -> ArrayOperation:
    """The greatest or the least element; those that are equal share the derivative."""
    chosen = "a == restored(y, axis, keepdims)"
    count = f"sum({chosen}, axis, keepdims)"
    return entry(
        f"{name} a | axis=None keepdims=False",
        numpy,
        shapes.reduced,
        f"where({chosen}, restored(g/{count}, axis, keepdims), 0.0)",
        **_FIRST,
        tangent=f"sum(where({chosen}, d, 0.0), axis, keepdims)/{count}",
    )


_ENTRIES = (
    # elements; the pattern says how the indices stand in the brackets
    entry(
        "index a *indices | pattern",
        "a[...]",
        shapes.indexed,
        "special",
        "0",
        lists=shapes.lists_inside,
        **_VIEW,
    ),
    entry(
        # the array in which the elements that the indices name are v
        "store a v *indices | pattern",
        "a[...] = v",
        shapes.stored,
        "special",
        "special",
        "0",
        shared=False,
        result="stored",
        **_LINEAR,
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
        **_LINEAR,
    ),
    # shapes
    entry("length like | axis", "len", shapes.scalar, "0", **_WHOLE),
    entry("size like", "numpy.size", shapes.scalar, "0", **_WHOLE),
    entry("count like | axis=None", "numpy.size", shapes.scalar, "0", **_WHOLE),
    entry(
        # spread over the shape of another
        "broadcast a like",
        "numpy.broadcast_to",
        shapes.second,
        "unbroadcast(g, a)",
        "0",
        view=True,
        **_SAFE,
        **_LINEAR,
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
        **_LINEAR,
    ),
    entry(
        # both at once: summed where the other has length 1, spread where this one has
        "fitted a like",
        "helper.fitted",
        shapes.second,
        "fitted(g, a)",
        "0",
        view=True,
        **_SAFE,
        **_LINEAR,
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
        "copy a",
        "numpy.array",
        shapes.first,
        "g",
        shared=False,
        raises=False,
        **_FIRST,
        **_LINEAR,
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
        **_LINEAR,
    ),
    entry(
        "concatenate *a | axis=0",
        "numpy.concatenate",
        shapes.joined,
        "special",
        **_SAME,
        **_LINEAR,
    ),
    entry(
        "stack *a | axis=0",
        "numpy.stack",
        shapes.stacked,
        "special",
        **_SAME,
        **_LINEAR,
    ),
    entry(
        "tile a | reps",
        "numpy.tile",
        shapes.tiled,
        "untile(g, a, reps)",
        **_FIRST,
        **_LINEAR,
    ),
    entry(
        "untile a like | reps",
        "helper.untile",
        shapes.second,
        "tile(g, reps)",
        "0",
        **_FIRST,
        **_LINEAR,
    ),
    entry(
        "repeat a repeats | axis",
        "numpy.repeat",
        shapes.repeated,
        "unrepeat(g, a, repeats, axis)",
        "0",
        **_FIRST,
        **_LINEAR,
    ),
    entry(
        "unrepeat a like repeats | axis",
        "helper.unrepeat",
        shapes.second,
        "repeat(g, repeats, axis)",
        "0",
        "0",
        **_FIRST,
        **_LINEAR,
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
        **_LINEAR,
    ),
    entry(
        "diag a | k=0",
        "numpy.diag",
        shapes.square,
        "diagonal(g, k)",
        **_FIRST,
        **_LINEAR,
    ),
    entry(
        "triu a | k=0", "numpy.triu", shapes.first, "triu(g, k)", **_FIRST, **_LINEAR
    ),
    entry(
        "tril a | k=0", "numpy.tril", shapes.first, "tril(g, k)", **_FIRST, **_LINEAR
    ),
    # reductions
    entry(
        "sum a | axis=None keepdims=False",
        "a.sum",
        shapes.reduced,
        "broadcast(restored(g, axis, keepdims), a)",
        **_NUMBER,
        **_LINEAR,
    ),
    entry(
        "mean a | axis=None keepdims=False",
        "a.mean",
        shapes.reduced,
        "broadcast(restored(g, axis, keepdims)/count(a, axis), a)",
        raises=False,
        **_LINEAR,
    ),
    entry(
        "prod a | axis=None keepdims=False",
        "a.prod",
        shapes.reduced,
        "restored(g, axis, keepdims)*other_products(a, axis)",
        **_NUMBER,
        tangent="sum(d*other_products(a, axis), axis, keepdims)",
    ),
    entry(
        # for each element, the product of the others
        "other_products a | axis=None",
        "helper.other_products",
        shapes.first,
        "special",
        **_FIRST,
        tangent="special",
    ),
    _extreme("amax", "a.max"),
    _extreme("amin", "a.min"),
    entry(
        "var a | axis=None keepdims=False ddof=0",
        "a.var",
        shapes.reduced,
        "(a - mean(a, axis, True))"
        "*restored(2*g/(count(a, axis) - ddof), axis, keepdims)",
        raises=False,
        tangent="2*sum((a - mean(a, axis, True))*d, axis, keepdims)"
        "/(count(a, axis) - ddof)",
    ),
    entry(
        # 0 where all are equal: a kink, as that of a norm
        "std a | axis=None keepdims=False ddof=0",
        "a.std",
        shapes.reduced,
        "(a - mean(a, axis, True))*restored("
        "g/(y if y != 0 else inf)/(count(a, axis) - ddof), axis, keepdims)",
        raises=False,
        tangent="sum((a - mean(a, axis, True))*d, axis, keepdims)"
        "/(y if y != 0 else inf)/(count(a, axis) - ddof)",
    ),
    entry(
        "norm a | axis=None keepdims=False",
        "numpy.linalg.norm",
        shapes.reduced,
        "a*restored(g/(y if y != 0 else inf), axis, keepdims)",
        raises=False,
        tangent="sum(a*d, axis, keepdims)/(y if y != 0 else inf)",
    ),
    entry(
        "logsumexp a | axis=None keepdims=False",
        "helper.logsumexp",
        shapes.reduced,
        "exp(a - restored(y, axis, keepdims))*restored(g, axis, keepdims)",
        raises=False,
        tangent="sum(exp(a - restored(y, axis, keepdims))*d, axis, keepdims)",
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
        **_LINEAR,
    ),
    entry(
        "cumprod a | axis",
        "a.cumprod",
        shapes.first,
        "special",
        **_NUMBER,
        tangent="special",
    ),
    entry(
        # y[i] = a[i] + c[i]*y[i - 1], along one axis
        "recurrence a c | axis",
        "helper.recurrence",
        shapes.first,
        "special",
        "special",
        **_FIRST,
        tangent="special",
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
        **_LINEAR,
    ),
    # floats, cut to whole numbers
    entry("whole a", "numpy.int64", shapes.first, "0", **_WHOLE),
    entry(
        "sort a | axis",
        "numpy.sort",
        shapes.first,
        "put_along(g, argsort(a, axis), axis)",
        **_FIRST,
        tangent="take_along(d, argsort(a, axis), axis)",
    ),
    entry("argsort a | axis", "a.argsort", shapes.first, "0", **_WHOLE),
    entry(
        # where each of v would have to stand in the row a, which is in order
        "searchsorted a v | side",
        "numpy.searchsorted",
        shapes.second,
        "0",
        "0",
        **_WHOLE,
    ),
    entry(
        "take_along a order | axis",
        "numpy.take_along_axis",
        shapes.second,
        "put_along(g, order, axis)",
        "0",
        **_FIRST,
        **_LINEAR,
    ),
    entry(
        # the elements in the places that a permutation says
        "put_along a order | axis",
        "helper.put_along",
        shapes.first,
        "take_along(g, order, axis)",
        "0",
        **_FIRST,
        **_LINEAR,
    ),
    # products
    entry(
        "matmul a b", "a @ b", shapes.matmul, "special", "special", **_SAME, **_PRODUCT
    ),
    entry(
        "outer a b",
        "numpy.outer",
        shapes.outer,
        "matmul(g, b)",
        "matmul(a, g)",
        **_SAFE,
        **_PRODUCT,
    ),
    entry(
        "einsum *a | subscripts",
        "numpy.einsum",
        shapes.einsum,
        "special",
        **_SAME,
        **_PRODUCT,
    ),
    entry(
        # of two rows, whole: y[n] is the sum of all a[i]*v[n - i]
        "convolve a v",
        "numpy.convolve",
        shapes.vector,
        "correlate(g, v)",
        "correlate(g, a)",
        **_SAME,
        **_PRODUCT,
    ),
    entry(
        # of a longer row and a shorter one: y[n] is the sum of all a[n + i]*v[i]
        "correlate a v",
        "numpy.correlate",
        shapes.vector,
        "convolve(g, v)",
        "correlate(a, g)",
        **_SAME,
        **_PRODUCT,
    ),
    # creation
    entry("zeros *shape", "numpy.zeros", shapes.of_sizes, "0", **_NEW),
    entry("ones *shape", "numpy.ones", shapes.of_sizes, "0", **_NEW),
    entry(
        "full a *shape",
        "numpy.full",
        shapes.of_sizes_behind,
        "unbroadcast(g, a)",
        "0",
        result="first",
        **_NEW,
        **_LINEAR,
    ),
    entry(
        "zeros_like like", "numpy.zeros_like", shapes.first, "0", raises=False, **_NEW
    ),
    entry("ones_like like", "numpy.ones_like", shapes.first, "0", raises=False, **_NEW),
    entry(
        "full_like like a",
        "numpy.full_like",
        shapes.first,
        "0",
        "unbroadcast(g, a)",
        **_NEW,
        **_LINEAR,
    ),
    entry(
        "arange start stop step",
        "numpy.arange",
        shapes.vector,
        "sum(g)",
        "0",
        "none",
        **_SAME,
        tangent="broadcast(d, y)",
    ),
    entry(
        "linspace start stop n",
        "numpy.linspace",
        shapes.of_last,
        "sum(g*linspace(1.0, 0.0, n))",
        "sum(g*linspace(0.0, 1.0, n))",
        "0",
        **_LINEAR,
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
        **_LINEAR,
    ),
)

ARRAY_OPERATIONS: dict[str, ArrayOperation] = {
    one.name: one for one in (*_ENTRIES, *LINALG_ENTRIES, *LIST_ENTRIES)
}
