"""adjoint: exact derivatives as standalone Python source, by reverse mode.

>>> import adjoint
>>> d = adjoint.value_and_grad("(x1 - x2)**2 + cos(x1 + x2)")
>>> value, (by_x1, by_x2) = d(1.0, 2.0)
>>> round(by_x1, 5), round(by_x2, 5)
(-2.14112, 1.85888)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from adjoint._version import __version__

__all__ = [
    "AdjointError",
    "Derivative",
    "__version__",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "rule",
    "rules_of",
    "stop_gradient",
    "to_sympy",
    "value_and_grad",
    "vjp",
]

_HOMES = {
    "AdjointError": "adjoint.errors",
    "Derivative": "adjoint.derivative_object",
}
_HOMES |= dict.fromkeys(("rule", "rules_of", "stop_gradient"), "adjoint.own_rules")

if TYPE_CHECKING:
    from adjoint.api import (
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        to_sympy,
        value_and_grad,
        vjp,
    )
    from adjoint.derivative_object import Derivative
    from adjoint.errors import AdjointError
    from adjoint.own_rules import rule, rules_of, stop_gradient
else:

    def __getattr__(name: str) -> Any:
        """A public name, when it is first used: the import itself loads no compiler."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = _HOMES.get(name, "adjoint.api")
        value = globals()[name] = getattr(import_module(home), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
