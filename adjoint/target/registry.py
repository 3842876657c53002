"""The targets there are: what writes modules in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.program import Program, has_arrays
from adjoint.target import elements, numpy
from adjoint.target.element_body import is_element_code
from adjoint.target.python import Function


@dataclass(frozen=True)
class Target:
    """One target: the text of a module, and of one function that can be run.

    ``module`` is the package that the text imports, an extra of ours by the same name;
    ``batches`` says whether functions of numbers take arrays, which `check` runs too.
    """

    name: str
    module_text: Callable[[Sequence[Function]], str]
    function_text: Callable[[Function], str]
    module: str = ""
    batches: bool = False


TARGETS = {
    target.name: target
    for target in (
        Target("python", elements.module_text, elements.function_text),
        Target("numpy", numpy.module_text, numpy.function_text, "numpy", True),
    )
}


@contextmanager
def needs_module(name: str) -> Iterator[None]:
    """Raises OptionError, which names the extra, where a package is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise OptionError(
            f"to be run here, this needs the package {name}, which is not installed;"
            f" pip install 'adjoint[{name}]' installs it"
        ) from None


def target_for(name: str | None, program: Program) -> Target:
    """The target of that name.

    None is NumPy for functions that use it, or compute with whole arrays; Python for
    those of numbers, of lists, and of the elements of arrays.
    """
    if name is None:
        whole = has_arrays(program) and not is_element_code(program)
        name = "numpy" if program.numpy or whole else "python"
    return target_named(name)


def target_named(name: str) -> Target:
    """The target of that name. Raises OptionError where there is none."""
    if name not in TARGETS:
        hint = did_you_mean(name, TARGETS) or f"there is: {', '.join(TARGETS)}"
        raise OptionError(f"there is no target {name!r}; {hint}")
    return TARGETS[name]
