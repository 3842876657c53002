"""The formula language: statements, the header, and the way to a `Program`.

``f(x2, x1) = a = x1*x2; a + cos(a)``: an optional header that names the function and
orders its parameters, then statements separated by newlines or ``;``. The last one's
value is the result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NoReturn

from adjoint.errors import AdjointError, Source, did_you_mean
from adjoint.frontend.formula.mistakes import (
    Complaint,
    keyword_as_name,
    operator_missing,
    several_results,
)
from adjoint.frontend.formula.parser import ExpressionParser
from adjoint.frontend.formula.tokens import RESERVED, Tokens, tokenize
from adjoint.frontend.lower import Lowering
from adjoint.frontend.syntax import Node, Statement
from adjoint.ir.builder import Builder
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program, Value
from adjoint.ir.types import FLOAT, INT
from adjoint.rules.operation import Operation
from adjoint.rules.table import CONSTANTS, FORMULA_FUNCTIONS, FUNCTION_NAMES

_ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "//=", "%=", "**=", "^="}


@dataclass(frozen=True)
class Formula:
    """A parsed formula; ``parameters`` is None where there is no header."""

    source: Source
    name: str | None
    parameters: tuple[str, ...] | None
    statements: tuple[Statement, ...]


@collection_paused()
def read_formula(
    text: str,
    name: str | None = None,
    source_name: str = "formula",
    functions: Mapping[str, Operation] = FORMULA_FUNCTIONS,
    whole: Collection[str] = (),
) -> Program:
    """The program of a formula.

    ``name`` names the function; the header's name, or ``f``, otherwise. The parameters
    are those of the header, or the free names in order of first appearance.
    ``functions`` are the operations that may be called, ``whole`` those parameters of
    the header that are whole numbers. Raises SourceError, with the
    place, for whatever is not in the language.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    formula = parse_formula(Source(text, source_name))
    return lower_formula(formula, name, functions, whole)


def parse_formula(source: Source) -> Formula:
    """The statements of a formula. Raises SourceError where it is not well formed."""
    reader = _Reader(source)
    name, parameters = reader.header()
    return Formula(source, name, parameters, reader.statements())


def lower_formula(
    formula: Formula,
    name: str | None = None,
    functions: Mapping[str, Operation] = FORMULA_FUNCTIONS,
    whole: Collection[str] = (),
) -> Program:
    """The program of a parsed formula. Raises SourceError as `read_formula` does."""
    source = formula.source
    builder = Builder(source)
    names = {
        name: builder.parameter(name, INT if name in whole else FLOAT)
        for name in formula.parameters or ()
    }

    def free(node: Node) -> Value:
        """The value of a name that is not assigned: a constant, or a parameter."""
        name = str(node.value)
        if name in CONSTANTS:
            return builder.constant(CONSTANTS[name], name)
        if formula.parameters is None:
            return builder.parameter(name, FLOAT)
        raise _undeclared(source, node, names)

    lowering = Lowering(source, builder, names, free, own_name=formula.name)
    lowering.functions = functions
    for statement in formula.statements:
        for node in statement.nodes:  # as they appear; conditions are lowered first
            if node.kind == "name" and node.value not in names:
                names[str(node.value)] = free(node)
        value = lowering.value(statement.expression, statement.nodes)
        for target in statement.targets:
            names[target] = value
            if value.op is not None and value.name is None:
                value.name = target
    try:
        return builder.finish(name or formula.name or "f", value)
    except AdjointError as error:
        node = formula.statements[-1].expression
        raise source.error(node.start, node.end, str(error)) from None


def _undeclared(source: Source, node: Node, names: dict[str, Value]) -> AdjointError:
    name = str(node.value)
    hint = did_you_mean(name, names)
    if name in FUNCTION_NAMES:
        hint = f"to call the function, write `{name}(...)`"
    message = f"`{name}` is not a parameter of the header, nor assigned before"
    return source.error(node.start, node.end, message, hint)


