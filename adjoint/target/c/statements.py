"""Statements in C: the body of a generated Python function, statement by statement.

How the code reads has been decided there: what has a name, and which, and what stands
inside an expression. Here every statement is only spelled in another language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Final

from adjoint.ir.names import Names
from adjoint.target.c.expressions import BOOL, FLOAT, INT, STACK, Expressions
from adjoint.target.c.head import Head, Out
from adjoint.target.c.layout import leaves, wrapped
from adjoint.target.c.loops import Loop, Unpacked, everything, makes_stack, pushed
from adjoint.target.c.scopes import Scopes, assigns, is_plain, names_in, written
from adjoint.target.c.types import find_types
from adjoint.target.layout import INDENT, WIDTH
from adjoint.target.notes import comment

SIGNS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
#: What stands for a value that is never read, by its type.
_NOTHING: Final = {BOOL: "false", INT: "0", FLOAT: "NAN", STACK: "0"}


class Statements:
    """Writes the body of one function; the result is in ``lines``.

    The ``head`` says what the function takes and gives; ``functions`` say what
    functions and constants of Python are, by their names in the text, and ``comments``
    are those of its lines. New ``names`` are taken; the ``constants`` are defined
    outside.
    """

    def __init__(
        self,
        body: list[ast.stmt],
        head: Head,
        functions: Mapping[str, str],
        comments: Mapping[int, str],
        names: Names,
        constants: Collection[str],
    ):
        unpacked = Unpacked(body, functions)
        self.body = unpacked.body
        self._loops, self._taken = unpacked.loops, unpacked.taken
        self._comments = dict(comments)
        self._head = head
        self._names = names
        self._results = 0
        self.lines: list[str] = []
        self._indent = INDENT
        self._cursor = ""  # in the stack that is gone through
        self._counters: list[str] = []  # of the loops around
        self._in_c = dict(head.names)
        self._types = dict(head.types) | dict.fromkeys(constants, FLOAT)
        self.expressions = self._expressions(functions)
        find_types(self.body, self._loops, self._taken, self._types, self.expressions)
        self.expressions.called.clear()
        for name in self._types:
            if name not in self._in_c and name not in constants:
                self._in_c[name] = names.take(name, f"{name}_")
        known = {*head.types, *constants, *functions, *self._hoisted()}
        self._scopes = Scopes(self.body, self._loops, known)
        self._saved = {
            name
            for statement in everything(self.body)
            for one in (pushed(statement) or ("", []))[1]
            for name in names_in(one)
        }
        self._tape = ""
        if STACK in self._types.values():
            self._tape = names.take("tape")
            self.lines.append(f"{INDENT}Tape {self._tape} = {{NULL, 0, 0, 0}};")

    def _expressions(self, functions: Mapping[str, str]) -> Expressions:
        return Expressions(functions, self._in_c, self._types)

    def _hoisted(self) -> Collection[str]:
        """The variables that are declared where the function begins."""
        return ()

    def write(self) -> None:
        """Write everything."""
        returned = self.body[-1]
        assert isinstance(returned, ast.Return) and returned.value is not None
        self._results = len(leaves(returned.value))
        self._block(self.body)

    # -- blocks

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._write_comments_before(statement)
            declared = self._scopes.before.get(statement, [])
            self._declare(declared, statement)
            getattr(self, _WRITERS[_kind(statement)])(statement)

    def _declare(self, declared: Sequence[str], before: ast.stmt | None = None) -> None:
        for type, group in groupby(
            sorted(declared, key=self._types.__getitem__), self._types.__getitem__
        ):
            names = [self._declared(name, type, before) for name in group]
            self._line(f"{type} {', '.join(names)};")

    def _declared(self, name: str, type: str, before: ast.stmt | None) -> str:
        """The name of a variable, with what it is if nothing is assigned to it."""
        surely = before is None or assigns(before, name) or name in written(before)
        if surely or type not in _NOTHING:
            return self._in_c[name]
        return f"{self._in_c[name]} = {_NOTHING[type]}"

    def _write_comments_before(self, statement: ast.stmt) -> None:
        while self._comments and (at := next(iter(self._comments))) < statement.lineno:
            # cut, and not wrapped: its second line would be code
            note = comment("// ", self._comments.pop(at), self._indent)
            self.lines.append(f"{self._indent}{note}")

    def _inner(
        self, head: str, body: Sequence[ast.stmt], first: Sequence[str] = ()
    ) -> None:
        """A block with its head, not yet closed."""
        self._line(f"{head} {{")
        with self._indented():
            for line in first:
                self._line(line)
            self._block(body)

    @contextmanager
    def _indented(self) -> Iterator[None]:
        outer, self._indent = self._indent, self._indent + INDENT
        try:
            yield
        finally:
            self._indent = outer

    def _line(self, text: str, node: ast.stmt | None = None) -> None:
        lines = wrapped(f"{self._indent}{text}")
        if node is not None and node.lineno in self._comments:
            note = f"// {self._comments.pop(node.lineno)}"
            if len(lines[-1]) + 2 + len(note) <= WIDTH:
                lines[-1] += f"  {note}"
            else:
                lines.insert(0, f"{self._indent}{note}")
        self.lines += lines

    # -- assignments

    def _assign(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.Assign)
        if not is_plain(node):
            self._assign_at_once(node)
            return
        (name,) = written(node)
        self._line(f"{self._left(node, name)} = {self._value(node, name)};", node)

    def _left(self, node: ast.stmt, name: str) -> str:
        declared = node in self._scopes.by_assignment
        return (
            f"{self._types[name]} {self._in_c[name]}" if declared else self._in_c[name]
        )

    def _value(self, node: ast.Assign, name: str) -> str:
        taken, type = self._taken.get(node), self._types[name]
        if makes_stack(node):
            return self._on_tape("tape_new")
        if taken is not None:
            stack = self._in_c[taken.stack]
            if taken.popped:
                entry = self._on_tape("tape_pop", stack)
            else:
                place = f" + {taken.place}" if taken.place else ""
                entry = self._on_tape("tape_entry", stack, f"{self._cursor}{place}")
            return f"{entry} != 0.0" if type == BOOL else entry
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            return _NOTHING[type]
        return self.expressions.text(node.value).of_type(type)

    def _assign_at_once(self, node: ast.Assign) -> None:
        """``a, b = x, y``: all are computed before any of them is changed."""
        assert isinstance(node.targets[0], ast.Tuple) and isinstance(
            node.value, ast.Tuple
        )
        moves = []
        for target, value in zip(node.targets[0].elts, node.value.elts, strict=True):
            assert isinstance(target, ast.Name)
            name, type = self._in_c[target.id], self._types[target.id]
            new = self._names.take(f"{name}_next")
            text = self.expressions.text(value).of_type(type)
            self._line(f"{type} {new} = {text};")
            moves.append(f"{name} = {new};")
        for move in moves:
            self._line(move)

    def _augment(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
        text = self.expressions.text(node.value).of_type(self._types[node.target.id])
        sign = SIGNS[type(node.op)]
        self._line(f"{self._in_c[node.target.id]} {sign}= {text};", node)

    # -- stacks

    def _on_tape(self, function: str, *arguments: str) -> str:
        return self.expressions.call(function, f"&{self._tape}", *arguments)

    def _push(self, node: ast.stmt) -> None:
        stack, parts = pushed(node) or ("", [])
        for part in parts:
            text = "NAN"  # of what is never read
            if not isinstance(part, ast.Constant) or part.value is not None:
                text = self._saved_text(part)
            call = self._on_tape("tape_push", self._in_c[stack], text)
            self._line(f"{call};", node)

    def _saved_text(self, part: ast.expr) -> str:
        """A number on a stack."""
        return self.expressions.text(part).text

    def _release(self, body: Sequence[ast.stmt]) -> None:
        """Give back what no later iteration reads: memory is that of one iteration."""
        for statement in body:
            for name in written(statement) if is_plain(statement) else ():
                if self._types.get(name) != STACK:
                    continue
                taken = self._taken.get(statement)
                own = makes_stack(statement) and name not in self._saved
                own = own and statement in self._scopes.by_assignment
                if own or (taken is not None and taken.popped):
                    self._line(f"{self._on_tape('tape_release', self._in_c[name])};")

    # -- branches and loops

    def _branch(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.If)
        head = "if"
        while True:
            self._inner(f"{head} ({self.expressions.text(node.test).text})", node.body)
            chained = node.orelse[0] if len(node.orelse) == 1 else None
            is_chained = isinstance(chained, ast.If) and (
                chained.col_offset == node.col_offset
            )
            if not is_chained or self._scopes.before.get(node.orelse[0]):
                break
            assert isinstance(chained, ast.If)
            head, node = "} else if", chained
        if node.orelse:
            self._inner("} else", node.orelse)
        self._line("}")

    def _while(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.While)
        forever = isinstance(node.test, ast.Constant) and node.test.value is True
        test = self.expressions.text(node.test).text
        self._loop("for (;;)" if forever else f"while ({test})", node)

    def _for(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.For)
        loop = self._loops[node]
        if not loop.stack:
            self._counted(loop, node, [])
            return
        outer, self._cursor = self._cursor, self._names.take("at")
        height = self._on_tape("tape_height", self._in_c[loop.stack])
        begin = f"size_t {self._cursor} = {height};"
        first = [f"{self._cursor} -= {loop.width};"]
        if loop.bounds:
            self._line(begin)
            self._counted(loop, node, first)
        else:
            self._loop(f"for ({begin} {self._cursor} > 0;)", node, first)
        self._cursor = outer

    def _counted(self, loop: Loop, node: ast.For, first: list[str]) -> None:
        """A loop over a range; an index that is more than that is a variable."""
        start, stop, step = self._bounds(loop, node)
        index, own = self._in_c[loop.index], node in self._scopes.counters
        outer = index
        if index in self._counters:  # that of a loop around, which is not hidden
            index = self._in_c[loop.index] = self._names.take(index)
        if step not in _COUNTED:
            turn = self._names.take("turn")
            value = f"{turn} * {step}" if start == "0" else f"{start} + {turn} * {step}"
            first = [
                f"{INT} {index} = {value};" if own else f"{index} = {value};",
                *first,
            ]
            head = self._by_turns(loop, turn, start, stop, step)
        else:
            counter = index if own else self._names.take(f"{index}_at")
            first = first if own else [f"{index} = {counter};", *first]
            head = _COUNTED[step][loop.backwards](counter, start, stop)
            head = f"for ({INT} {counter} = {head})"
        self._counters.append(index)
        self._loop(head, node, first)
        self._counters.pop()
        self._in_c[loop.index] = outer

    def _by_turns(self, loop: Loop, turn: str, start: str, stop: str, step: str) -> str:
        """The head of a loop that counts how often it is run."""
        length = self.expressions.call("range_length", start, stop, step)
        if loop.backwards:
            return f"for ({INT} {turn} = {length} - 1; {turn} >= 0; {turn}--)"
        turns = self._names.take("turns")
        self._line(f"{INT} {turns} = {length};")
        return f"for ({INT} {turn} = 0; {turn} < {turns}; {turn}++)"

    def _bounds(self, loop: Loop, node: ast.For) -> tuple[str, str, str]:
        """Start, stop and step: what the body changes is computed once, before."""
        bounds = list(loop.bounds)
        changed = {name for one in everything(node.body) for name in written(one)}
        texts = []
        for bound in bounds:
            text = self.expressions.text(bound).of_type(INT)
            plain = isinstance(bound, (ast.Constant, ast.Name)) or text == "-1"
            if not plain or changed.intersection(names_in(bound)):
                kept = self._names.take("bound")
                self._line(f"{INT} {kept} = {text};")
                text = kept
            texts.append(text)
        if len(texts) == 1:
            texts.insert(0, "0")
        start, stop, *steps = texts
        return start, stop, (steps or ["1"])[0]

    def _loop(
        self, head: str, node: ast.For | ast.While, first: Sequence[str] = ()
    ) -> None:
        self._inner(head, node.body, first)
        with self._indented():
            self._release(node.body)
        self._line("}")

    def _break(self, node: ast.stmt) -> None:
        self._line("break;")

    def _nothing(self, node: ast.stmt) -> None:
        """What matters in Python is the exception; there is none in C."""
        taken = self._taken.get(node)
        if taken is not None and taken.popped:
            self._line(f"{self._on_tape('tape_pop', self._in_c[taken.stack])};")

    # -- the end

    def _fail(self, node: ast.stmt) -> None:
        """Where the user's function raises an exception, every result is NaN."""
        if isinstance(node, ast.Assert):
            test = self.expressions.text(node.test)
            self._line(f"if (!({test.text})) {{")
            with self._indented():
                self._leave(["NAN"] * self._results)
            self._line("}")
        else:
            self._leave(["NAN"] * self._results)

    def _return(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.Return) and node.value is not None
        results = [self.expressions.text(leaf).text for leaf in leaves(node.value)]
        self._leave(results)

    def _leave(self, results: list[str]) -> None:
        returned, written = "", results
        if self._head.returns:
            returned, *written = results
        for out, text in zip(self._head.outs, written, strict=True):
            self._write_result(out, text)
        self._free()
        if returned or self._indent != INDENT:
            self._line(f"return {returned};" if returned else "return;")

    def _write_result(self, out: Out, text: str) -> None:
        self._line(f"{out.place} = {text};")

    def _free(self) -> None:
        """Give back all memory."""
        if self._tape:
            self._line(f"{self._on_tape('tape_free')};")


