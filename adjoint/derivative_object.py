"""A derivative, as an object that is called like a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adjoint.call_ranks import CallRanks
from adjoint.derivative import (
    derivative_function,
    named,
    parameters_of_interest,
    pattern_function,
    primal_function,
)
from adjoint.errors import OptionError, did_you_mean
from adjoint.files import write_atomically
from adjoint.frontend.instances import as_tuple
from adjoint.frontend.read import read
from adjoint.ir.form import nested
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program, has_arrays
from adjoint.kinds.request import kinds_named
from adjoint.rules.operation import Operation
from adjoint.target.python import Function
from adjoint.target.registry import (
    TARGETS,
    Target,
    needs_module,
    target_for,
    target_named,
)
from adjoint.transform.writing_out import own_operations, written_out

if TYPE_CHECKING:
    from adjoint.check.report import Report
    from adjoint.explain.drawing import Drawing
    from adjoint.explain.explanation import Explanation
    from adjoint.own_rules import Rule

#: A formula, ``path/to/file.py:function``, a Python function, or what SymPy makes: an
#: expression, a list of them, a matrix (not named here, since SymPy is large).
Primal = str | Callable[..., Any] | Any

#: Parameters: a name, several with commas, or a list of names or of SymPy's symbols.
Parameters = str | Sequence[Any] | Any | None


class Derivative:
    """A derivative of a function; it is called with the function's own arguments.

    ``kind`` is the name of one ("grad", "hessian" ...), or several with commas between,
    "value,grad,hessian": one function, that shares their work, returns them as a tuple.

    ``wrt``      the names of the parameters that it is a derivative by
    ``primal``   the function as a `Program`
    ``program``  the derivative as a `Program`
    """

    def __init__(
        self,
        source: Primal,
        kind: str,
        wrt: Parameters = None,
        *,
        name: str | None = None,
        target: str | None = None,
        signature: str | None = None,
        static: Mapping[str, Any] | None = None,
        unroll: bool | int = 0,
        checkpoint: str | int | None = None,
        args: Sequence[Any] | None = None,
        mode: str | None = None,
        rules: Sequence[Rule] = (),
    ):
        if target is not None:
            target_named(target)  # before anything is read
        self.kind = kind
        with collection_paused():
            reading = dict(signature=signature, static=static, unroll=unroll, args=args)
            program = named(_program_of(source, wrt, rules, reading), name)
            self._target = target_for(target, program)
            self.wrt = parameters_of_interest(program, wrt)
            self._function = derivative_function(
                program, kind, self.wrt, checkpoint, mode, self._target.batches
            )
            if target is None:  # it may take whole arrays where the function does not
                self._target = target_for(None, program, self._function.program)
            self._pattern = pattern_function(program, kind, self.wrt)
            #: the function with calls of the user's own functions
            self._calling = program
            self.primal: Program = written_out(program)
        self._ranks = CallRanks(self.program) if has_arrays(program) else None
        #: whether a call may give instances of dataclasses, in the place of tuples
        self._takes_tuples = bool(
            program.packed or program.form is not None or self._ranks
        )

    def __call__(self, *args: float, **kwargs: float) -> Any:
        """The derivative at a point; the docstring of ``source`` says what it is.

        Raises OptionError for an array where a number is meant, and the reverse, and
        for a parameter that is fixed.
        """
        if self._takes_tuples:
            args = tuple(map(as_tuple, args))
            kwargs = {name: as_tuple(one) for name, one in kwargs.items()}
        if self._ranks is not None:
            self._ranks.check(args, kwargs)
        try:
            return self.function(*args, **kwargs)
        except TypeError:
            self._refuse_fixed(kwargs)
            raise

    def _refuse_fixed(self, names: Iterable[str]) -> None:
        """Raise OptionError for a parameter that is None or a text by its default."""
        for name, value in self.primal.constants:
            if name in names:
                raise OptionError(
                    f"{name!r} was {value!r} when this derivative was made; another "
                    f"value is given by static={{{name!r}: ...}}, and signature= makes "
                    "it a parameter"
                ) from None

    def __repr__(self) -> str:
        primal = self.primal
        return f"<{self.kind} of {primal.name}({', '.join(primal.parameter_names)})>"

    @property
    def program(self) -> Program:
        """The derivative as a `Program`."""
        return self._function.program

    @property
    def unwritten(self) -> Program:
        """The program to differentiate in turn, in which rules name what they know."""
        return self._function.unwritten or self._function.program

    @property
    def rows(self) -> list[int]:
        """Of a sparse derivative of a function of numbers: the row of each entry."""
        self._refuse_arrays("rows")
        return [row for row, _ in self.program.coordinates]

    @property
    def cols(self) -> list[int]:
        """Of a sparse derivative of a function of numbers: the column of each entry."""
        self._refuse_arrays("cols")
        return [column for _, column in self.program.coordinates]

    def pattern(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Of a sparse derivative: the row of each entry, and the column of each.

        It is called with the function's own arguments; of floats only the lengths of
        arrays matter. Raises OptionError for a derivative that is not sparse.
        """
        if self._pattern is None:
            raise OptionError(f"{self.kind} has no pattern: it is not sparse")
        named = {name: as_tuple(one) for name, one in kwargs.items()}
        rows, columns = self._pattern_compiled(*map(as_tuple, args), **named)
        return rows, columns

    @cached_property
    def _pattern_compiled(self) -> Callable[..., Any]:
        assert self._pattern is not None
        return self._compiled(self._pattern)

    def _refuse_arrays(self, name: str) -> None:
        if self._pattern is not None and has_arrays(self.primal):
            raise OptionError(
                f"{name} depend on the lengths of the arrays: pattern(*args) gives "
                "rows and columns"
            )

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The generated function itself, compiled."""
        return self._compiled(self._function)

    def _compiled(self, function: Function) -> Callable[..., Any]:
        text = self._target.function_text(function)
        with needs_module(self._target.module):
            return self._target.load(function, text)

    @cached_property
    def source(self) -> str:
        """The text of the standalone module: the function and this derivative of it."""
        return self._text(self._target)

    def _text(self, target: Target) -> str:
        with collection_paused():
            functions = [primal_function(self.primal), self._function]
            if self._pattern is not None:
                functions.append(self._pattern)
            return target.module_text(functions)

    def save(self, path: str | Path) -> None:
        """Write ``source`` to a file. Raises AdjointError where that fails."""
        write_atomically(path, self.source)

    def to_sympy(
        self, symbols: Mapping[str, Any] | None = None, *, cse: bool = False
    ) -> Any:
        """The derivative as expressions of SymPy, nested as a call returns numbers.

        See `to_sympy` for the options and the errors.
        """
        return in_sympy(self.program, symbols, cse)

    def explain(self, at: Mapping[str, float] | Sequence[float]) -> Explanation:
        """The forward and the reverse sweep with numbers at a point, to be read.

        ``at`` has a number for each parameter, by name or in their order. The result
        prints itself, and shows itself in notebooks. Raises AdjointError where the
        point does not fit, or the function or its derivative is not finite there.
        """
        from adjoint.explain.explanation import Explanation
        from adjoint.explain.point import by_name

        return Explanation(self.primal, by_name(self.primal, at), self.wrt)

    def graph(self, at: Mapping[str, float] | Sequence[float] | None = None) -> Drawing:
        """The computational graph; at a point, with values, adjoints and derivatives.

        ``at`` is as for `explain`. The result shows itself in notebooks; ``to("svg")``
        (or "dot", "mermaid") gives its text. Raises AdjointError as `explain`, and
        without a point for a function with branches or loops.
        """
        from adjoint.explain.drawing import Drawing
        from adjoint.explain.point import by_name

        point = None if at is None else by_name(self.primal, at)
        return Drawing(self.primal, self.wrt, point)

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
        if has_arrays(self.primal):
            with needs_module("numpy"):
                return self._check_arrays(ranges or {}, seconds)
        report = check_module(
            self.source if self._target.python else self._text(TARGETS["python"]),
            source_name=f"derivative of {self.primal.name}",
            ranges=dict(ranges or {}),
            program=self._calling,
            derivative=self.kind,
            wrt=self.wrt,
            own=own_operations(self._calling) + own_operations(self.unwritten),
            seconds=seconds,
        )
        if self._target.name == "python":
            return report
        with needs_module(self._target.module):
            return self._run(report, ranges or {})

    def _check_arrays(
        self, ranges: Mapping[str, tuple[float, float]], seconds: float
    ) -> Report:
        from adjoint.check.arrays.programs import check_subject
        from adjoint.check.arrays.sparse import check_sparse
        from adjoint.check.arrays.subject import subject_of

        functions = [self._compiled(primal_function(self.primal)), self.function]
        if self._pattern is not None:
            functions.append(self._pattern_compiled)
        kinds = kinds_named(self.kind)
        subject = subject_of(self._calling, self.program, kinds, self.wrt, functions)
        check = check_subject if self._pattern is None else check_sparse
        return check(subject, ranges, seconds=seconds)

    def _run(self, report: Report, ranges: Mapping[str, tuple[float, float]]) -> Report:
        """The report, and what the generated functions give when they are run."""
        from adjoint.check.batches import run, with_runs

        primal = primal_function(self.primal)
        batches = self._target.batches
        value = run(primal.program, self._compiled(primal), ranges, batches)
        derivative = run(self.program, self.function, ranges, batches)
        return with_runs(report, value, derivative)


def _program_of(
    source: Primal, wrt: Parameters, rules: Sequence[Rule], reading: dict[str, Any]
) -> Program:
    """The program to differentiate; ``reading`` are the options of `read`."""
    if not isinstance(source, Derivative):
        return read(source, wrt=wrt, functions=_functions(rules), **reading)
    named_or_typed = reading["signature"] is not None or reading["args"] is not None
    if named_or_typed or reading["static"] or reading["unroll"]:
        raise OptionError(
            "signature, static, unroll and args belong to the function itself, not to "
            "a derivative of its derivative"
        )
    return source.unwritten


def _functions(rules: Sequence[Rule]) -> Mapping[str, Operation] | None:
    if not rules:
        return None
    from adjoint.own_rules import functions_of

    return functions_of(rules)


def in_sympy(program: Program, symbols: Mapping[str, Any] | None, cse: bool) -> Any:
    """The results of a program as expressions of SymPy, nested as they are.

    See `to_sympy`. Raises OptionError for symbols of what is no parameter.
    """
    from adjoint.target.expressions import sympy_results

    for name in symbols or ():
        if name not in program.parameter_names:
            hint = did_you_mean(name, program.parameter_names)
            hint = hint or f"there is: {', '.join(program.parameter_names)}"
            raise OptionError(f"{name!r} is not a parameter; {hint}")
    replacements, results = sympy_results(program, symbols or {}, cse)
    expressions = nested(program.form, results)
    return (replacements, expressions) if cse else expressions
