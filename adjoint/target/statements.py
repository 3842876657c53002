"""The body of a Python function: operations become expressions, expressions statements.

A value that is used once is written where it is used, as a person would; one that is
used more often, or that the user has named, gets a line of its own. The operations that
may raise an exception are run in the order of the primal, whatever is written where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    IF,
    UNWIND,
    WHILE,
    Block,
    Op,
    Program,
    Value,
)
from adjoint.rules.operation import Operation
from adjoint.target.branches import write_branch
from adjoint.target.globals import Globals
from adjoint.target.layout import INDENT, WIDTH, Wrapper, bracketed, width
from adjoint.target.loops import (
    mentions,
    write_for,
    write_guard,
    write_unwind,
    write_while,
)
from adjoint.target.naming import LocalNames
from adjoint.target.notes import Notes
from adjoint.target.spelling import (
    CHOICE,
    PRODUCT,
    SUM,
    Text,
    call,
    needs_atoms,
    operator,
)
from adjoint.target.uses import Uses
from adjoint.target.waiting import Expression, Frame, NeedsStatements

#: Operands that are longer, together, do not stand in one expression.
_LONGEST = 56
#: A longer conditional expression does not stand inside another expression.
_LONGEST_CHOICE = 32

_AUGMENTED = {"add": "+", "sub": "-", "mul": "*", "div": "/"}

#: How each operation is written that is more than an expression of its operands.
_FORMS: dict[Operation, Callable[[BodyWriter, Op], None]] = {
    IF: write_branch,
    FOR: write_for,
    WHILE: write_while,
    BACKWARD: write_for,
    UNWIND: write_unwind,
    GUARD: write_guard,
}


class BodyWriter:
    """Writes the body of one function of the module; the result is in ``lines``.

    Results from ``tuple_from`` on are returned as a tuple; ``sweeps`` says whether the
    program has a forward and a reverse sweep, to be marked by comments.
    """

    def __init__(
        self, program: Program, module: Globals, tuple_from: int | None, sweeps: bool
    ):
        self.lines: list[str] = []
        self.module = module
        self.uses = Uses(program)
        self.liveness = self.uses.liveness
        self.frame = Frame(program.body, INDENT)
        self._program = program
        self._tuple_from = tuple_from
        self._sweeps = sweeps
        self._value = None if tuple_from == 0 else program.results[0]
        self.names = LocalNames(program, module.user_names, self.uses, self._value)
        self._position = 0
        self._ordered = True  # whether exceptions must come in the order of the primal
        self._wrapper = Wrapper()
        self._notes = Notes(program)

    def write(self) -> None:
        """Write everything."""
        ops = self._program.body.ops
        primal = self._program.primal_ops if self._sweeps else len(ops)
        for op in ops[:primal]:
            self.op(op)
        if self._sweeps:
            self._begin_reverse()
        for op in ops[primal:]:
            self.op(op)
        self._return()

    def _begin_reverse(self) -> None:
        if self._value is not None:
            if self._value in self.frame.waiting:
                self.flush(self._value)
            self.flush_raising()
        if self.lines:
            self.lines.insert(0, INDENT + "# forward sweep")
        self.lines.append(INDENT + "# reverse sweep")
        self._ordered = False

    # -- operations

    def op(self, op: Op) -> None:
        """Write the operation, or let it wait for the use of its result."""
        self._position += 1
        if self.liveness is not None:
            self.names.now = self.liveness.start[op]
        form = _FORMS.get(op.operation)
        if form is not None:
            form(self, op)
        elif op.results[0].number is not None:
            self.module.add_constant(op)
        else:
            self.keep(op.results[0], self._expression(op))

    def keep(self, value: Value, expression: Expression) -> None:
        """Let the expression wait for the use of the value, or write it."""
        count = self.uses.count.get(value, 0)
        if count == 0:
            self.flush_raising()
            self.line(expression.text.text)  # what matters is the exception
        elif self._can_wait(value, expression):
            self.frame.put(value, expression)
        else:
            self.assign(value, expression)

    def _can_wait(self, value: Value, expression: Expression) -> bool:
        if value.name is not None or not self.uses.single(value, self.frame.block):
            return False
        # a running sum ends with `x_bar += c`, rather than with `... x_bar + c ...`
        return value in self.uses.heir or not self.names.continues(
            value, expression.total
        )

    def collect(
        self, operands: Sequence[Value], raises: bool
    ) -> tuple[list[Text], int, int]:
        """The texts of the operands, and the first and last position of an expression.

        ``raises`` says whether the expression may raise when they have been evaluated.
        """
        first = last = -1
        texts: list[Text] = []
        for value in reversed(operands):
            if value in self.frame.waiting:
                part = self.frame.take(value)
                texts.append(part.text)
                if part.last >= 0:
                    first, last = part.first, max(last, part.last)
            else:
                texts.append(self.atom(value))
        texts.reverse()
        if raises and self._ordered:
            last = self._position
            first = last if first < 0 else first
        return texts, first, last

    def _expression(self, op: Op) -> Expression:
        operation = op.operation
        self._make_room(op)
        before = self.frame.waiting.get(op.operands[0])
        texts, first, last = self.collect(op.operands, operation.raises)
        if operation.called:
            text = call(self.module.function(operation), texts)
        else:
            text = operator(operation, texts)
        expression = Expression(text, first, last)
        if operation.name in _AUGMENTED:
            self._continue(op, expression, before, texts[1])
        return expression

    def _continue(
        self,
        op: Op,
        expression: Expression,
        before: Expression | None,
        more: Text,
    ) -> None:
        """Note how it continues a total; ``before`` is its first operand."""
        sign = _AUGMENTED[op.operation.name]
        if before is None:
            expression.total = self.names.get(op.operands[0]) or ""
            expression.sign, expression.more = sign, more
            return
        free = op.results[0].adjoint_of is not None  # its last bits are
        if free and before.total and before.sign == "+" and sign in "+-":
            terms = f"{before.more.at_least(SUM)} {sign} {more.at_least(PRODUCT)}"
            expression.total = before.total
            expression.sign, expression.more = "+", Text(terms, SUM)

    def _make_room(self, op: Op) -> None:
        """Write out those operands that cannot stand inside the expression."""
        waiting = self.frame.waiting
        inline = [value for value in op.operands if value in waiting]
        if not inline:
            return
        if needs_atoms(op.operation):
            self.flush(inline[0])
            return
        for value in inline:
            text = waiting[value].text
            first = value is op.operands[0]
            too_long = text.binding == CHOICE and len(text.text) > _LONGEST_CHOICE
            if too_long and (first or not self._continues_total(op)):
                self.flush(value)
        self.put_in_order(op.operands)
        inline = [value for value in op.operands if value in waiting]
        length = sum([len(self.peek(value).text) for value in op.operands])
        while inline and length > _LONGEST:
            longest = max(inline, key=lambda value: len(waiting[value].text.text))
            length -= len(waiting[longest].text.text) - 3
            self.flush(longest)
            inline = [value for value in inline if value in waiting]

    def _continues_total(self, op: Op) -> bool:
        """Whether the operation can be written as ``total += ...``."""
        total = self.names.get(op.operands[0])
        continues = self.names.continues(op.results[0], total)
        return op.operation.name in _AUGMENTED and continues

    def put_in_order(self, operands: Sequence[Value]) -> None:
        """Write out what one expression of the operands would evaluate out of order."""
        waiting = self.frame.waiting
        if self.frame.out_of_order([value for value in operands if value in waiting]):
            self.flush_raising()

    # -- values

    def atom(self, value: Value) -> Text:
        """A value that does not wait: its name, or its number."""
        known = self.names.get(value)
        if known is not None:
            return Text(known)
        if value.op is not None:
            return self.module.constant(value)
        return self.module.literal(value)

    def text(self, value: Value) -> Text:
        """The expression that waits for the use of the value, or its name or number."""
        if value in self.frame.waiting:
            return self.frame.take(value).text
        return self.atom(value)

    def peek(self, value: Value) -> Text:
        """As `text`, but the expression goes on waiting."""
        waiting = self.frame.waiting.get(value)
        return self.atom(value) if waiting is None else waiting.text

    # -- statements

    def flush(self, value: Value) -> None:
        """Write the expression that waits for the use of the value."""
        self.assign(value, self.frame.take(value))

    def flush_raising(self) -> None:
        """Write all expressions that wait and may raise."""
        for value, expression in self.frame.take_raising(self._position + 1):
            self.assign(value, expression)

    def flush_all(self, keep: Sequence[Value] = ()) -> None:
        """Write all expressions that wait, but for those to keep."""
        for value in list(self.frame.waiting):
            if value in self.frame.waiting and value not in keep:
                self.flush(value)

    def flush_raising_but(self, keep: Sequence[Value]) -> None:
        """As `flush_raising`, but for some expressions that are written next."""
        for value, expression in list(self.frame.waiting.items()):
            waits = value in self.frame.waiting and value not in keep
            if waits and expression.last >= 0:
                self.flush(value)

    def flush_before_block(self, condition: Value) -> None:
        """Write what must not wait until behind a branch that is written now."""
        if self.liveness is None:
            self.flush_raising()
        else:  # variables may be assigned again in the branch
            self.flush_all((condition,))

    def assign(self, value: Value, expression: Expression) -> None:
        """Write ``name = expression``, behind what has to be evaluated before it."""
        if self.frame.indent is None:
            raise NeedsStatements
        for earlier, waiting in self.frame.take_raising(expression.last):
            self._write(earlier, waiting)
        self._write(value, expression)

    def _write(self, value: Value, expression: Expression) -> None:
        name = self.names.give(value)
        if self.liveness is not None:
            self._flush_readers(name)
        self.write_assignment(value, name, expression)

    def write_assignment(self, value: Value, name: str, expression: Expression) -> None:
        """Write ``name = expression``, or ``+=``; in a reverse sweep, with its note."""
        if expression.total == name:
            statement = f"{name} {expression.sign}= {expression.more.text}"
        else:
            statement = f"{name} = {expression.text.text}"
        if not self._ordered and self.frame.indent is not None:
            statement = self._notes.with_note(self.frame.indent, statement, value)
        self.line(statement)

    def _flush_readers(self, name: str) -> None:
        """Write the expressions that wait and read a variable that is assigned next."""
        for value, waiting in list(self.frame.waiting.items()):
            if value in self.frame.waiting and mentions(waiting.text.text, name):
                self.flush(value)

    def line(self, statement: str) -> None:
        """Write a statement."""
        if self.frame.indent is None:
            raise NeedsStatements
        line = self.frame.indent + statement
        if len(line) <= WIDTH and line.isascii():
            self.lines.append(line)
        else:
            self.lines.extend(self._wrapper.wrapped(line))

    @contextmanager
    def inside(self, block: Block, indent: str | None) -> Iterator[None]:
        """Write a block inside; with no indent, only an expression may come of it."""
        outer, self.frame = self.frame, Frame(block, indent)
        try:
            yield
        finally:
            self.frame = outer

    # -- the end

    def _return(self) -> None:
        results = self._program.results
        waiting = self.frame.waiting
        if len(results) > 1:
            for value in results:
                if value in waiting and waiting[value].text.binding == CHOICE:
                    self.flush(value)
        line = self._return_line([self.peek(value).text for value in results])
        if self._tuple_from is None or width(INDENT + line) <= WIDTH:
            self.line(line)
            return
        for value in results:
            if value in waiting:
                self.flush(value)
        texts = [self.atom(value).text for value in results]
        line = self._return_line(texts)
        if len(results) - self._tuple_from == 1 or width(INDENT + line) <= WIDTH:
            self.line(line)
            return
        head = "".join([f"{text}, " for text in texts[: self._tuple_from]])
        items = texts[self._tuple_from :]
        self.lines += bracketed(INDENT, f"return {head}(", items, ")")

    def _return_line(self, texts: Sequence[str]) -> str:
        if self._tuple_from is None:
            return f"return {texts[0]}"
        head = "".join([f"{text}, " for text in texts[: self._tuple_from]])
        gathered = ", ".join(texts[self._tuple_from :])
        several = len(texts) - self._tuple_from > 1
        return (
            f"return {head}({gathered})"
            if head and several
            else f"return {head}{gathered}"
        )
