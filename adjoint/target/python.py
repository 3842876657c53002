"""The Python target: the text of a standalone module, or of one function of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adjoint._version import __version__
from adjoint.ir.form import nested
from adjoint.ir.program import Program, Value, operation_count
from adjoint.ir.types import FLOAT
from adjoint.target.globals import Globals
from adjoint.target.language import PYTHON, Language
from adjoint.target.layout import INDENT, WIDTH, definition, unbracketed
from adjoint.target.places import MarkingWriter, lines_of_values
from adjoint.target.statements import BodyWriter
from adjoint.target.uses import Uses

#: A longer formula, or list of parameters, is cut in the docstring.
_LONGEST = 4_000


@dataclass(frozen=True)
class Function:
    """One function of the module.

    ``returns`` says in words what is returned (nested as the program's form says); the
    first ``values`` of the program's results are the value of the primal; ``sweeps``
    says whether there is a reverse sweep behind the forward sweep. ``unwritten`` is the
    program to differentiate in turn, where that is another one: in it, what rules name
    is not yet written out.
    """

    program: Program
    returns: str
    values: int = 0
    sweeps: bool = False
    unwritten: Program | None = None


def module_text(
    functions: Sequence[Function],
    language: Language = PYTHON,
    writer: type[BodyWriter] = BodyWriter,
    remarks: Sequence[str] = (),
) -> str:
    """The whole module: docstring, imports, constants, helpers, the functions.

    ``remarks`` stand in the docstring, behind what the functions return.
    The first function is the primal. The text is what black would make of it; the same
    input gives the same text.
    """
    module, bodies = _bodies(functions, language, writer)
    sections, definitions = _surroundings(module)
    definitions += ["\n".join(lines) for lines in bodies]
    remarks = [*remarks, *module.remarks()]
    head = "\n\n".join([_docstring(functions, remarks), *sections])
    return "\n\n\n".join([head, *definitions]) + "\n"


def _bodies(
    functions: Sequence[Function], language: Language, writer: type[BodyWriter]
) -> tuple[Globals, list[list[str]]]:
    """The lines of each function, and what they need around them."""
    uses = [Uses(function.program) for function in functions]
    module = Globals(user_names(uses), language)
    lines = [
        function_lines(function, writer(used, module, function.values, function.sweeps))
        for function, used in zip(functions, uses, strict=True)
    ]
    return module, lines


def places_in_module(functions: Sequence[Function]) -> dict[Value, int]:
    """The line, from 0, of `module_text` that computes each value of the last function.

    It has no operations on constants alone: they stand above the functions.
    """
    lines = _bodies(functions, PYTHON, MarkingWriter)[1][-1]
    offset = module_text(functions).count("\n") - len(lines)
    places = lines_of_values(functions[-1].program, lines)
    return {value: offset + at for value, at in places.items() if value.number is None}


def function_text(
    function: Function,
    language: Language = PYTHON,
    writer: type[BodyWriter] = BodyWriter,
) -> str:
    """One function with what it needs and no docstring: enough to be run."""
    module, (lines,) = _bodies([function], language, writer)
    sections, definitions = _surroundings(module)
    return "\n".join([*sections, *definitions, *lines, ""])


def _surroundings(module: Globals) -> tuple[list[str], list[str]]:
    """What stands before the functions: imports and constants, and helpers.

    Constants for which helpers are called stand behind the helpers.
    """
    constants = "\n".join(module.constant_lines())
    sections = ["\n".join(module.import_lines()), "\n".join(module.alias_lines())]
    definitions = module.helper_texts()
    (definitions if module.constants_need_helpers else sections).append(constants)
    return [part for part in sections if part], [part for part in definitions if part]


def user_names(uses: Sequence[Uses]) -> Iterator[str]:
    """The names that the user has brought."""
    for used in uses:
        yield from (name for name in used.names if name)
        yield from (name for name, _, _ in used.program.packed)


def function_lines(function: Function, body: BodyWriter) -> list[str]:
    """The lines of a function, whose body is not written yet."""
    program = function.program
    body.write()
    unpacking = [
        INDENT + f"{unbracketed(nested(form, [p.name for p in parts]))} = {name}"
        for name, form, parts in program.packed
    ]
    declared = definition(program.name, _parameters(program, body.annotates))
    return [*body.decorators(), *declared, *unpacking, *body.lines]


def _parameters(program: Program, annotates: bool) -> list[str]:
    """The parameters as they are declared, with defaults and the sign ``*``.

    With ``annotates``, those that are no floats say so.
    """
    defaults = dict(program.defaults)
    declared: list[str] = []
    types = {str(value.name): value.type for value in program.parameters}
    for name, _, _ in program.declared:
        if name in program.keyword_only and "*" not in declared:
            declared.append("*")
        type = types.get(name, FLOAT)
        typed = annotates and type != FLOAT
        text = f"{name}: {type}" if typed else name
        if name in defaults:
            text += f"{' = ' if typed else '='}{defaults[name]!r}"
        declared.append(text)
    return declared


# -- the docstring


def types_of(function: Function) -> str:
    """The types of the parameters, as the docstring of a module of arrays says them."""
    types = [f"{one.name}: {one.type}" for one in function.program.parameters]
    return f"Types: {', '.join(types)}."


def _docstring(functions: Sequence[Function], remarks: Sequence[str]) -> str:
    lines = description(functions, remarks, _inside_docstring)
    return '"""' + "\n".join([*lines, '"""'])


def description(
    functions: Sequence[Function],
    remarks: Sequence[str],
    inside: Callable[[str], str],
) -> list[str]:
    """What a module says of itself; ``inside`` makes text safe in its comment."""
    primal = functions[0].program
    name = primal.name
    lines = [
        f"The function {name} and its derivative, written by adjoint {__version__}.",
        "",
        _heading(primal),
        "",
        *[
            INDENT + line if line else ""
            for line in _printable(primal.written or primal.source.text, inside)
        ],
        "",
    ]
    if primal.constants:
        taken = ", ".join(f"{name} = {number!r}" for name, number in primal.constants)
        [text] = _printable(f"Constants: {taken}.", inside)
        lines += [*_wrapped(text), ""]
    renamed = [f"{name} is {one}" for name, one in primal.symbols if name != str(one)]
    if renamed:
        [text] = _printable(f"Parameters: {', '.join(renamed)}.", inside)
        lines += [*_wrapped(text), ""]
    for function in functions:
        lines += _wrapped(f"{_call(function.program)} returns {function.returns}.")
    for remark in remarks:
        lines += ["", *_wrapped(remark)]
    return [*lines, "", *_wrapped(_cost(functions))]


def _inside_docstring(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _heading(primal: Program) -> str:
    """What the text of the docstring is: it may be of what the primal was made from."""
    kind = "Function" if primal.written else "Formula"
    return f"{kind} {primal.made_from}:" if primal.made_from else f"{kind}:"


def _call(program: Program) -> str:
    return f"{program.name}({', '.join(name for name, _, _ in program.declared)})"


def _wrapped(text: str) -> list[str]:
    if len(text) <= WIDTH:
        return [text]
    return textwrap.wrap(
        textwrap.shorten(text[: 2 * _LONGEST], _LONGEST, placeholder=" ..."),
        WIDTH,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cost(functions: Sequence[Function]) -> str:
    functions = functions[:2]  # that of a pattern has no cost to be compared
    counts = [operation_count(function.program.body) for function in functions]
    parts = [
        f"{count} for {function.program.name}"
        for count, function in zip(counts, functions, strict=True)
    ]
    text = f"Operations: {', '.join(parts)}"
    if len(counts) == 2 and counts[0]:
        text += f", ratio {counts[1] / counts[0]:.2f}"
    return text + "."


def _printable(formula: str, inside: Callable[[str], str]) -> list[str]:
    """The lines of the formula, safe inside a comment."""
    if len(formula) > _LONGEST:
        formula = f"{formula[:_LONGEST].rstrip()} ..."
    lines = []
    for line in formula.split("\n"):
        plain = "".join([c if c.isprintable() else " " for c in line]).rstrip()
        lines.append(inside(plain))
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines
