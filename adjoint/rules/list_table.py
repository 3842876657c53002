"""The operations that lists of Python's have and arrays have not.

All others of the table of arrays may be applied to lists as well. A list is never the
result of the same expression twice: it may be changed later.
"""

from __future__ import annotations

from adjoint.rules import array_shapes as shapes
from adjoint.rules.array_operation import entry

_LINEAR = {"tangent": "linear"}
_FRESH = {"shared": False, "raises": False}
_NEW = {**_FRESH, "lists": True}

LIST_ENTRIES = (
    entry(
        # the list that is written out
        "display *a",
        "[a, b]",
        shapes.packed,
        "special",
        result="operands",
        lists=shapes.lists_of_items,
        **_FRESH,
        **_LINEAR,
    ),
    entry(
        "empty | rank listed element",
        "[]",
        shapes.empty,
        result="attribute",
        lists=shapes.empty_lists,
        **_FRESH,
    ),
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
        lists=shapes.lists_of_first,
        **_FRESH,
        **_LINEAR,
    ),
    entry(
        # the list without its last item
        "dropped a",
        "a.pop()",
        shapes.dropped,
        "special",
        result="first",
        lists=shapes.lists_of_first,
        shared=False,
        **_LINEAR,
    ),
    entry(
        # an array of NumPy's
        "as_array a",
        "numpy.array",
        shapes.first,
        "special",
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
    # lists of arrays
    entry(
        "rows_of a",
        "list",
        shapes.first,
        "as_array(g)",
        result="first",
        lists=shapes.one_list,
        **_FRESH,
        **_LINEAR,
    ),
    entry(
        "joined_items a | axis=0",
        "numpy.concatenate",
        shapes.joined_items,
        "parted(g, a, axis)",
        result="first",
        lists=False,
        **_LINEAR,
    ),
    entry(
        # the parts of which the array was joined
        "parted a like | axis=0",
        "helper.parted",
        shapes.second,
        "joined_items(g, axis)",
        "0",
        result="first",
        lists=shapes.one_list,
        **_FRESH,
        **_LINEAR,
    ),
    entry(
        "stacked_items a | axis=0",
        "numpy.stack",
        shapes.stacked_items,
        "special",
        result="first",
        lists=False,
        **_LINEAR,
    ),
    entry("fsum a", "math.fsum", shapes.scalar, "broadcast(g, a)", **_LINEAR),
)
