"""What a user imports: a derivative, as an object that is called like a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adjoint.derivative import (
    derivative_function,
    named,
    parameters_of_interest,
    primal_function,
)
from adjoint.errors import OptionError, did_you_mean
from adjoint.files import write_atomically
from adjoint.frontend.read import read
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program
from adjoint.target.registry import target_named

if TYPE_CHECKING:
    from adjoint.check.report import Report
    from adjoint.explain.explanation import Explanation

#: A formula, ``path/to/file.py:function``, or a Python function.
Primal = str | Callable[..., Any]


class Derivative:
    """A derivative of a function; it is called with the function's own arguments.

    ``wrt``      the names of the parameters that it is a derivative by
    ``primal``   the function as a `Program`
    ``program``  the derivative as a `Program`
    """

    def __init__(
        self,
        source: Primal,
        kind: str,
        wrt: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        target: str = "python",
        signature: str | None = None,
        static: Mapping[str, Any] | None = None,
        unroll: bool | int = 0,
        checkpoint: str | int | None = None,
    ):
        self._target = target_named(target)
        self.kind = kind
        with collection_paused():
            program = read(source, signature=signature, static=static, unroll=unroll)
            self.primal: Program = named(program, name)
            self.wrt = parameters_of_interest(self.primal, wrt)
            self._function = derivative_function(
                self.primal, kind, self.wrt, checkpoint
            )

    def __call__(self, *args: float, **kwargs: float) -> Any:
        """The derivative at a point; the docstring of ``source`` says what it is."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        primal = self.primal
        return f"<{self.kind} of {primal.name}({', '.join(primal.parameter_names)})>"

    @property
    def program(self) -> Program:
        """The derivative as a `Program`."""
        return self._function.program

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The generated function itself, compiled."""
        name = self._function.program.name
        space: dict[str, Any] = {"__name__": f"adjoint.generated.{name}"}
        text = self._target.function_text(self._function)
        exec(compile(text, f"<generated {name}>", "exec"), space)  # our own text
        function: Callable[..., Any] = space[name]
        return function

    @cached_property
    def source(self) -> str:
        """The text of the standalone module: the function and this derivative of it."""
        with collection_paused():
            functions = [primal_function(self.primal), self._function]
            return self._target.module_text(functions)

    def save(self, path: str | Path) -> None:
        """Write ``source`` to a file. Raises AdjointError where that fails."""
        write_atomically(path, self.source)

    def explain(self, at: Mapping[str, float] | Sequence[float]) -> Explanation:
        """The forward and the reverse sweep with numbers at a point, to be read.

        ``at`` has a number for each parameter, by name or in their order. The result
        prints itself, and shows itself in notebooks. Raises AdjointError where the
        point does not fit, or the function or its derivative is not finite there.
        """
        from adjoint.explain.explanation import Explanation
        from adjoint.explain.point import by_name

        return Explanation(self.primal, by_name(self.primal, at), self.wrt)

    def check(
        self,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        seconds: float = 10.0,
    ) -> Report:
        """The evidence that the derivative is right; truthy when all of it holds.

        ``ranges`` gives the interval in which to sample a parameter. Raises OptionError
        for a name that is no parameter.
        """
        from adjoint.check.evidence import check_module

        known = self.primal.parameter_names
        for parameter in ranges or ():
            if parameter not in known:
                hint = did_you_mean(parameter, known) or f"there is: {', '.join(known)}"
                raise OptionError(f"{parameter!r} is not a parameter; {hint}")
        return check_module(
            self.source,
            source_name=f"derivative of {self.primal.name}",
            ranges=dict(ranges or {}),
            program=self.primal,
            derivative=self.kind,
            wrt=self.wrt,
            seconds=seconds,
        )


def grad(
    source: Primal, wrt: str | Sequence[str] | None = None, **options: Any
) -> Derivative:
    """The gradient: called with the function's arguments, it returns the derivative.

    ``wrt`` names the parameters of interest (default: every float); one gives the bare
    derivative, several a tuple in their order. Options: ``name``, ``target``, and for
    Python functions ``signature`` (types, ``"x: float, n: int"``), ``static`` (values
    for parameters that decide recursion or unrolled loops) and ``unroll`` (loops over
    literal ranges of up to so many numbers become straight-line code) and
    ``checkpoint`` ("sqrt", or a number of states: what each long loop may save; the
    rest is computed again). Raises AdjointError, with the place, for what is not in
    the language.
    """
    return Derivative(source, "grad", wrt, **options)


def value_and_grad(
    source: Primal, wrt: str | Sequence[str] | None = None, **options: Any
) -> Derivative:
    """The value and the gradient: as `grad`, but returns ``(value, derivative)``."""
    return Derivative(source, "value_and_grad", wrt, **options)
