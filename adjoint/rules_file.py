"""Rules of the user's own in a file: a TOML table, or Python that is never run."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adjoint.errors import AdjointError, Source, SourceError
from adjoint.frontend.function.read import read_function
from adjoint.own_rules import Draft, Rule, draft_of, draft_of_function, made, rules_of


def read_rules(path: str | Path) -> list[Rule]:
    """The rules of a file.

    A TOML file has a table for each rule, as `rules_of` says. Of a Python file, calls
    ``adjoint.rule("f(x)", "...", x="...")`` at the top, with nothing but literals, and
    functions decorated with ``@adjoint.rule(x="...")`` are read. Raises AdjointError,
    with the place where there is one, for a file that cannot be read and for rules that
    are wrong.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AdjointError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise AdjointError(f"{str(path)!r} is not UTF-8 text: {error}") from None
    if path.suffix == ".toml":
        return rules_of(_table(text, str(path)))
    if path.suffix == ".py":
        return made(list(_drafts(text, path)), ())
    raise AdjointError(f"rules are in a .toml or a .py file, and {str(path)!r} is not")


def _table(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdjointError(f"{name}: this is not TOML: {error}") from None


def _drafts(text: str, path: Path) -> Iterator[Draft]:
    source = Source(text, str(path))
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise AdjointError(f"{path}: this is not Python: {error}") from None
    found = 0
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name, decorator_list=decorators):
                for call in filter(_is_rule, decorators):
                    found += 1
                    yield _decorated(source, path, name, call)
            case ast.Expr(value=call) | ast.Assign(value=call) if _is_rule(call):
                found += 1
                yield _called(source, call)
    if not found:
        raise AdjointError(f"{path}: there is no call of adjoint.rule here")


def _is_rule(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return ast.unparse(node.func) in ("rule", "adjoint.rule")


def _decorated(source: Source, path: Path, name: str, call: Any) -> Draft:
    given = _keywords(source, call)
    if call.args:
        raise _error(source, call, "a decorated function has its signature already")
    domain = given.pop("domain", {})
    program = read_function(f"{path}:{name}")
    return draft_of_function(program, given, domain)


def _called(source: Source, call: Any) -> Draft:
    given = _keywords(source, call)
    texts = [_literal(source, argument) for argument in call.args]
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        raise _error(source, call, "a rule has a signature and a value, both as text")
    domain = given.pop("domain", {})
    return draft_of(texts[0], texts[1], given, domain)


def _keywords(source: Source, call: ast.Call) -> dict[str, Any]:
    given = {
        str(keyword.arg): _literal(source, keyword.value)
        for keyword in call.keywords
        if keyword.arg != "uses"  # all of the file may use each other
    }
    return given | given.pop("partials", {})


def _literal(source: Source, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)  # literals alone: nothing is run
    except ValueError:
        message = "in a file of rules, formulas and numbers are written out"
        raise _error(source, node, message) from None


def _error(source: Source, node: ast.expr, message: str) -> SourceError:
    lines = source.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: node.lineno - 1])
    column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
    return source.error(start + column, start + column + 1, message)
