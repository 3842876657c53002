"""The C target: functions of numbers, in C99, with nothing but its library.

What the Python target writes is spelled in C, statement by statement: names, and what
stands in one expression, are the same. Where Python raises an exception there is NaN or
an infinity; where the user's own ``raise`` or ``assert`` does, every result is NaN.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from adjoint.errors import OptionError
from adjoint.ir.names import Names
from adjoint.ir.program import Program, Value, has_arrays
from adjoint.rules import helpers
from adjoint.target.c.expressions import BOOL, FLOAT, INT, functions_of_c
from adjoint.target.c.statements import Statements, wrapped
from adjoint.target.globals import Globals
from adjoint.target.helper_text import with_callees
from adjoint.target.python import Function, description, function_lines, user_names
from adjoint.target.spelling import Text
from adjoint.target.statements import BodyWriter
from adjoint.target.uses import Uses
from adjoint.transform.dead_code import without_dead_code

_TYPES: Final = {"float": FLOAT, "int": INT, "bool": BOOL}

#: What the array of the results is called, by the kind of the derivative.
_OUT: Final = {
    "value_and_grad": "grad",
    "grad": "grad",
    "jacobian": "jacobian",
    "hessian": "hessian",
    "hvp": "product",
}

#: Names that mean something in C, or in the headers of its library.
_RESERVED: Final = frozenset("""
auto break case char const continue default do double else enum extern float for goto
if inline int long register restrict return short signed sizeof static struct switch
typedef union unsigned void volatile while asm typeof bool true false int64_t size_t
NULL NAN INFINITY HUGE_VAL I Stack Tape main
""".split())
_LIBRARY: Final = frozenset("""
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2
expm1 fabs fdim floor fma fmax fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma
llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter
nexttoward pow remainder remquo rint round scalb scalbln scalbn signgam significand sin
sinh sqrt tan tanh tgamma trunc y0 y1 yn drem exp10 pow10 finite isinf isnan signbit abs
labs llabs div abort exit free malloc calloc realloc strtod snprintf memcpy rand random
index time remove rename signal read write open close
""".split())
#: What the helpers need of the library: the header, by a word that stands in them.
_HEADERS: Final = {
    "bool": "stdbool.h",
    "true": "stdbool.h",
    "false": "stdbool.h",
    "int64_t": "stdint.h",
    "realloc": "stdlib.h",
    "llabs": "stdlib.h",
    "strtod": "stdlib.h",
    "snprintf": "stdio.h",
    "memcpy": "string.h",
    "size_t": "stddef.h",
}
_WORD: Final = re.compile(r"[^\W\d]\w*")
_HELPER: Final = re.compile(
    r"(?:^//[^\n]*\n)*^static [\w *]*?(\w+)\([^)]*\)\n\{\n.*?^\}\n",
    re.DOTALL | re.MULTILINE,
)
_TAPE: Final = """\
// What the loops save on the way forward, and read on the way back.
typedef struct {
    double *entries;
    size_t count, room;
} Stack;

