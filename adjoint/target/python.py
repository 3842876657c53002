"""The Python target: the text of a standalone module, or of one function of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adjoint._version import __version__
from adjoint.ir.program import Program, operation_count, walk
from adjoint.target.globals import Globals
from adjoint.target.layout import INDENT, bracketed
from adjoint.target.statements import BodyWriter

#: A longer formula is cut in the docstring.
_LONGEST_FORMULA = 4_000


@dataclass(frozen=True)
class Function:
    """One function of the module.

    ``tuple_from`` is the index of the first result that belongs to the tuple of
    derivatives (None for a function that returns its one result); ``returns`` says in
    words what is returned.
    """

    program: Program
    returns: str
    tuple_from: int | None = None
    sweeps: bool = False


def module_text(formula: str, functions: Sequence[Function]) -> str:
    """The whole module: docstring, imports, constants, helpers, the functions.

    ``formula`` is the text that it was made from. The text is what black would make of
    it; the same input gives the same text.
    """
    module = Globals(_user_names(functions))
    bodies = [_function_lines(function, module) for function in functions]
    sections = [_docstring(formula, functions)]
    if imports := module.import_lines():
        sections.append("\n".join(imports))
    if constants := module.constant_lines():
        sections.append("\n".join(constants))
    definitions = [*module.helper_texts(), *("\n".join(lines) for lines in bodies)]
    return "\n\n".join(sections) + "\n\n\n" + "\n\n\n".join(definitions) + "\n"


def function_text(function: Function) -> str:
    """One function with what it needs and no docstring: enough to be run."""
    module = Globals(_user_names([function]))
    lines = _function_lines(function, module)
    head = [*module.import_lines(), *module.constant_lines(), *module.helper_texts()]
    return "\n".join([*head, *lines, ""])


def _user_names(functions: Sequence[Function]) -> set[str]:
    names: set[str] = set()
    for function in functions:
        program = function.program
        names.add(program.name)
        names.update(program.parameter_names)
        for op in walk(program.body):
            names.update(result.name for result in op.results if result.name)
    return names


def _function_lines(function: Function, module: Globals) -> list[str]:
    program = function.program
    writer = BodyWriter(program, module)
    writer.write(function.tuple_from, function.sweeps)
    head = bracketed("", f"def {program.name}(", program.parameter_names, "):")
    return head + writer.lines


def _docstring(formula: str, functions: Sequence[Function]) -> str:
    primal, *derivatives = functions
    name = primal.program.name
    lines = [
        f"The function {name} and its derivative, written by adjoint {__version__}."
    ]
    lines += ["", "Formula:", ""]
    lines += [INDENT + line if line else "" for line in _printable(formula)]
    lines.append("")
    for function in functions:
        program = function.program
        parameters = ", ".join(program.parameter_names)
        lines.append(f"{program.name}({parameters}) returns {function.returns}.")
    lines += ["", _cost(functions), '"""']
    return '"""' + "\n".join(lines)


def _cost(functions: Sequence[Function]) -> str:
    counts = [operation_count(function.program.body) for function in functions]
    parts = [
        f"{count} for {function.program.name}"
        for count, function in zip(counts, functions, strict=True)
    ]
    text = f"Operations: {', '.join(parts)}"
    if len(counts) == 2 and counts[0]:
        text += f", ratio {counts[1] / counts[0]:.2f}"
    return text + "."


def _printable(formula: str) -> list[str]:
    """The lines of the formula, safe inside a docstring."""
    if len(formula) > _LONGEST_FORMULA:
        formula = f"{formula[:_LONGEST_FORMULA].rstrip()} ..."
    lines = []
    for line in formula.split("\n"):
        plain = "".join(c if c.isprintable() else " " for c in line).rstrip()
        lines.append(plain.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines
