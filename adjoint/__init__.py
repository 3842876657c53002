"""adjoint: exact derivatives as standalone Python source, by reverse mode.

>>> import adjoint
>>> d = adjoint.value_and_grad("(x1 - x2)**2 + cos(x1 + x2)")
>>> value, (by_x1, by_x2) = d(1.0, 2.0)
>>> round(by_x1, 5), round(by_x2, 5)
(-2.14112, 1.85888)
"""

from adjoint._version import __version__
from adjoint.api import Derivative, grad, value_and_grad
from adjoint.errors import AdjointError

__all__ = ["AdjointError", "Derivative", "__version__", "grad", "value_and_grad"]