def _added(text: str, number: int) -> str:
    """The text, which is a name or a number, or more, with a number added to it."""
    if re.fullmatch(r"-?\d+", text):
        return str(int(text) + number)
    return f"{text} {'+' if number > 0 else '-'} {abs(number)}"


#: The heads of loops, forwards and backwards, by the step of the range.
_COUNTED: Final[dict[str, tuple[Callable[[str, str, str], str], ...]]] = {
    "1": (
        lambda i, start, stop: f"{start}; {i} < {stop}; {i}++",
        lambda i, start, stop: f"{_added(stop, -1)}; {i} >= {start}; {i}--",
    ),
    "-1": (
        lambda i, start, stop: f"{start}; {i} > {stop}; {i}--",
        lambda i, start, stop: f"{_added(stop, 1)}; {i} <= {start}; {i}++",
    ),
}


def _kind(statement: ast.stmt) -> str:
    return "Push" if pushed(statement) else type(statement).__name__


_WRITERS: Final[dict[str, str]] = {
    "Assign": "_assign",
    "AugAssign": "_augment",
    "Push": "_push",
    "Expr": "_nothing",
    "Pass": "_nothing",
    "If": "_branch",
    "While": "_while",
    "For": "_for",
    "Break": "_break",
    "Raise": "_fail",
    "Assert": "_fail",
    "Return": "_return",
}