class _Reader:
    """Reads the header and the statements, each once and in this order."""

    def __init__(self, source: Source):
        self.source = source
        self.tokens: Tokens = tokenize(source)
        self.parser = ExpressionParser(source, self.tokens)

    def header(self) -> tuple[str | None, tuple[str, ...] | None]:
        """``f(x, y) =`` where the formula begins so; nothing otherwise."""
        kinds, texts = self.tokens.kinds, self.tokens.texts
        start = self._statement_start(0)
        close = self._header_end(start)
        if close is None:
            return None, None
        self._check_name(start)
        parameters: dict[str, None] = {}
        for i in range(start + 2, close, 2):
            self._check_name(i)
            if texts[i] in parameters:
                self._fail(i, (f"the parameter `{texts[i]}` stands twice", None))
            parameters[texts[i]] = None
            if kinds[i + 1] not in (",", ")"):
                self._fail(i + 1, (f"`,` is missing before `{texts[i + 1]}`", None))
        self.parser.position = close + 2
        return texts[start], tuple(parameters)

    def statements(self) -> tuple[Statement, ...]:
        """All statements that follow; at least one."""
        found: list[Statement] = []
        kinds = self.tokens.kinds
        while True:
            at = self._statement_start(self.parser.position)
            if at == len(kinds):
                break
            self.parser.position = at
            found.append(self._statement())
            self._check_end(found[-1])
        if not found:
            self._fail(len(kinds) - 1, ("the formula is empty", None))
        return tuple(found)

    def _statement(self) -> Statement:
        """``a = b = expression``, ``a += expression`` or an expression alone."""
        kinds, texts, parser = self.tokens.kinds, self.tokens.texts, self.parser
        targets: list[str] = []
        while True:
            at = parser.position
            is_word = kinds[at] == "name" or kinds[at] in RESERVED
            if not is_word or kinds[at + 1] not in _ASSIGNMENTS:
                expression = parser.parse()
                return Statement(tuple(targets), expression, parser.nodes)
            self._check_name(at)
            if kinds[at + 1] != "=":
                break
            targets.append(texts[at])
            parser.position += 2
        if targets:
            self._fail(at + 1, operator_missing(self.tokens, at + 1, texts[at]))
        return self._augmented(at)

    def _augmented(self, at: int) -> Statement:
        tokens = self.tokens
        name, sign = tokens.texts[at], tokens.texts[at + 1].removesuffix("=")
        before = Node("name", name, (), tokens.starts[at], tokens.ends[at])
        self.parser.position = at + 2
        value = self.parser.parse()
        sign = "**" if sign == "^" else sign
        both = Node("binary", sign, (before, value), before.start, value.end)
        return Statement((name,), both, [before, *self.parser.nodes, both])

    def _statement_start(self, at: int) -> int:
        """The position of the next token that ends no statement."""
        kinds = self.tokens.kinds
        while at < len(kinds) and kinds[at] == "end":
            at += 1
        return at

    def _header_end(self, start: int) -> int | None:
        """The position of the parenthesis before ``=`` that closes a header."""
        kinds = self.tokens.kinds
        if kinds[start : start + 2][1:] != ["("]:
            return None
        try:
            close = kinds.index(")", start)
        except ValueError:
            return None
        is_word = kinds[start] == "name" or kinds[start] in RESERVED
        return close if is_word and kinds[close + 1] == "=" else None

    # -- errors

    def _check_name(self, at: int) -> None:
        """Refuse a token that cannot be a name in Python."""
        kind, text = self.tokens.kinds[at], self.tokens.texts[at]
        if kind in RESERVED:
            self._fail(at, keyword_as_name(kind))
        if kind != "name":
            message = f"a parameter's name is expected, not `{text}`"
            self._fail(at, (message, "a header is written `f(x) = ...`"))

    def _check_end(self, statement: Statement) -> None:
        """Refuse what stands behind a statement and is no part of it."""
        at = self.parser.position
        if self.tokens.kinds[at] == ",":
            self._fail(at, several_results(self.tokens, at))
        if self.tokens.kinds[at] == "=":
            node, message = statement.expression, "only a name can stand left of `=`"
            header = "a header stands once, at the beginning"
            hint = header if node.kind == "call" else None
            raise self.source.error(node.start, node.end, message, hint)

    def _fail(self, at: int, complaint: Complaint) -> NoReturn:
        start, end = self.tokens.starts[at], self.tokens.ends[at]
        raise self.source.error(start, max(end, start + 1), *complaint)
