"""The table of array operations. To add an operation, add its entry here.

What is added to the adjoint of an operand is a formula in the operands, the attributes,
the result ``y`` and the adjoint ``g`` that arrives; every operation of this table and
of the scalar table may stand in it. An axis is a tuple of numbers from 0, or None for
all of them. Contributions to operands that were broadcast are summed afterwards.

The adjoints of linear algebra are those of M. B. Giles, *Collected matrix derivative
results for forward and reverse mode algorithmic differentiation* (2008).
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import REQUIRED, ArrayOperation, ShapeRule


def _entry(
    signature: str, numpy: str, shape: ShapeRule, *partials: str, **more: object
) -> ArrayOperation:
    """``name operand operand | attribute attribute``."""
    names, _, attributes = signature.partition("|")
    name, *operands = names.split()
    return ArrayOperation(
        name,
        tuple(operands),
        partials,
        numpy,
        shape=shape,
        attributes=tuple(map(_attribute, attributes.split())),
        **more,  # type: ignore[arg-type]
    )


def _attribute(text: str) -> tuple[str, object]:
    name, sign, default = text.partition("=")
    return name, _DEFAULTS[default] if sign else REQUIRED


_DEFAULTS = {"None": None, "False": False, "True": True, "0": 0, "1": 1, "-1": -1}

_SAME = {"result": "operands"}
_WHOLE = {"result": "int", "raises": False}
_TRUTH = {"result": "bool", "raises": False}
_SAFE = {"result": "operands", "raises": False}
_VIEW = {"result": "first", "view": True}
_NEW = {"raises": False, "shared": False}

_ENTRIES = (
    # elements; the pattern says how the indices stand in the brackets
    _entry(
        "index a *indices | pattern", "a[...]", shapes.indexed, "special", "0", **_VIEW
    ),
    _entry(
        # the array in which the elements that the indices name are v
        "store a v *indices | pattern",
        "a[...] = v",
        shapes.first,
        "store(g, 0.0, indices, pattern)",
        "unbroadcast(index(g, indices, pattern), v)",
        "0",
        result="first",
    ),
    _entry(
        # ... in which v is added to them, as often as the indices name them
        "accumulate a v *indices | pattern",
        "a[...] += v",
        shapes.first,
        "g",
        "unbroadcast(index(g, indices, pattern), v)",
        "0",
        result="first",
    ),
    # shapes
    _entry("length a | axis", "len", shapes.scalar, "0", **_WHOLE),
    _entry("size a", "a.size", shapes.scalar, "0", **_WHOLE),
    _entry(
        # spread over the shape of another
        "broadcast a like",
        "numpy.broadcast_to",
        shapes.second,
        "unbroadcast(g, a)",
        "0",
        view=True,
        **_SAFE,
    ),
    _entry(
        # summed over those axes along which an operand of another shape was broadcast
        "unbroadcast a like",
        "helper.unbroadcast",
        shapes.second,
        "broadcast(g, a)",
        "0",
        view=True,
        **_SAFE,
    ),
    _entry(
        "transpose a | axes", "numpy.transpose", shapes.transposed, "special", **_VIEW
    ),
    _entry(
        "expand_dims a | axis",
        "numpy.expand_dims",
        shapes.expanded,
        "squeeze(g, axis)",
        **_VIEW,
    ),
    _entry(
        "squeeze a | axis",
        "numpy.squeeze",
        shapes.squeezed,
        "expand_dims(g, axis)",
        **_VIEW,
    ),
    # reductions
    _entry(
        "sum a | axis=None keepdims=False",
        "numpy.sum",
        shapes.reduced,
        "broadcast(restored(g, axis, keepdims), a)",
        **_SAFE,
    ),
    _entry(
        # what a reduction gives, with the axes back that it has taken away
        "restored a | axis=None keepdims=False",
        "numpy.expand_dims",
        shapes.restored,
        "special",
        **_VIEW,
    ),
    # choices
    _entry(
        "where c a b",
        "numpy.where",
        shapes.elementwise,
        "0",
        "where(c, g, 0.0)",
        "where(c, 0.0, g)",
        **_SAFE,
    ),
    # products
    _entry(
        "matmul a b",
        "a @ b",
        shapes.matmul,
        "special",
        "special",
        **_SAME,
    ),
    _entry(
        "outer a b",
        "numpy.outer",
        shapes.outer,
        "matmul(g, b)",
        "matmul(a, g)",
        **_SAFE,
    ),
    # creation
    _entry("zeros *shape", "numpy.zeros", shapes.of_sizes, "0", shared=False),
    _entry(
        # an array of as many numbers
        "pack *a",
        "numpy.array",
        shapes.packed,
        "special",
        **_NEW,
    ),
    _entry(
        "zeros_like a", "numpy.zeros_like", shapes.first, "0", result="float", **_NEW
    ),
    _entry(
        "array | numbers element",
        "numpy.array",
        shapes.constant,
        result="attribute",
        **_NEW,
    ),
)

ARRAY_OPERATIONS: dict[str, ArrayOperation] = {entry.name: entry for entry in _ENTRIES}
