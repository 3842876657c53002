"""The targets there are: what writes modules in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adjoint.errors import OptionError, did_you_mean
from adjoint.target import numpy, python
from adjoint.target.python import Function


@dataclass(frozen=True)
class Target:
    """One target: the text of a module, and of one function that can be run."""

    name: str
    module_text: Callable[[Sequence[Function]], str]
    function_text: Callable[[Function], str]


TARGETS = {
    target.name: target
    for target in (
        Target("python", python.module_text, python.function_text),
        Target("numpy", numpy.module_text, numpy.function_text),
    )
}


def target_named(name: str) -> Target:
    """The target of that name. Raises OptionError where there is none."""
    if name not in TARGETS:
        hint = did_you_mean(name, TARGETS) or f"there is: {', '.join(TARGETS)}"
        raise OptionError(f"there is no target {name!r}; {hint}")
    return TARGETS[name]