typedef struct {
    Stack *stacks;
    size_t count, room, released;
} Tape;"""


def module_text(functions: Sequence[Function]) -> str:
    """The whole file: what it is, headers, constants, helpers, the functions.

    Raises OptionError for functions of arrays, and for what C has not.
    """
    functions = [_of_numbers(function) for function in functions]
    module, written = _written(functions)
    remarks = [
        f"In C: {one.head}; {_where(function, one)}."
        for function, one in zip(functions, written, strict=True)
    ]
    lines = description(functions, remarks, lambda line: line.replace("*/", "* /"))
    comment = "\n".join(["/*", *[f" * {line}".rstrip() for line in lines], " */"])
    return _whole([comment], module, written)


def functions_text(functions: Sequence[Function]) -> str:
    """Functions with what they need, as they are compiled to be run here."""
    return _whole([], *_written(list(map(_of_numbers, functions))))


def name_in_c(name: str) -> str:
    """What a function is called in C: its library has some of the names already."""
    return f"{name}_" if name in _RESERVED | _LIBRARY else name


def returns_first(function: Function) -> bool:
    """Whether the function returns its first result, and does not write it."""
    return function.values == 1 or len(function.program.results) == 1


def type_of_out(program: Program) -> str:
    """The type of the array of the results: the places of entries are whole numbers."""
    places = all(
        value.literal and type(value.number) is int for value in program.results
    )
    return INT if places else FLOAT


@dataclass(frozen=True)
class _Written:
    """A function in C: its head, the array of results, the text, and what it calls."""

    head: str
    out: str
    text: str
    called: Iterable[str]


class _Constants(Globals):
    """The global names of a module of C; a constant there is no more than a number."""

    def __init__(self, names: Iterable[str]):
        super().__init__(names)
        self.numbers: dict[str, float] = {}

    def constant(self, value: Value) -> Text:
        """The name of a constant, or its number."""
        text = super().constant(value)
        assert value.number is not None
        if text.text.isidentifier():
            self.numbers[text.text] = value.number
        return text

    def functions(self) -> dict[str, str]:
        """What functions and constants of Python are, by their names in the text."""
        named = {alias: name for (_, name), alias in self._helpers.items()}
        for names in (self._imports, self._aliases):
            named.update((alias, name) for name, alias in names.items())
        return named


def _of_numbers(function: Function) -> Function:
    """Without what is there for exceptions alone. Raises OptionError for arrays."""
    program = function.program
    if has_arrays(program) or any(value.type.rank for value in program.results):
        raise OptionError(
            "the target c is for functions of numbers; those of arrays are written in "
            "python or numpy"
        )
    needed = without_dead_code(program, program.primal_generation, keep_raising=False)
    return replace(function, program=needed)


def _written(functions: Sequence[Function]) -> tuple[_Constants, list[_Written]]:
    uses = [Uses(function.program) for function in functions]
    module = _Constants([*user_names(uses), *_RESERVED])
    texts = [
        function_lines(one, BodyWriter(used, module, one.values, one.sweeps))
        for one, used in zip(functions, uses, strict=True)
    ]
    written = [
        _in_c(function, lines, module)
        for function, lines in zip(functions, texts, strict=True)
    ]
    return module, written


def _in_c(function: Function, lines: Sequence[str], module: _Constants) -> _Written:
    program = function.program
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    functions = module.functions()
    of_c = functions_of_c(functions.values())
    names = Names(_RESERVED | module.numbers.keys() | of_c)
    parameters = {
        name: (names.take(name, f"{name}_"), _TYPES[one.type.element])
        for name, one in zip(program.parameter_names, program.parameters, strict=True)
    }
    declared = [f"{type} {name}" for name, type in parameters.values()]
    returns, out = returns_first(function), ""
    written = len(program.results) - returns
    if written:
        out = names.take(_out_of(program))
        declared.append(f"{type_of_out(program)} {out}[{written}]")
    statements = Statements(
        tree.body[len(program.packed) :],
        parameters,
        functions,
        _comments(lines),
        names,
        module.numbers,
        returns,
        out,
    )
    statements.write()
    result = FLOAT if returns else "void"
    head = f"{result} {name_in_c(program.name)}({', '.join(declared) or 'void'})"
    text = "\n".join([*wrapped(head), "{", *statements.lines, "}"])
    return _Written(head, out, text, statements.expressions.called)


def _out_of(program: Program) -> str:
    """What the array of the results is called."""
    kind = program.name.removeprefix(f"{program.made_from}_")
    return _OUT.get(kind, "out")


def _where(function: Function, written: _Written) -> str:
    """Where the results are."""
    if not written.out:
        return "the result is returned"
    if returns_first(function):
        return f"the value is returned, the rest is written to {written.out} in order"
    return f"the results are written to {written.out} in order"


def _comments(lines: Sequence[str]) -> dict[int, str]:
    """The comments of the Python text, by the line, from 1, on which they stand."""
    found = {}
    for at, line in enumerate(lines, 1):
        text = line.lstrip()
        if text.startswith("# "):
            found[at] = text[2:]
        elif "  # " in text and not text.startswith(("raise ", "assert ")):
            found[at] = text.partition("  # ")[2]
    # a backslash at the end would continue the comment
    return {
        at: f"{text} ." if text.endswith("\\") else text for at, text in found.items()
    }


# -- what stands around the functions


def _whole(parts: list[str], module: _Constants, written: Sequence[_Written]) -> str:
    texts = [one.text for one in written]
    called = dict.fromkeys(chain.from_iterable(one.called for one in written))
    needed = with_callees(called, _helpers())
    helping = [text for name, text in _helpers().items() if name in needed]
    if any("Tape" in text for text in texts):
        helping.insert(0, _TAPE)
    constants = [
        f"static const double {name} = {float(number)!r};"
        for name, number in module.numbers.items()
    ]
    words = {word for text in (*helping, *texts) for word in _WORD.findall(text)}
    headers = {header for word, header in _HEADERS.items() if word in words} | {
        "math.h"
    }
    included = [f"#include <{header}>" for header in sorted(headers)]
    parts += ["\n".join(included), "\n".join(constants), *helping, *texts]
    return "\n\n".join(part for part in parts if part) + "\n"


@cache
def _helpers() -> dict[str, str]:
    """The helper functions, by name, in the order of their file."""
    text = Path(helpers.__file__).with_suffix(".c").read_text(encoding="utf-8")
    return {
        match.group(1): match.group().rstrip("\n") for match in _HELPER.finditer(text)
    }
