"""Functions with derivatives of the user's own: made, and proved, by `rule`."""

from __future__ import annotations

import importlib
import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adjoint.derivative import derivative_function, primal_function
from adjoint.errors import OptionError, Source
from adjoint.frontend.formula.read import parse_formula, read_formula
from adjoint.frontend.function.read import declared_parameters, read_function
from adjoint.frontend.stop_gradient import STOP_GRADIENT
from adjoint.ir.builder import Builder
from adjoint.ir.program import LOOPS, Program, walk
from adjoint.ir.types import FLOAT, INT
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import FUNCTION_NAMES, FUNCTIONS
from adjoint.target.python import Function, function_text, module_text
from adjoint.transform.writing_out import own_operations, written_out

_SIGNATURE = re.compile(r"\s*([^\W\d]\w*)\s*\(\s*([\w\s,:]*?)\s*\)\s*\Z")
_DOTTED = re.compile(r"\s*([^\W\d]\w*(?:\.[^\W\d]\w*)+)\s*\Z")
#: The types that parameters may have in a signature.
_TYPES = ("", "float", "int")
#: Where whole numbers are tried.
_WHOLE = (0.0, 4.0)
#: Operands of these names have another one in the rule: they mean something there.
_TAKEN = ("y", "n", "ties")

#: A partial derivative: a formula, or a Python function of the same parameters.
Partial = str | float | Callable[..., Any]

#: Where to try the operands when a rule is proved.
Domain = Mapping[str, Sequence[float]]


class Rule:
    """A function with a rule; it can be called, also by functions to differentiate.

    ``operation`` is what it is in programs, ``domain`` where it was proved.
    """

    def __init__(
        self,
        operation: OwnOperation,
        function: Callable[..., Any],
        domain: Domain,
    ):
        self.operation = operation
        self.function = function
        self.domain = domain
        self.__name__ = operation.name
        self.__doc__ = function.__doc__

    def __call__(self, *arguments: Any) -> Any:
        """The value of the function."""
        return self.function(*arguments)

    def __repr__(self) -> str:
        operands = ", ".join(map(str.strip, self.operation.operands))
        return f"<rule of {self.operation.name}({operands})>"


def rule(
    signature: str | None = None,
    value: str | None = None,
    *,
    uses: Iterable[Rule] = (),
    domain: Domain | None = None,
    partials: Mapping[str, Partial] | None = None,
    **by_name: Partial,
) -> Any:
    """A function whose derivatives are given, and proved at once.

    ``rule("logit(x)", "log(x/(1 - x))", x="1/(x*(1 - x))")`` gives the derivative by
    each parameter, by its name: a formula in the parameters and the result ``y``, or a
    Python function of them. The value is a formula, or the full
    name of a function that generated modules are to import
    (``rule("j0(x)", "scipy.special.j0", x="-j1(x)")``; other functions of its module
    may stand in the formulas). A parameter that is a whole number says so,
    ``rule("jn(n: int, x)", "scipy.special.jv", x="(jn(n - 1, x) - jn(n + 1, x))/2")``,
    and there is no derivative by it. With no signature it decorates a Python function:
    ``@rule(x="cos(x)")``. The result can be called; functions to differentiate may call
    it, and formulas with ``rules=[...]``.

    ``uses`` are other rules whose functions the formulas call; ``domain`` says where to
    try a parameter (``{"x": (0, 1)}``; by default between -4 and 4, and at whole
    numbers from 0 to 4 one that is whole). ``partials`` takes
    derivatives by name, where the name is one of these. Without any derivative the
    function may be called but not differentiated. Raises AdjointError, with a point and
    both numbers, for a derivative that is wrong.
    """
    given = {**(partials or {}), **by_name}

    def decorated(function: Callable[..., Any]) -> Rule:
        program = read_function(function)
        return made([draft_of_function(program, given, domain or {}, function)], uses)[
            0
        ]

    if signature is None:
        return decorated
    if value is None:
        raise OptionError("a rule needs a value: a formula, or a function's full name")
    return made([draft_of(signature, value, given, domain or {})], uses)[0]


def functions_of(rules: Iterable[Rule]) -> dict[str, OwnOperation]:
    """What the names of the rules' functions mean. Raises OptionError for no rules."""
    found: dict[str, OwnOperation] = {}
    for one in rules:
        if not isinstance(one, Rule):
            kind = type(one).__name__
            raise OptionError(f"rules are made by adjoint.rule; this is of type {kind}")
        if one.operation.name in found:
            raise OptionError(f"there are two rules for `{one.operation.name}`")
        found[one.operation.name] = one.operation
    return found


def rules_of(table: Mapping[str, Mapping[str, Any]]) -> list[Rule]:
    """Rules that may use each other, from a table as it stands in a TOML file.

    The keys are signatures; each entry has a ``value``, a derivative by each parameter,
    and perhaps a ``domain``. Raises AdjointError as `rule` does.
    """
    drafts = []
    for signature, entry in table.items():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("value"), str):
            raise OptionError(f"the rule {signature!r} has no value")
        given = {k: v for k, v in entry.items() if k not in ("value", "domain")}
        domain = entry.get("domain", {})
        drafts.append(draft_of(signature, entry["value"], given, domain))
    return made(drafts, ())


@dataclass(frozen=True)
class Draft:
    """What is known of a rule before its formulas are read.

    ``value`` is a program, a formula, or the full name of a function. ``whole`` are
    the operands that are whole numbers.
    """

    name: str
    operands: tuple[str, ...]
    value: Program | str
    partials: Mapping[str, Partial]
    domain: Domain
    function: Callable[..., Any] | None = None
    whole: frozenset[str] = frozenset()

    @property
    def imported(self) -> str | None:
        """The full name of the function, where it is imported."""
        match = _DOTTED.match(self.value) if isinstance(self.value, str) else None
        return match[1] if match else None


def draft_of(
    signature: str, value: str, partials: Mapping[str, Partial], domain: Domain
) -> Draft:
    """What a signature and a value say. Raises OptionError for no signature."""
    match = _SIGNATURE.match(signature)
    parts = [part.partition(":") for part in match[2].split(",")] if match else []
    types = {name.strip(): type.strip() for name, _, type in parts}
    names = tuple(name.strip() for name, _, _ in parts)
    known = all(type in _TYPES for type in types.values())
    if match is None or not known or not all(name.isidentifier() for name in names):
        raise OptionError(
            f"a signature is written `f(x, y)` or `f(n: int, x)`, not {signature!r}"
        )
    whole = frozenset(name for name, type in types.items() if type == "int")
    return Draft(match[1], names, value, partials, domain, whole=whole)


def draft_of_function(
    program: Program,
    partials: Mapping[str, Partial],
    domain: Domain,
    function: Callable[..., Any] | None = None,
) -> Draft:
    """What a Python function says, which has been read."""
    names = program.parameter_names
    whole = frozenset(str(p.name) for p in program.parameters if p.type == INT)
    return Draft(program.name, names, program, partials, domain, function, whole)


def made(drafts: Sequence[Draft], uses: Iterable[Rule]) -> list[Rule]:
    """The rules of the drafts, which may use each other; all of them proved.

    Raises AdjointError as `rule` does.
    """
    known = {one.operation.name: one.operation for one in uses}
    for draft in drafts:
        _check(draft, known)
        operands = tuple(f"{n} " if n in _TAKEN else n for n in draft.operands)
        spelling = draft.imported or f"own.{draft.name}"
        texts = tuple(_text(draft.partials.get(name, "0")) for name in draft.operands)
        whole = [at for at, name in enumerate(draft.operands) if name in draft.whole]
        known[draft.name] = OwnOperation(
            draft.name, operands, texts, spelling, numpy=spelling, whole=tuple(whole)
        )
    rules = []
    for draft in drafts:
        operation = known[draft.name]
        functions = FUNCTIONS | known | _neighbours(draft, known)
        # the formulas of a rule may name functions whose rules come after it
        object.__setattr__(operation, "value", _value(draft, functions))
        derivatives = [_derivative(draft, name, functions) for name in draft.operands]
        given = tuple(derivatives) if draft.partials else ()
        object.__setattr__(operation, "derivatives", given)
        rules.append(Rule(operation, _function(draft, operation), draft.domain))
    for one in rules:
        if one.operation.derivatives:
            _proved(one)
    return rules


def _text(partial: Partial) -> str:
    """A derivative as it is shown."""
    return f"{partial.__name__}(...)" if callable(partial) else str(partial)


def _function(draft: Draft, operation: OwnOperation) -> Callable[..., Any]:
    """What to call for the value of the function itself."""
    if draft.function is not None:
        return draft.function
    if draft.imported is not None:
        return imported(draft.imported)
    return _compiled(primal_function(_call_of(operation)))


def _check(draft: Draft, known: Mapping[str, Operation]) -> None:
    name, operands = draft.name, draft.operands
    if name in FUNCTION_NAMES or name in known:
        whose = "another rule" if name in known else "adjoint's own table"
        raise OptionError(f"`{name}` is a function of {whose}: take another name")
    for one in (name, *operands):
        if keyword.iskeyword(one):
            raise OptionError(f"`{one}` cannot be a name: Python keeps it for itself")
    if len(set(operands)) < len(operands):
        raise OptionError(f"a parameter of `{name}` stands twice")
    for one in [*draft.partials, *draft.domain]:
        if one not in operands:
            raise OptionError(f"`{one}` is not a parameter of `{name}`")
    for one in draft.whole & draft.partials.keys():
        if draft.partials[one] not in ("0", 0):
            raise OptionError(
                f"`{one}` of `{name}` is a whole number: there is no derivative by it"
            )
    missing = [
        one for one in operands if one not in draft.partials and one not in draft.whole
    ]
    if draft.partials and missing:
        raise OptionError(
            f'`{name}` has no derivative by {missing[0]}; it may be "0", or '
            f"`{missing[0]}: int` in the signature"
        )


def _value(draft: Draft, functions: Mapping[str, Operation]) -> Program | None:
    if isinstance(draft.value, Program):
        program = draft.value
    elif draft.imported:
        return None
    else:
        head = f"{draft.name}({', '.join(draft.operands)}) = "
        program = read_formula(head + draft.value, None, "rule", functions, draft.whole)
    _check_scalar(draft, program)
    return program


def _derivative(
    draft: Draft, by: str, functions: Mapping[str, Operation]
) -> Program | None:
    """The derivative by one parameter as a program; None where it is zero."""
    given = draft.partials.get(by)
    if given is None or by in draft.whole:
        return None
    if callable(given):
        types = [
            f"{name}: int"
            for name in declared_parameters(given).positional
            if name in draft.whole
        ]
        program = read_function(given, signature=", ".join(types))
    else:
        names = dict.fromkeys([*draft.operands, "y"])
        head = f"{draft.name}({', '.join(names)}) = "
        program = read_formula(head + str(given), None, "rule", functions, draft.whole)
    _check_scalar(draft, program)
    if any(op.operation in LOOPS for op in walk(program.body)):
        raise OptionError(f"the derivative of `{draft.name}` by {by} has a loop")
    for parameter in program.parameters:
        name = str(parameter.name)
        if name in draft.operands:
            parameter.name = f"{name} " if name in _TAKEN else name
        elif name != "y":
            raise OptionError(
                f"`{name}`, in the derivative of `{draft.name}` by {by}, is not a "
                "parameter of it, nor its result `y`"
            )
    (result,) = program.results
    return None if result.literal and result.number == 0 else program


def _check_scalar(draft: Draft, program: Program) -> None:
    numbers = [*program.parameters, *program.results]
    nested = program.form is not None or program.packed
    if nested or any(value.type.rank for value in numbers):
        raise OptionError(f"`{draft.name}` has to be a function of numbers to a number")


def _neighbours(draft: Draft, known: Mapping[str, Operation]) -> dict[str, Operation]:
    """Functions of the imported one's module that its derivatives call."""
    if draft.imported is None:
        return {}
    imported(draft.imported)
    module = draft.imported.rpartition(".")[0]
    found: dict[str, Operation] = {}
    for text in draft.partials.values():
        for name, count in _calls(text) if isinstance(text, str) else ():
            spelling = f"{module}.{name}"
            new = name not in FUNCTION_NAMES and name not in known
            if new and callable(getattr(importlib.import_module(module), name, None)):
                operands = tuple(f"a{at}" for at in range(count))
                found[name] = OwnOperation(name, operands, (), spelling, numpy=spelling)
    return found


def _calls(formula: str) -> list[tuple[str, int]]:
    """The functions that a formula calls, with how many arguments."""
    statements = parse_formula(Source(formula, "rule")).statements
    nodes = [node for one in statements for node in one.expression.walk()]
    return [(str(n.value), len(n.parts)) for n in nodes if n.kind == "call"]


def imported(name: str) -> Callable[..., Any]:
    """The function of that full name. Raises OptionError where there is none."""
    module, _, own = name.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), own)
    except (ImportError, AttributeError) as error:
        raise OptionError(f"{name!r} cannot be imported: {error}") from None
    if not callable(function):
        raise OptionError(f"{name!r} is no function")
    return function


def _call_of(operation: OwnOperation) -> Program:
    """The function that calls the operation and does nothing else."""
    builder = Builder()
    types = [
        INT if at in operation.whole else FLOAT for at in range(len(operation.operands))
    ]
    operands = tuple(map(builder.parameter, map(str.strip, operation.operands), types))
    return builder.finish(operation.name, builder.apply(operation, operands))


def _compiled(function: Function) -> Callable[..., Any]:
    name = function.program.name
    space: dict[str, Any] = {"__name__": f"adjoint.generated.{name}"}
    exec(compile(function_text(function), f"<generated {name}>", "exec"), space)  # ours
    compiled: Callable[..., Any] = space[name]
    return compiled


def _proved(one: Rule) -> None:
    """Raise AdjointError where a derivative of the rule is wrong."""
    from adjoint.check.own_rules import prove, prove_in_floats

    call = _call_of(one.operation)
    by = [str(p.name) for p in call.parameters if p.type.real]
    functions = [primal_function(call), derivative_function(call, "grad", by)]
    ranges = {str(p.name): _WHOLE for p in call.parameters if p.type == INT}
    ranges |= {n: (float(low), float(high)) for n, (low, high) in one.domain.items()}
    if any(own for function in functions for own in own_operations(function.program)):
        compiled = [_compiled(function) for function in functions]
        prove_in_floats(call, by, compiled[0], compiled[1], ranges)
    else:
        prove(module_text(functions), written_out(call), ranges)


#: Its value is that of its argument, and its derivative zero: what it is given is held
#: fixed where a function is differentiated.
stop_gradient = Rule(STOP_GRADIENT, lambda x: x, {})
