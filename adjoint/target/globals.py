"""The global names of a generated module: imports, constants, helper functions."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from adjoint.ir.names import Names
from adjoint.ir.program import Op, Value
from adjoint.rules import helpers
from adjoint.rules.operation import Operation
from adjoint.target.layout import WIDTH, bracketed
from adjoint.target.spelling import Text, call, literal, named_literal, operator

_WORDS = {
    "2": "TWO",
    "3": "THREE",
    "4": "FOUR",
    "8": "EIGHT",
    "1": "ONE",
    "0.5": "HALF",
}


class Globals:
    """Collects what the functions of one module need around them.

    ``user_names`` are the names that the user has brought, to be kept clear of.
    """

    def __init__(self, user_names: Iterable[str]):
        self.user_names = set(user_names)
        self._names = Names(self.user_names)
        self._imports: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._helpers: dict[str, str] = {}
        self._constants: dict[str, str] = {}
        self._constant_of: dict[Value, Text] = {}

    # -- what the bodies ask for

    def function(self, operation: Operation) -> str:
        """What the operation's function is called in this module."""
        module, _, name = operation.python.rpartition(".")
        if module == "math":
            return self._imported(name)
        return self._helper(name) if module == "helper" else self._builtin(name)

    def named_literal(self, value: Value) -> str | None:
        """What a named constant (pi, inf) is called in this module, or None."""
        name = named_literal(value)
        return self._imported(name) if name else None

    def add_constant(self, op: Op) -> None:
        """Note an operation on constants, to be done once at the top of the module."""
        operands = [self._constant_text(operand) for operand in op.operands]
        operation = op.operation
        if sum(len(text.text) for text in operands) > 50:
            operands = [self._as_constant(text) for text in operands]
        if operation.called:
            text = call(self.function(operation), operands)
        elif operation.python == "a * a":
            text = Text(f"{operands[0].at_least(9)}**2", 8)
        else:
            text = operator(operation, operands)
        self._constant_of[op.results[0]] = text

    def constant(self, value: Value) -> str:
        """The name of a constant that is computed at the top of the module."""
        return self._as_constant(self._constant_of[value]).text

    # -- the text

    def import_lines(self) -> list[str]:
        """``from math import ...``, sorted."""
        items = [
            name if name == alias else f"{name} as {alias}"
            for name, alias in sorted(self._imports.items())
        ]
        if not items:
            return []
        line = f"from math import {', '.join(items)}"
        if len(line) <= WIDTH:
            return [line]
        return bracketed("", "from math import (", items, ")")

    def constant_lines(self) -> list[str]:
        """Aliases of builtins and the constants, in the order of their use."""
        aliases = [f"{alias} = {name}" for name, alias in self._aliases.items()]
        return aliases + [f"{name} = {text}" for text, name in self._constants.items()]

    def helper_texts(self) -> list[str]:
        """The text of each helper function that is used."""
        return [self._renamed(name) for name in self._helpers]

    # -- inside

    def _constant_text(self, value: Value) -> Text:
        if value.op is not None:
            return self._constant_of[value]
        named = self.named_literal(value)
        return Text(named) if named else literal(value.number)  # type: ignore[arg-type]

    def _as_constant(self, text: Text) -> Text:
        if text.text in self._constants:
            return Text(self._constants[text.text])
        if re.fullmatch(r"[\w.]+", text.text):
            return text
        name = self._names.take(_constant_name(text.text))
        self._constants[text.text] = name
        return Text(name)

    def _imported(self, name: str) -> str:
        if name not in self._imports:
            self._imports[name] = self._names.take(name, f"math_{name}")
        return self._imports[name]

    def _builtin(self, name: str) -> str:
        if name not in self.user_names:
            return name
        if name not in self._aliases:
            self._aliases[name] = self._names.take(f"builtin_{name}")
        return self._aliases[name]

    def _helper(self, name: str) -> str:
        if name not in self._helpers:
            self._helpers[name] = self._names.take(name, f"{name}_function")
            for used in _helper_names(name):  # what it calls in turn
                self._rename(used)
        return self._helpers[name]

    def _rename(self, name: str) -> str:
        if name in _helper_functions():
            return self._helper(name)
        return self._builtin(name) if hasattr(builtins, name) else self._imported(name)

    def _renamed(self, name: str) -> str:
        text = _helper_functions()[name][0]
        changed = {used: self._rename(used) for used in (name, *_helper_names(name))}
        changed = {old: new for old, new in changed.items() if old != new}
        if not changed:
            return text
        pattern = re.compile(rf"\b({'|'.join(map(re.escape, changed))})\b")
        return pattern.sub(lambda match: changed[match.group()], text)


def _constant_name(text: str) -> str:
    """A name for a constant, from its text: ``sqrt(2 * pi)`` is SQRT_TWO_PI."""
    words = re.findall(r"[A-Za-z_]\w*|[\d.]+(?:e[-+]?\d+)?|[-+*/]+", text)
    signs = {"/": "OVER", "+": "PLUS", "-": "MINUS", "**": "TO", "*": ""}
    parts = []
    for word in words:
        number = word[:-2] if word.endswith(".0") else word
        parts.append(signs.get(word, _WORDS.get(number, number)))
    name = "_".join(part.strip("_").upper() for part in parts if part).replace(".", "_")
    fits = len(name) <= 24 and name.isidentifier() and name.isascii()
    return name if fits else "C1"


@cache
def _helper_functions() -> dict[str, tuple[str, ast.FunctionDef]]:
    text = Path(helpers.__file__).read_text(encoding="utf-8")
    return {
        node.name: (ast.get_source_segment(text, node) or "", node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


@cache
def _helper_names(name: str) -> tuple[str, ...]:
    """The global names that a helper uses."""
    node = _helper_functions()[name][1]
    bound = {argument.arg for argument in node.args.args}
    used: dict[str, None] = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            if isinstance(inner.ctx, ast.Store):
                bound.add(inner.id)
            else:
                used[inner.id] = None
    return tuple(sorted(set(used) - bound - {name}))
