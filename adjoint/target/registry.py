"""The targets there are: what writes modules in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.program import Program, has_arrays
from adjoint.target.arrays import elements, numpy
from adjoint.target.arrays.element_body import is_element_code
from adjoint.target.python import Function


def load_python(function: Function, text: str) -> Callable[..., Any]:
    """The function that the text, which is our own, defines."""
    name = function.program.name
    space: dict[str, Any] = {"__name__": f"adjoint.generated.{name}"}
    exec(compile(text, f"<generated {name}>", "exec"), space)
    loaded: Callable[..., Any] = space[name]
    return loaded


@dataclass(frozen=True)
class Target:
    """One target: the text of a module, and of one function that can be run.

    ``module`` is the package that the text imports, an extra of ours by the same name;
    ``batches`` says whether functions of numbers take arrays, ``python`` whether the
    text is Python; ``load`` makes a function to be called here of the text of one.
    """

    name: str
    module_text: Callable[[Sequence[Function]], str]
    function_text: Callable[[Function], str]
    module: str = ""
    batches: bool = False
    python: bool = True
    load: Callable[[Function, str], Callable[..., Any]] = load_python


# C is not on the way of those who write Python
def _c_module_text(functions: Sequence[Function]) -> str:
    from adjoint.target.c import module

    return module.module_text(functions)


def _c_function_text(function: Function) -> str:
    from adjoint.target.c import module

    return module.functions_text([function])


def _load_c(function: Function, text: str) -> Callable[..., Any]:
    from adjoint.target.c import library

    return library.load(function, text)


TARGETS = {
    target.name: target
    for target in (
        Target("python", elements.module_text, elements.function_text),
        Target("numpy", numpy.module_text, numpy.function_text, "numpy", True),
        Target("c", _c_module_text, _c_function_text, python=False, load=_load_c),
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


def target_for(name: str | None, *programs: Program) -> Target:
    """The target of that name, for a function, and a derivative of it.

    None is NumPy for functions that use it, or compute with whole arrays; Python for
    those of numbers, of lists, and of the elements of arrays.
    """
    if name is None:
        whole = has_arrays(programs[0]) and not all(map(is_element_code, programs))
        name = "numpy" if programs[0].numpy or whole else "python"
    return target_named(name)


def target_named(name: str) -> Target:
    """The target of that name. Raises OptionError where there is none."""
    if name not in TARGETS:
        hint = did_you_mean(name, TARGETS) or f"there is: {', '.join(TARGETS)}"
        raise OptionError(f"there is no target {name!r}; {hint}")
    return TARGETS[name]
