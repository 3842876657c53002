"""The methods of NumPy's elementwise functions: ``np.add.outer``, ``np.add.reduce``."""

from __future__ import annotations

from adjoint.frontend.arrays import elementwise, reductions
from adjoint.frontend.arrays.numpy_calls import Lower, array
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item

_OUTER = (
    "add subtract multiply divide true_divide power maximum minimum hypot arctan2"
    " logaddexp less less_equal greater greater_equal equal not_equal"
)
#: By the elementwise function: what its reduction, and its accumulation, is called.
_REDUCED = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
_ACCUMULATED = {"add": "cumsum", "multiply": "cumprod"}


def _outer(name: str) -> Lower:
    """Each element of the first with each of the second."""

    def lower(call: Call) -> Item:
        a, b = (array(call, item) for item in call.items(2))
        if b.type.rank:
            behind = tuple(range(a.type.rank, a.type.rank + b.type.rank))
            a = call.emit("expand_dims", a, attributes=(behind,))
        pair = Call(call.lowering, call.node, (a, b), {})
        return elementwise.FUNCTIONS[name](pair)

    return lower


def _along_the_first(name: str) -> Lower:
    """As the function ``name``, along the first axis where none is given."""

    def lower(call: Call) -> Item:
        keywords = dict(call.keywords)
        if len(call.arguments) < 2:
            keywords.setdefault("axis", call.constant(0))
        whole = Call(call.lowering, call.node, call.arguments, keywords)
        return reductions.FUNCTIONS[name](whole)

    return lower


FUNCTIONS: dict[str, Lower] = {
    **{f"{name}.outer": _outer(name) for name in _OUTER.split()},
    **{f"{name}.reduce": _along_the_first(to) for name, to in _REDUCED.items()},
    **{f"{name}.accumulate": _along_the_first(to) for name, to in _ACCUMULATED.items()},
}
