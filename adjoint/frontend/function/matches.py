"""``match`` as the chain of ``if`` and ``elif`` that it is.

The patterns are numbers, texts and None, several of them, a type, a name, ``_``; and a
tuple of these, where a tuple of as many stands behind ``match``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from adjoint.errors import SourceError
from adjoint.frontend.python.names import SCOPES
from adjoint.frontend.python.text import Text

#: What the subject is called, where it has no name.
_NAME = "subject"

_Node = TypeVar("_Node", bound=ast.AST)


@dataclass
class _Case:
    """One case: what has to hold, and what its names stand for."""

    tests: list[ast.expr] = field(default_factory=list)
    names: dict[str, ast.expr] = field(default_factory=dict)


class Matches:
    """Writes the ``match`` of one function as others; ``used`` are its names."""

    def __init__(self, text: Text, used: set[str]):
        self.text = text
        self.used = used

    def as_branches(self, node: ast.Match) -> list[ast.stmt]:
        """The statements that do what this one does."""
        known = isinstance(node.subject, ast.Tuple)
        parts = node.subject.elts if isinstance(node.subject, ast.Tuple) else []
        if any(isinstance(part, ast.Starred) for part in parts):
            raise self._refused(node.subject, "`*` behind `match`")
        found: list[ast.stmt] = []
        keep = not any(map(_binds, node.cases))
        subjects = [
            self._named(one, keep, found)
            for one in (parts if known else [node.subject])
        ]
        rest: list[ast.stmt] = []
        for case in reversed(node.cases):
            rest = self._branch(case, self._case(case.pattern, subjects, known), rest)
        return found + rest

    def _named(
        self, expression: ast.expr, keep: bool, found: list[ast.stmt]
    ) -> ast.expr:
        """A name for a part of the subject, after the statement that gives it one."""
        if isinstance(expression, ast.Constant | ast.Name) and keep:
            return expression
        name, count = _NAME, 1
        while name in self.used:
            count += 1
            name = f"{_NAME}_{count}"
        self.used.add(name)
        target = ast.Name(name, ast.Store())
        found.append(_placed(ast.Assign([target], expression), expression))
        return _placed(ast.Name(name, ast.Load()), expression)

    def _branch(
        self, node: ast.match_case, case: _Case, rest: list[ast.stmt]
    ) -> list[ast.stmt]:
        """The statements of a case, in front of those of the cases behind it."""
        tests, names = case.tests, case.names
        if node.guard is not None:
            if names and any(map(_has_names_of_its_own, ast.walk(node.guard))):
                raise self._refused(node.guard, "a function in this condition")
            tests = [*tests, _Replaced(names).visit(copy.deepcopy(node.guard))]
        bound = [
            _placed(ast.Assign([ast.Name(name, ast.Store())], value), node.pattern)
            for name, value in names.items()
        ]
        body = [*bound, *node.body]
        if not tests:
            return body
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
        return [_placed(ast.If(_placed(test, node.pattern), body, rest), node.pattern)]

    def _case(
        self, pattern: ast.pattern, subjects: Sequence[ast.expr], known: bool
    ) -> _Case:
        """What has to hold for a pattern, of one subject or of a tuple of them."""
        if not known:
            return self._of_one(pattern, subjects[0])
        if isinstance(pattern, ast.MatchAs) and not (pattern.pattern or pattern.name):
            return _Case()
        if isinstance(pattern, ast.MatchOr):
            cases = [self._case(one, subjects, known) for one in pattern.patterns]
            return self._one_of(pattern, cases)
        if not isinstance(pattern, ast.MatchSequence):
            raise self._refused(pattern, "this pattern of a tuple")
        if len(pattern.patterns) != len(subjects):
            return _Case([_placed(ast.Constant(False), pattern)])
        found = _Case()
        for one, subject in zip(pattern.patterns, subjects, strict=True):
            part = self._of_one(one, subject)
            found.tests += part.tests
            found.names |= part.names
        return found

    def _of_one(self, pattern: ast.pattern, subject: ast.expr) -> _Case:
        match pattern:
            case ast.MatchValue(value):
                test: ast.expr = ast.Compare(subject, [ast.Eq()], [value])
                return _Case([_placed(test, pattern)])
            case ast.MatchSingleton(None):
                nothing = _placed(ast.Constant(None), pattern)
                test = ast.Compare(subject, [ast.Is()], [nothing])
                return _Case([_placed(test, pattern)])
            case ast.MatchAs(inner, name):
                found = _Case() if inner is None else self._of_one(inner, subject)
                if name is not None:
                    found.names[name] = subject
                return found
            case ast.MatchOr(patterns):
                cases = [self._of_one(one, subject) for one in patterns]
                return self._one_of(pattern, cases)
            case ast.MatchClass(of, inner, []) if len(inner) < 2:
                function = ast.Name("isinstance", ast.Load())
                found = _Case([_placed(ast.Call(function, [subject, of], []), pattern)])
                for one in inner:
                    part = self._of_one(one, subject)
                    found.tests += part.tests
                    found.names |= part.names
                return found
        raise self._refused(pattern, "this pattern")

    def _one_of(self, node: ast.pattern, cases: list[_Case]) -> _Case:
        """One of several patterns."""
        if any(case.names for case in cases):
            raise self._refused(node, "a name in one of several patterns")
        if not all(case.tests for case in cases):
            return _Case()
        tests = [
            case.tests[0] if len(case.tests) == 1 else ast.BoolOp(ast.And(), case.tests)
            for case in cases
        ]
        return _Case([_placed(ast.BoolOp(ast.Or(), tests), node)])

    def _refused(self, node: ast.AST, what: str) -> SourceError:
        hint = "write `if` and `elif`; or match a tuple of names: `match a, b:`"
        return self.text.error(node, f"{what} is not supported", hint)


class _Replaced(ast.NodeTransformer):
    """Puts what the names of a pattern stand for in their place."""

    def __init__(self, names: dict[str, ast.expr]):
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The name, or what it stands for."""
        return self.names.get(node.id, node)


def _binds(case: ast.match_case) -> bool:
    """Whether a case may assign to a name before the next one is tried."""
    inside: Iterator[ast.AST] = ast.walk(case.pattern)
    captures = any(isinstance(one, ast.MatchAs) and one.name for one in inside)
    guard = ast.walk(case.guard) if case.guard is not None else ()
    return captures or any(isinstance(one, ast.NamedExpr) for one in guard)


def _has_names_of_its_own(node: ast.AST) -> bool:
    return isinstance(node, (*SCOPES, ast.GeneratorExp, ast.ListComp, ast.NamedExpr))


def _placed(node: _Node, place: ast.AST) -> _Node:
    """The node where another one stands, with all that has no place yet."""
    return ast.fix_missing_locations(ast.copy_location(node, place))
