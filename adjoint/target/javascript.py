"""The JavaScript target: straight-line code with branches, one statement an operation.

Numbers are doubles. Where Python would raise an exception there is NaN or an infinity;
where the user's own ``raise`` or ``assert`` would, every result is NaN.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from adjoint.errors import OptionError
from adjoint.ir.names import Names
from adjoint.ir.program import GUARD, IF, UNDEFINED, Block, Op, Program, Value, walk
from adjoint.rules import helpers
from adjoint.rules.operation import Operation
from adjoint.target.helper_text import with_callees

_INDENT = "  "

#: Names that mean something in JavaScript, also in strict code.
RESERVED = frozenset("""
arguments await break case catch class const continue debugger default delete do else
enum eval export extends false finally for function if implements import in instanceof
interface let new null package private protected public return static super switch this
throw true try typeof undefined var void while with yield
Math Number BigInt Object Infinity NaN
""".split())

#: How the constants that have a name are written.
_CONSTANTS = {"pi": "Math.PI", "e": "Math.E", "tau": "(2 * Math.PI)"}

_CALLED = re.compile(r"(helper|Math)\.(\w+)\Z|Number\Z")
_OPERAND = re.compile(r"\b[ab]\b")
_FUNCTION = re.compile(r"^function (\w+)\(.*?^}\n", re.DOTALL | re.MULTILINE)


def function_text(program: Program, recorded: Sequence[Value] = ()) -> str:
    """The text of ``function name(parameters) { ... }``, which returns an array.

    The array holds the results of the program, and behind them the values ``recorded``,
    which may stand in any of its blocks: ``undefined`` where their block was not run.
    Where values are recorded, guards are left to whoever looks at their conditions.
    The helpers that it calls are not part of it; see `helper_functions`. Raises
    OptionError for a program with loops or arrays.
    """
    writer = _Writer(program, guarded=not recorded)
    writer.block(program.body, _INDENT)
    returned = [writer.atom(value) for value in (*program.results, *recorded)]
    parameters = ", ".join(writer.atom(p) for p in program.parameters)
    lines = [f"function {writer.function_name}({parameters}) {{"]
    if writer.hoisted:
        lines.append(f"{_INDENT}let {', '.join(writer.hoisted)};")
    lines += [*writer.lines, f"{_INDENT}return [{', '.join(returned)}];", "}"]
    return "\n".join(lines) + "\n"


def helper_functions(programs: Iterable[Program]) -> str:
    """The text of the helpers that the programs call, and of those that these call."""
    texts, wanted = _helpers(), set[str]()
    for program in programs:
        for op in walk(program.body):
            match = _CALLED.match(spelling(op.operation)) if not op.blocks else None
            if match and match.group(1) == "helper":
                wanted.add(match.group(2))
    needed = with_callees(wanted, texts)
    return "\n".join(text for name, text in texts.items() if name in needed)


def spelling(operation: Operation) -> str:
    """How JavaScript spells the operation: a function's name, or a template."""
    if operation.javascript:
        return operation.javascript
    return re.sub(r"\Amath\.", "Math.", operation.python)


@cache
def _helpers() -> dict[str, str]:
    """The helper functions, by name, in the order of their file."""
    path = Path(helpers.__file__).with_suffix(".js")
    text = path.read_text(encoding="utf-8")
    return {match.group(1): match.group() for match in _FUNCTION.finditer(text)}


class _Writer:
    """Writes the statements; values of blocks are declared once for the function."""

    def __init__(self, program: Program, guarded: bool):
        self.lines: list[str] = []
        self._guarded = guarded
        self._nothing = ", ".join(["NaN"] * len(program.results))
        self.hoisted: list[str] = []
        self._given = Names(RESERVED | _helpers().keys())
        self._names: dict[Value, str] = {}
        self.function_name = self._given.take(program.name)
        for parameter in program.parameters:
            self._names[parameter] = self._given.take(str(parameter.name))

    def block(self, block: Block, indent: str) -> None:
        for op in block.ops:
            if op.operation is IF:
                self._branch(op, indent)
            elif op.operation is GUARD:
                self._guard(op, indent)
            elif op.blocks:
                raise OptionError("there is no JavaScript for functions with loops yet")
            elif any(value.type.rank for value in (*op.operands, *op.results)):
                raise OptionError("there is no JavaScript for arrays yet")
            else:
                self._assign(op, indent)

    def atom(self, value: Value) -> str:
        """A name, or a number; a negative one in parentheses."""
        if value.literal:
            return _literal(value)
        known = self._names.get(value)
        if known is None:
            known = self._names[value] = self._name(value)
        return known

    def _assign(self, op: Op, indent: str) -> None:
        name = self.atom(op.results[0])
        if indent == _INDENT:
            name = f"const {name}"
        else:
            self.hoisted.append(name)
        self.lines.append(f"{indent}{name} = {self._expression(op)};")

    def _guard(self, op: Op, indent: str) -> None:
        if self._guarded:
            condition = self.atom(op.operands[0])
            self.lines.append(f"{indent}if (!{condition}) return [{self._nothing}];")

    def _branch(self, op: Op, indent: str) -> None:
        self.hoisted += [self.atom(result) for result in op.results]
        self.lines.append(f"{indent}if ({self.atom(op.operands[0])}) {{")
        for side, ending in zip(op.blocks, ("} else {", "}"), strict=True):
            self.block(side, indent + _INDENT)
            for result, value in zip(op.results, side.results, strict=True):
                if value.name != UNDEFINED:
                    statement = f"{self.atom(result)} = {self.atom(value)};"
                    self.lines.append(indent + _INDENT + statement)
            self.lines.append(indent + ending)

    def _expression(self, op: Op) -> str:
        operation, spelled = op.operation, spelling(op.operation)
        texts = [self.atom(operand) for operand in op.operands]
        if match := _CALLED.match(spelled):
            name = match.group(2) if match.group(1) == "helper" else spelled
            return f"{name}({', '.join(texts)})"
        by_operand = dict(zip(operation.operands, texts, strict=True))
        return _OPERAND.sub(lambda m: by_operand[m.group()], spelled)

    def _name(self, value: Value) -> str:
        if value.name:
            return self._given.take(value.name)
        if value.adjoint_of is not None:
            return self._given.take(f"{self.atom(value.adjoint_of)}_bar")
        return self._given.temporary()


def _literal(value: Value) -> str:
    number = value.number
    assert number is not None
    if value.name == UNDEFINED:
        return "undefined"
    if value.name in _CONSTANTS:
        return _CONSTANTS[value.name]
    if isinstance(number, bool):
        return str(number).lower()
    number = float(number)
    if math.isnan(number):
        return "NaN"
    text = "Infinity" if math.isinf(number) else repr(abs(number)).removesuffix(".0")
    return text if math.copysign(1, number) > 0 else f"(-{text})"
