"""The operations that lists of Python's have and arrays have not.

All others of the table of arrays may be applied to lists as well. A list is never the
result of the same expression twice: it may be changed later.
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import entry

_LINEAR = {"tangent": "linear"}
_NEW = {"shared": False, "lists": True, "raises": False}

LIST_ENTRIES = (
    entry(
        # the list that is written out
        "display *a",
        "[a, b]",
        shapes.packed,
        "special",
        result="operands",
        **_NEW,
        **_LINEAR,
    ),
    entry("empty | rank element", "[]", shapes.empty, result="attribute", **_NEW),
    entry(
        # a number in each of n places
        "filled a n",
        "[a] * n",
        shapes.of_sizes_behind,
        "sum(g)",
        "0",
        result="first",
        **_NEW,
        **_LINEAR,
    ),
    entry(
        # the list with one item more
        "appended a v",
        "a.append(v)",
        shapes.appended,
        "dropped(g)",
        "special",
        result="stored",
        **_NEW,
        **_LINEAR,
    ),
    entry(
        # the list without its last item
        "dropped a",
        "a.pop()",
        shapes.dropped,
        "special",
        result="first",
        lists=True,
        shared=False,
        **_LINEAR,
    ),
    entry(
        # an array of NumPy's
        "as_array a",
        "numpy.array",
        shapes.first,
        "as_list(g)",
        result="first",
        lists=False,
        shared=False,
        **_LINEAR,
        raises=False,
    ),
    entry(
        "as_list a",
        "a.tolist()",
        shapes.first,
        "as_array(g)",
        result="first",
        **_NEW,
        **_LINEAR,
    ),
    entry("fsum a", "math.fsum", shapes.scalar, "broadcast(g, a)", **_LINEAR),
)
