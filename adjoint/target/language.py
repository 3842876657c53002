"""The languages of the targets: a column of the table of operations, and helpers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from adjoint.rules import helpers
from adjoint.rules.operation import Operation
from adjoint.target.helper_text import Helpers


@dataclass(frozen=True)
class Language:
    """How the operations are spelled.

    ``spelling`` reads the column of the table; ``helpers`` is the file of functions
    that the language lacks. With ``binary`` its functions take two operands where the
    table says any number. ``augments`` says whether ``a += b`` makes a new number, and
    does not change what others call by another name, as it does with arrays.
    """

    spelling: Callable[[Operation], str]
    helpers: Helpers
    binary: bool = False
    augments: bool = True


_RULES = Path(helpers.__file__).parent
PYTHON = Language(
    attrgetter("python"),
    Helpers(Path(helpers.__file__), _RULES / "helpers_lists.py"),
)
# read, and not imported: to write the text of a module, NumPy need not be there
NUMPY = Language(
    attrgetter("numpy"),
    Helpers(
        _RULES / "helpers_numpy.py",
        _RULES / "helpers_arrays.py",
        _RULES / "helpers_lists.py",
        Path(__file__).parent / "arrays" / "numpy_runtime.py",
    ),
    binary=True,
    augments=False,
)
