"""The formula language: statements, the header, and the way to a `Program`.

``f(x2, x1) = a = x1*x2; a + cos(a)``: an optional header that names the function and
orders its parameters, then statements separated by newlines or ``;``. The last one's
value is the result.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from functools import cache

from adjoint.errors import AdjointError, Source, did_you_mean
from adjoint.frontend.lower import CONSTANTS, Lowering
from adjoint.frontend.parser import ExpressionParser
from adjoint.frontend.syntax import Node, Statement
from adjoint.frontend.tokens import tokenize
from adjoint.ir.builder import Builder
from adjoint.ir.program import Program, Value
from adjoint.ir.types import FLOAT
from adjoint.rules.table import FUNCTION_NAMES

_AUGMENTED = {"+=", "-=", "*=", "/=", "//=", "%=", "**=", "^="}


@dataclass(frozen=True)
class Formula:
    """A parsed formula; ``parameters`` is None where there is no header."""

    source: Source
    name: str | None
    parameters: tuple[str, ...] | None
    statements: tuple[Statement, ...]


def read_formula(
    text: str, name: str | None = None, source_name: str = "formula"
) -> Program:
    """The program of a formula.

    ``name`` names the function; the header's name, or ``f``, otherwise. The parameters
    are those of the header, or the free names in order of first appearance. Raises
    SourceError, with the place, for whatever is not in the language.
    """
    return lower_formula(parse_formula(Source(text, source_name)), name)


def parse_formula(source: Source) -> Formula:
    """The statements of a formula. Raises SourceError where it is not well formed."""
    tokens = tokenize(source)
    parser = ExpressionParser(source, tokens)
    name, parameters = _header(parser)
    statements: list[Statement] = []
    while parser.position < len(tokens.kinds) - 1:
        if tokens.kinds[parser.position] == "end":
            parser.position += 1
            continue
        statements.append(_statement(parser))
        at = parser.position
        if tokens.kinds[at] != "end":
            raise source.error(
                tokens.starts[at],
                tokens.ends[at],
                f"`{tokens.texts[at]}` is not expected here",
                (
                    "one result is expected, not several"
                    if tokens.texts[at] == ","
                    else None
                ),
            )
    if not statements:
        end = len(source.text.rstrip())
        raise source.error(end, end, "the formula is empty")
    return Formula(source, name, parameters, tuple(statements))


@cache
def parse_expression(text: str) -> Node:
    """One expression of the tables of rules, parsed once."""
    return parse_formula(Source(text, "rule")).statements[-1].expression


def lower_formula(formula: Formula, name: str | None = None) -> Program:
    """The program of a parsed formula. Raises SourceError as `read_formula` does."""
    source = formula.source
    builder = Builder(source)
    names: dict[str, Value] = {}
    declared = formula.parameters
    for parameter in declared or ():
        names[parameter] = builder.parameter(parameter, FLOAT)

    def unknown(node: Node) -> Value:
        free = str(node.value)
        if free in CONSTANTS:
            return builder.constant(CONSTANTS[free], free)
        if declared is not None:
            raise _undeclared(source, node, names)
        if free == "__debug__":
            raise source.error(
                node.start, node.end, f"`{free}` cannot be a name in Python"
            )
        names[free] = builder.parameter(free, FLOAT)
        return names[free]

    lowering = Lowering(source, builder, names, unknown)
    for statement in formula.statements:
        value = lowering.value(statement.expression)
        for target in statement.targets:
            names[target] = value
            if value.op is not None and value.name is None:
                value.name = target
    try:
        return builder.finish(name or formula.name or "f", value)
    except AdjointError as error:
        node = formula.statements[-1].expression
        raise source.error(node.start, node.end, str(error)) from None


def _header(parser: ExpressionParser) -> tuple[str | None, tuple[str, ...] | None]:
    """``f(x, y) =`` where the formula begins so; nothing otherwise."""
    tokens = parser.tokens
    at = 0
    while tokens.kinds[at] == "end" and tokens.texts[at]:
        at += 1
    kinds, texts = tokens.kinds, tokens.texts
    if kinds[at] != "name" or texts[at + 1] != "(":
        return None, None
    close = at + 2
    while kinds[close] == "name" or texts[close] == ",":
        close += 1
    if texts[close] != ")" or texts[close + 1] != "=":
        return None, None
    parameters: list[str] = []
    expect_name = True
    for i in range(at + 2, close):
        if (kinds[i] == "name") != expect_name:
            what = "a name" if expect_name else "`,`"
            raise _token_error(parser, i, f"{what} is expected before `{texts[i]}`")
        expect_name = not expect_name
        if kinds[i] == "name":
            _check_name(parser, i)
            if texts[i] in parameters:
                raise _token_error(
                    parser, i, f"the parameter `{texts[i]}` stands twice"
                )
            parameters.append(texts[i])
    _check_name(parser, at)
    parser.position = close + 2
    return texts[at], tuple(parameters)


def _statement(parser: ExpressionParser) -> Statement:
    tokens = parser.tokens
    targets: list[str] = []
    while True:
        at = parser.position
        following = tokens.texts[at + 1] if tokens.kinds[at] != "end" else ""
        if tokens.kinds[at] != "name" or (
            following != "=" and following not in _AUGMENTED
        ):
            break
        _check_name(parser, at)
        parser.position += 2
        if following != "=":
            value = parser.parse()
            left = Node(
                "name", tokens.texts[at], (), tokens.starts[at], tokens.ends[at]
            )
            sign = "**" if following == "^=" else following[:-1]
            node = Node("binary", sign, (left, value), left.start, value.end)
            return Statement((*targets, tokens.texts[at]), node)
        targets.append(tokens.texts[at])
    expression = parser.parse()
    at = parser.position
    if tokens.texts[at] == "=":
        raise parser.source.error(
            expression.start, expression.end, "only a name can stand left of `=`"
        )
    return Statement(tuple(targets), expression)


def _check_name(parser: ExpressionParser, at: int) -> None:
    name = parser.tokens.texts[at]
    if keyword.iskeyword(name):
        hint = f"another name is needed, `{name}_` for instance"
        message = f"`{name}` is a Python keyword and cannot be a name"
        raise _token_error(parser, at, message, hint)
    if name == "__debug__":
        raise _token_error(parser, at, f"`{name}` cannot be a name in Python")


def _token_error(
    parser: ExpressionParser, at: int, message: str, hint: str | None = None
) -> AdjointError:
    tokens = parser.tokens
    return parser.source.error(tokens.starts[at], tokens.ends[at], message, hint)


def _undeclared(source: Source, node: Node, names: dict[str, Value]) -> AdjointError:
    name = str(node.value)
    hint = did_you_mean(name, names)
    if hint is None and name in FUNCTION_NAMES:
        hint = f"to call the function, write `{name}(...)`"
    message = f"`{name}` is not a parameter of the header, nor assigned before"
    return source.error(node.start, node.end, message, hint)
