"""A program as text: one elementary operation a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import GUARD, IF, UNDEFINED, Op, Program, Value
from adjoint.ir.subscripts import subscript_text
from adjoint.rules.array_operation import ArrayOperation

#: A line and the value that it defines, if it defines one.
Line = tuple[str, Value | None]


def print_program(program: Program) -> list[str]:
    """The lines of the SSA list: ``t1 = x1 - x2`` and so on, then the results."""
    return [text for part in print_primal_and_rest(program) for text, _ in part]


def print_primal_and_rest(program: Program) -> tuple[list[Line], list[Line]]:
    """The SSA list in two parts: the primal, and what the derivative adds to it."""
    (_, primal), *rest = print_sweeps(program)
    return primal, [line for _, lines in rest for line in lines]


def print_sweeps(program: Program) -> list[tuple[str, list[Line]]]:
    """The SSA list by sweeps, each with its title; the first is the primal.

    The results stand at the end of the last one. Where tangents are computed beside the
    values, these are one sweep.
    """
    printer = _Printer(program)
    first = "forward sweep" + (" with tangents" if program.beside else "")
    sweeps: list[tuple[str, list[Line]]] = [(first, printer.lines)]
    ops = program.body.ops
    printer.ops(ops[: program.primal_ops], "")
    for title, run in groupby(ops[program.primal_ops :], lambda op: op.sweep):
        printer.lines = []
        printer.ops(list(run), "")
        sweeps.append((title, printer.lines))
    shown = ", ".join(printer.name(value) for value in program.results)
    if len(sweeps) == 1 and not program.beside:
        sweeps.append(("", []))
    sweeps[-1][1].append((f"return {shown}", None))
    return sweeps


class _Printer:
    def __init__(self, program: Program):
        self.lines: list[Line] = []
        self._names: dict[Value, str] = {}
        self._given = Names(program.parameter_names)
        for parameter in program.parameters:
            self._names[parameter] = str(parameter.name)
        result = program.results[0]
        is_value = result.generation < max(1, program.generation)
        if is_value and result.op is not None and not result.name:
            self._names.setdefault(result, self._given.take(*RESULT_NAMES))

    def name(self, value: Value) -> str:
        if value.literal:
            return value.name or repr(value.number)
        known = self._names.get(value)
        if known is None:
            known = self._names[value] = self._new_name(value)
        return known

    def _new_name(self, value: Value) -> str:
        if value.name:
            return self._given.take(value.name)
        if value.adjoint_of is not None:
            return self._given.take(f"{self.name(value.adjoint_of)}_bar")
        if value.tangent_of is not None:
            of = self.name(value.tangent_of)
            return self._given.take(f"{of}_{value.direction}")
        return self._given.temporary()

    def ops(self, ops: Sequence[Op], indent: str) -> None:
        for op in ops:
            if op.operation is IF:
                self._branch(op, indent)
            elif op.blocks:
                self._loop(op, indent)
            elif op.operation is GUARD:
                text = f"{indent}guard {self.name(op.operands[0])}: {op.text}"
                self.lines.append((text, None))
            else:
                text = f"{indent}{self.name(op.results[0])} = {self._expression(op)}"
                self.lines.append((text, op.results[0]))

    def _branch(self, op: Op, indent: str) -> None:
        results = ", ".join(self.name(result) for result in op.results)
        head = f"{results} = " if results else ""
        only = op.results[0] if len(op.results) == 1 else None
        self.lines.append((f"{indent}{head}if {self.name(op.operands[0])}:", only))
        for side, word in zip(op.blocks, ("", "else:"), strict=True):
            if word:
                self.lines.append((indent + word, None))
            self.ops(side.ops, indent + "    ")
            yielded = ", ".join(
                "-" if value.name == UNDEFINED else self.name(value)
                for value in side.results
            )
            self.lines.append((f"{indent}    yield {yielded}", None))

    def _loop(self, op: Op, indent: str) -> None:
        results = ", ".join(self.name(result) for result in op.results)
        operands = ", ".join(self.name(operand) for operand in op.operands)
        head = f"{results} = " if results else ""
        only = op.results[0] if len(op.results) == 1 else None
        self.lines.append((f"{indent}{head}{op.operation.name} {operands}:", only))
        for block in op.blocks:
            names = ", ".join(self.name(parameter) for parameter in block.parameters)
            self.lines.append((f"{indent}  ({names}):", None))
            self.ops(block.ops, indent + "    ")
            if op.saved and block is op.blocks[-1]:
                saved = ", ".join(self.name(value) for value in op.saved)
                self.lines.append((f"{indent}    save {saved}", None))
            yielded = ", ".join(self.name(value) for value in block.results)
            self.lines.append((f"{indent}    yield {yielded}", None))

    def _expression(self, op: Op) -> str:
        names = [self.name(operand) for operand in op.operands]
        operation = op.operation
        if isinstance(operation, ArrayOperation):
            return _array_expression(op, names)
        if operation.name == "square":
            return f"{names[0]}**2"
        if operation.called:
            return f"{operation.name}({', '.join(names)})"
        by_operand = dict(zip(operation.operands, names, strict=True))
        return re.sub(r"\b[ab]\b", lambda m: by_operand[m.group()], operation.python)


def _array_expression(op: Op, names: list[str]) -> str:
    """``sum(x, axis=(0,))``; ``index``, ``store`` and ``accumulate`` with brackets."""
    operation = op.operation
    assert isinstance(operation, ArrayOperation)
    if "..." in operation.python:
        before = len(operation.operands) - 1
        brackets = subscript_text(op.attributes[0], names[before:])
        array, *stored = names[:before]
        return operation.python.replace("v", "".join(stored)).replace(
            "a[...]", f"{array}[{brackets}]"
        )
    given = zip(operation.attributes, op.attributes, strict=True)
    more = [f"{name}={value!r}" for (name, default), value in given if value != default]
    return f"{operation.name}({', '.join(names + more)})"
