"""The body of a Python function: operations become expressions, expressions statements.

A value that is used once is written where it is used, as a person would; one that is
used more often, or that the user has named, gets a line of its own. The operations that
may raise an exception are run in the order of the primal, whatever is written where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

from mypy_extensions import mypyc_attr

from adjoint.ir.form import nested
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    IF,
    UNWIND,
    WHILE,
    Block,
    Op,
    Value,
)
from adjoint.rules.operation import Operation
from adjoint.target.branches import write_branch
from adjoint.target.globals import Globals
from adjoint.target.layout import (
    INDENT,
    WIDTH,
    Wrapper,
    returned,
    unbracketed,
    width,
)
from adjoint.target.loops import (
    write_for,
    write_guard,
    write_unwind,
    write_while,
)
from adjoint.target.moves import mentions
from adjoint.target.naming import LocalNames
from adjoint.target.notes import Notes
from adjoint.target.spelling import (
    AUGMENTED,
    CHOICE,
    PRODUCT,
    SUM,
    Text,
)
from adjoint.target.straight import Straight
from adjoint.target.uses import Uses
from adjoint.target.waiting import LONGEST, Frame, NeedsStatements

#: A longer conditional expression does not stand inside another expression.
_LONGEST_CHOICE = 32

#: Writes an operation that is more than an expression of its operands.
WriteForm = Callable[["BodyWriter", Op], None]


@mypyc_attr(allow_interpreted_subclasses=True)
class BodyWriter:
    """Writes the body of one function of the module; the result is in ``lines``.

    The first ``values`` of the results are the value of the function; ``sweeps`` says
    whether the program has a forward and a reverse sweep, to be marked by comments.
    """

    forms: ClassVar[Mapping[Operation, WriteForm]] = {
        IF: write_branch,
        FOR: write_for,
        WHILE: write_while,
        BACKWARD: write_for,
        UNWIND: write_unwind,
        GUARD: write_guard,
    }
    #: whether parameters that are no floats are declared with their types
    annotates: ClassVar[bool] = False

    def __init__(self, uses: Uses, module: Globals, values: int, sweeps: bool):
        program = uses.program
        self.lines: list[str] = []
        self.module = module
        self.uses = uses
        self.liveness = self.uses.liveness
        self.frame = Frame(program.body, INDENT)
        self._program = program
        self._sweeps = sweeps
        self._values = program.results[:values]
        self.names = LocalNames(program, module.user_names, self.uses, self._values)
        self._heir = self.uses.heir
        self._spellers = module.spellers
        self.numbers: dict[Value, Text] = {}
        self.position = 0  # of the operation that is being written
        self.ordered = True  # whether exceptions must come in the order of the primal
        self._title = ""  # of the sweep that is being written
        self._begun: set[str] = set()  # the comments above sweeps
        #: expressions that have been taken, and are written behind others
        self._taken: list[Text] = []
        self._wrapper = Wrapper()
        self._notes = Notes(program) if program.written else None
        plain = type(self) is BodyWriter and self.liveness is None and not self._notes
        self._straight = Straight(self) if plain else None

    def decorators(self) -> list[str]:
        """The lines above the function's own."""
        return []

    def write(self) -> None:
        """Write everything."""
        program = self._program
        ops = program.body.ops
        begun = 0 if program.beside else program.primal_ops
        if not self._sweeps:
            begun = len(ops)
        self.operations(ops[:begun])
        for title, swept in groupby(ops[begun:], attrgetter("sweep")):
            if title != self._title:
                self._begin_sweep(title)
            self.operations(swept)
        if self._sweeps and program.beside:
            self._mark_forward_sweep()
        self._return()

    def _begin_sweep(self, title: str) -> None:
        if not self._title:
            self._end_primal()
        if self.lines and self.lines[-1] == self._comment(self._title):
            self.lines.pop()  # nothing has been written in that sweep
        self._title = title
        self._begun.add(self._comment(title))
        self.lines.append(self._comment(title))

    def _mark_forward_sweep(self) -> None:
        if self.lines and self.lines[0] not in self._begun:
            self.lines.insert(0, self._comment("forward sweep"))

    def _comment(self, title: str) -> str:
        own = title.startswith("tangent")
        beside = " with tangents" if self._program.beside and not own else ""
        return f"{INDENT}# {title}{beside}"

    def _end_primal(self) -> None:
        if self._program.beside:
            return
        for value in self._values:
            if value in self.frame.waiting:
                self.flush(value)
        if self._values:
            self.flush_raising()
        self._mark_forward_sweep()
        self.ordered = False

    # -- operations

    def operations(self, ops: Iterable[Op]) -> None:
        """Write the operations, one after the other."""
        if self._straight is not None:
            self._straight.write(self, ops)
        else:
            for op in ops:
                self.op(op)

    def op(self, op: Op) -> None:
        """Write the operation, or let it wait for the use of its result."""
        self.position += 1
        if self.liveness is not None:
            self.names.now = self.liveness.start[op]
        form = self.forms.get(op.operation)
        if form is not None:
            form(self, op)
        elif op.results[0].number is None:
            self._elementary(op, op.results[0])
        else:
            self.module.add_constant(op)

    def _elementary(self, op: Op, result: Value) -> None:
        """Write an operation that is an expression of its operands, or let it wait."""
        texts = self._operands(op)
        expression = self.applied(op, texts)
        self.set_time(expression, texts, op.operation.raises)
        if op.operation.name in AUGMENTED:
            self.continue_total(op, expression, *texts)
        if self.uses.used.get(result, 0) > 1:
            self.assign(result, expression)
        else:
            self.keep(result, expression)

    def _operands(self, op: Op) -> list[Text]:
        """The texts of the operands, which are to stand in one expression."""
        waiting, operation = self.frame.waiting, op.operation
        texts = [self.peek(value) for value in op.operands]
        inline = [value for value in op.operands if value in waiting]
        if not inline:
            return texts
        plain = all(waiting[value].binding != CHOICE for value in inline)
        if operation.repeats_operand and self.repeats_operand(op):
            plain = False
        length = sum([len(text.text) for text in texts])
        if plain and length <= LONGEST and self.frame.take_in_order(inline):
            return texts
        self.make_room(op)
        return [self.text(value) for value in op.operands]

    def keep(self, value: Value, expression: Text) -> None:
        """Let the expression wait for the use of the value, or write it."""
        uses, frame = self.uses, self.frame
        if uses.only_in(value, frame.block) and self._can_wait(value, expression):
            frame.waiting[value] = expression
            if expression.last >= 0:
                frame.raising.append(value)
        elif value not in uses.used:
            self.flush_raising()
            self.line(expression.text)  # what matters is the exception
        else:
            self.assign(value, expression)

    def _can_wait(self, value: Value, expression: Text) -> bool:
        if value.name is not None:
            return value in self.uses.late
        if expression.onto is None or value in self._heir:
            return True
        # a running sum ends with `x_bar += c`, rather than with `... x_bar + c ...`
        return not self.names.continues(value, expression.onto[0])

    def applied(self, op: Op, operands: Sequence[Text]) -> Text:
        """The operation on the texts of its operands."""
        return self._spellers[op.operation](operands)

    def repeats_operand(self, op: Op) -> bool:
        """Whether an operand stands twice in the spelling of the operation."""
        return op.operation.repeats_operand

    def augments(self, value: Value) -> bool:
        """Whether ``a += b``, for this value, makes a new one and changes no other."""
        return self.module.language.augments

    def set_time(self, expression: Text, parts: Sequence[Text], raises: bool) -> None:
        """Note when an expression of the parts, evaluated in this order, may raise.

        ``raises`` says whether it may when they have been evaluated.
        """
        for part in parts:
            if part.last >= 0:
                expression.last = part.last
                if expression.first < 0:
                    expression.first = part.first
        if raises and self.ordered:
            expression.last = self.position
            if expression.first < 0:
                expression.first = self.position

    def continue_total(
        self, op: Op, expression: Text, before: Text, more: Text
    ) -> None:
        """Note how the expression continues a total, its first operand."""
        result, sign = op.results[0], AUGMENTED.get(op.operation.name)
        named = result.adjoint_of or result.tangent_of or result.name
        if sign is None or named is None:
            return
        name = self.names.get(op.operands[0])
        if name is not None:
            expression.onto = (name, sign, more)
        elif before.onto is not None and result.adjoint_of is not None:
            total, plus, terms = before.onto  # adjoints may be added in any order
            if plus == "+" and sign in "+-":
                text = f"{terms.at_least(SUM)} {sign} {more.at_least(PRODUCT)}"
                expression.onto = (total, plus, Text(text, SUM))

    def make_room(self, op: Op) -> None:
        """Write out those operands that cannot stand inside the expression.

        That is because of what they are, of their order, or of their length.
        """
        waiting, operands = self.frame.waiting, op.operands
        repeats = op.operation.repeats_operand and self.repeats_operand(op)
        for value in operands:
            text = waiting.get(value)
            if text and (repeats or (text.binding == CHOICE and self._alone(op, text))):
                self.flush(value)
        self.put_in_order(operands)
        sizes = [len(self.peek(value).text) for value in operands]
        length = sum(sizes)
        while length > LONGEST:
            longest = max(sizes)
            at = sizes.index(longest)
            sizes[at] = 0
            if operands[at] in waiting:
                length -= longest - 3
                self.flush(operands[at])
            elif not longest:
                break

    def _alone(self, op: Op, choice: Text) -> bool:
        """Whether a conditional must not stand in the expression of the operation."""
        if len(choice.text) <= _LONGEST_CHOICE:
            return False
        total = self.names.get(op.operands[0])
        continues = total is not None and self.names.continues(op.results[0], total)
        return not continues or op.operation.name not in AUGMENTED

    def put_in_order(self, operands: Sequence[Value]) -> None:
        """Write out what one expression of the operands would evaluate out of order."""
        if not self.frame.in_order(operands):
            self.flush_raising()

    # -- values

    def atom(self, value: Value) -> Text:
        """A value that does not wait: its name, or its number."""
        name = self.names.known.get(value)
        if name is not None:
            return Text(name)
        atom = self.numbers.get(value)
        if atom is None:
            module = self.module
            atom = module.literal(value) if value.op is None else module.constant(value)
            self.numbers[value] = atom
        return atom

    def text(self, value: Value) -> Text:
        """The expression that waits for the use of the value, or its name or number."""
        if value in self.frame.waiting:
            return self.frame.take(value)
        return self.atom(value)

    def peek(self, value: Value) -> Text:
        """As `text`, but the expression goes on waiting."""
        waiting = self.frame.waiting.get(value)
        return self.atom(value) if waiting is None else waiting

    # -- statements

    def flush(self, value: Value) -> None:
        """Write the expression that waits for the use of the value."""
        if self._straight is not None:
            self._straight.assign(self, value, self.frame.take(value))
            return
        with self.names.before():  # what is written now reads its operands later
            self.assign(value, self.frame.take(value))

    def flush_raising(self) -> None:
        """Write all expressions that wait and may raise."""
        with self.names.before():
            self._write_all(self.frame.take_raising(self.position + 1))

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

    def assign(self, value: Value, expression: Text) -> None:
        """Write ``name = expression``, behind what has to be evaluated before it."""
        if self.frame.indent is None:
            raise NeedsStatements
        if expression.last >= 0:
            earlier = self.frame.take_raising(expression.last)
            if earlier:
                self._taken.append(expression)
                with self.names.before():
                    self._write_all(earlier)
                self._taken.remove(expression)
        self._write(value, expression)

    def assign_all(self, values: Sequence[Value], expression: Text) -> None:
        """Write ``a, b = expression``."""
        if self.frame.indent is None:
            raise NeedsStatements
        used, unread = self.uses.used, self.uses.unread
        names = [self.names.give(one) if one in used else unread for one in values]
        if self.liveness is not None:
            for name in names:
                self.flush_readers(name, (expression,))
        self.line(f"{', '.join(names)} = {expression.text}")

    def _write_all(self, expressions: Sequence[tuple[Value, Text]]) -> None:
        """Write expressions that have been taken, one after the other."""
        if expressions and self.frame.indent is None:
            raise NeedsStatements
        self._taken += [expression for _, expression in expressions]
        for value, expression in expressions:
            self._taken.remove(expression)
            self._write(value, expression)

    def _write(self, value: Value, expression: Text) -> None:
        name = self.names.give(value)
        if self.liveness is not None:
            self.flush_readers(name, (expression,))
            self._keep_old(name)
        self.write_assignment(value, name, expression)

    def _keep_old(self, name: str) -> None:
        """Keep what a variable was for the expressions taken that are written next."""
        readers = [one for one in self._taken if mentions(one.text, name)]
        if readers:
            old = self.names.fresh(f"{name}_old")
            self.line(f"{old} = {name}")
            for expression in readers:
                expression.rename(name, old)

    def write_assignment(self, value: Value, name: str, expression: Text) -> None:
        """Write ``name = expression``, or ``+=``; in a reverse sweep, with its note."""
        onto = expression.onto
        if onto is not None and onto[0] == name and self.augments(value):
            statement = f"{name} {onto[1]}= {onto[2].text}"
        else:
            statement = f"{name} = {expression.text}"
        if self._notes and not self.ordered and self.frame.indent is not None:
            noted = self._notes.with_note(self.frame.indent, statement, value)
            self.lines += [f"{self.frame.indent}{note}" for note in noted[:-1]]
            statement = noted[-1]
        self.line(statement)

    def flush_readers(self, name: str, taken: Sequence[Text] = ()) -> None:
        """Write the expressions that wait and read a variable that is assigned next.

        ``taken`` are expressions that are written behind them.
        """
        self._taken += taken
        for value, waiting in list(self.frame.waiting.items()):
            if value in self.frame.waiting and mentions(waiting.text, name):
                self.flush(value)
        for expression in taken:
            self._taken.remove(expression)

    def line(self, statement: str) -> None:
        """Write a statement."""
        if self.frame.indent is None:
            raise NeedsStatements
        line = self.frame.indent + statement
        if len(line) <= WIDTH and line.isascii():
            self.lines.append(line)
        else:
            self.wrap(line)

    def wrap(self, line: str) -> None:
        """Write a statement that may be too long for a line."""
        self.lines.extend(self._wrapper.wrapped(line))

    @contextmanager
    def inside(self, block: Block, indent: str | None) -> Iterator[None]:
        """Write a block inside; with no indent, only an expression may come of it.

        Behind it, it is not yet over: it may have to be written in another way.
        """
        outer, self.frame = self.frame, Frame(block, indent)
        now = self.names.now
        try:
            yield
        finally:
            self.frame, self.names.now = outer, now

    # -- the end

    def _return(self) -> None:
        results = self._program.results
        waiting = self.frame.waiting
        if len(results) > 1:
            for value in results:
                if value in waiting and waiting[value].binding == CHOICE:
                    self.flush(value)
        form = self._program.form
        item = nested(form, [self.peek(value).text for value in results])
        line = f"return {unbracketed(item)}"
        if form is None or width(INDENT + line) <= WIDTH:
            self.line(line)
            return
        for value in results:
            if value in waiting:
                self.flush(value)
        item = nested(form, [self.atom(value).text for value in results])
        self.lines += returned(INDENT, item)
