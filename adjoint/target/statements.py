"""The body of a Python function: operations become expressions, expressions statements.

A value that is used once is written where it is used, as a person would; one that is
used more often, or that the user has named, gets a line of its own. The operations that
may raise an exception are run in the order of the primal, whatever is written where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

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
)
from adjoint.target.uses import Uses
from adjoint.target.waiting import Frame, NeedsStatements

#: Operands that are longer, together, do not stand in one expression.
_LONGEST = 56
#: A longer conditional expression does not stand inside another expression.
_LONGEST_CHOICE = 32

_AUGMENTED = {"add": "+", "sub": "-", "mul": "*", "div": "/"}

#: Writes an operation that is more than an expression of its operands.
WriteForm = Callable[["BodyWriter", Op], None]

#: Stands for the block of a value that is not used.
_NOWHERE = Block([])


class BodyWriter:
    """Writes the body of one function of the module; the result is in ``lines``.

    The first ``values`` of the results are the value of the function; ``sweeps`` says
    whether the program has a forward and a reverse sweep, to be marked by comments.
    """

    forms: Mapping[Operation, WriteForm] = {
        IF: write_branch,
        FOR: write_for,
        WHILE: write_while,
        BACKWARD: write_for,
        UNWIND: write_unwind,
        GUARD: write_guard,
    }
    #: whether parameters that are no floats are declared with their types
    annotates = False

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
        self._once, self._heir = self.uses.once, self.uses.heir
        self._spellers = module.spellers
        self._atoms: dict[Value, Text] = {}
        self._position = 0
        self._ordered = True  # whether exceptions must come in the order of the primal
        self._title = ""  # of the sweep that is being written
        self._wrapper = Wrapper()
        self._notes = Notes(program) if program.written else None

    def decorators(self) -> list[str]:
        """The lines above the function's own."""
        return []

    def write(self) -> None:
        """Write everything."""
        program = self._program
        begun = program.beside or not self._sweeps
        for at, op in enumerate(program.body.ops):
            begun = begun or at >= program.primal_ops
            if self._sweeps and begun and op.sweep != self._title:
                self._begin_sweep(op.sweep)
            self.op(op)
        if self._sweeps and program.beside:
            self._mark_forward_sweep()
        elif self._sweeps and not begun:
            self._begin_sweep("reverse sweep")
        self._return()

    def _begin_sweep(self, title: str) -> None:
        if not self._title:
            self._end_primal()
        if self.lines and self.lines[-1] == self._comment(self._title):
            self.lines.pop()  # nothing has been written in that sweep
        self._title = title
        self.lines.append(self._comment(title))

    def _mark_forward_sweep(self) -> None:
        if self.lines:
            self.lines.insert(0, self._comment("forward sweep"))

    def _comment(self, title: str) -> str:
        beside = " with tangents" if self._program.beside else ""
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
        self._ordered = False

    # -- operations

    def op(self, op: Op) -> None:
        """Write the operation, or let it wait for the use of its result."""
        self._position += 1
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
        """Write an operation that is an expression of its operands, or let it wait.

        Every operation comes through here, so the common case is in one piece; what is
        rare is left to others.
        """
        frame, atoms, operation = self.frame, self._atoms, op.operation
        waiting = frame.waiting
        texts: list[Text] = []
        inline: list[Value] = []
        length = 0
        plain = True
        for value in op.operands:
            text = waiting.get(value)
            if text is None:
                text = atoms.get(value) or self.atom(value)
            else:
                inline.append(value)
                if text.binding == CHOICE:
                    plain = False
            texts.append(text)
            length += len(text.text)
        timed = False  # whether an operand may raise
        if inline:
            timed = frame.raising != []
            if operation.repeats_operand and self.repeats_operand(op):
                plain = False
            if not timed and plain and length <= _LONGEST:
                for value in inline:
                    del waiting[value]
            elif not (plain and length <= _LONGEST and frame.take_in_order(inline)):
                self._make_room(op, plain, length)
                texts = [self.text(value) for value in op.operands]
        expression = self.applied(op, texts)
        raises = operation.raises and self._ordered
        if timed:
            self.set_time(expression, texts, raises)
        elif raises:
            expression.first = expression.last = self._position
        named = result.adjoint_of is not None or result.name is not None
        if named and operation.name in _AUGMENTED and op.operands[0].number is None:
            self._continue(op, expression, *texts)
        once = self._once.get(result, _NOWHERE)
        if once is None:  # it is used several times
            self.assign(result, expression)
        elif named or once is not frame.block:
            self.keep(result, expression)
        else:
            waiting[result] = expression
            if expression.last >= 0:
                frame.raising.append(result)

    def keep(self, value: Value, expression: Text) -> None:
        """Let the expression wait for the use of the value, or write it."""
        once, frame = self._once.get(value, _NOWHERE), self.frame
        if once is frame.block and self._can_wait(value, expression):
            frame.waiting[value] = expression
            if expression.last >= 0:
                frame.raising.append(value)
        elif once is _NOWHERE:
            self.flush_raising()
            self.line(expression.text)  # what matters is the exception
        else:
            self.assign(value, expression)

    def _can_wait(self, value: Value, expression: Text) -> bool:
        if value.name is not None:
            return False
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
        if raises and self._ordered:
            expression.last = self._position
            if expression.first < 0:
                expression.first = self._position

    def _continue(self, op: Op, expression: Text, before: Text, more: Text) -> None:
        """Note how the expression continues a total, its first operand."""
        sign = _AUGMENTED[op.operation.name]
        name = self.names.get(op.operands[0])
        if name is not None:
            expression.onto = (name, sign, more)
        elif before.onto is not None and op.results[0].adjoint_of is not None:
            total, plus, terms = before.onto  # adjoints may be added in any order
            if plus == "+" and sign in "+-":
                text = f"{terms.at_least(SUM)} {sign} {more.at_least(PRODUCT)}"
                expression.onto = (total, plus, Text(text, SUM))

    def _make_room(self, op: Op, plain: bool, length: int) -> None:
        """Write out those operands that cannot stand inside the expression.

        Where all are ``plain``, that is because of their length or their order.
        """
        waiting = self.frame.waiting
        for value in () if plain else op.operands:
            if value in waiting and self._stands_alone(op, value):
                self.flush(value)
        self.put_in_order(op.operands)
        if length <= _LONGEST:
            return
        length = sum([len(self.peek(value).text) for value in op.operands])
        inline = [value for value in op.operands if value in waiting]
        while inline and length > _LONGEST:
            longest = max(inline, key=lambda value: len(waiting[value].text))
            length -= len(waiting[longest].text) - 3
            self.flush(longest)
            inline = [value for value in inline if value in waiting]

    def _stands_alone(self, op: Op, operand: Value) -> bool:
        """Whether the operand, which waits, must not stand in another expression."""
        if self.repeats_operand(op):
            return True
        text = self.frame.waiting[operand]
        if text.binding != CHOICE or len(text.text) <= _LONGEST_CHOICE:
            return False
        total = self.names.get(op.operands[0])
        continues = total is not None and self.names.continues(op.results[0], total)
        return not continues or op.operation.name not in _AUGMENTED

    def put_in_order(self, operands: Sequence[Value]) -> None:
        """Write out what one expression of the operands would evaluate out of order."""
        if not self.frame.in_order(operands):
            self.flush_raising()

    # -- values

    def atom(self, value: Value) -> Text:
        """A value that does not wait: its name, or its number."""
        atom = self._atoms.get(value)
        if atom is None:
            name = self.names.get(value)
            if name is not None:
                atom = Text(name)
            elif value.op is not None:
                atom = self.module.constant(value)
            else:
                atom = self.module.literal(value)
            self._atoms[value] = atom
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

    def assign(self, value: Value, expression: Text) -> None:
        """Write ``name = expression``, behind what has to be evaluated before it."""
        if self.frame.indent is None:
            raise NeedsStatements
        if expression.last >= 0:
            for earlier, waiting in self.frame.take_raising(expression.last):
                self._write(earlier, waiting)
        self._write(value, expression)

    def assign_all(self, values: Sequence[Value], expression: Text) -> None:
        """Write ``a, b = expression``."""
        if self.frame.indent is None:
            raise NeedsStatements
        names = [self.names.give(value) for value in values]
        if self.liveness is not None:
            for name in names:
                self.flush_readers(name)
        self.line(f"{', '.join(names)} = {expression.text}")

    def _write(self, value: Value, expression: Text) -> None:
        name = self.names.give(value)
        if self.liveness is not None:
            self.flush_readers(name)
        self._atoms[value] = Text(name)
        self.write_assignment(value, name, expression)

    def write_assignment(self, value: Value, name: str, expression: Text) -> None:
        """Write ``name = expression``, or ``+=``; in a reverse sweep, with its note."""
        onto = expression.onto
        if onto is not None and onto[0] == name and self.augments(value):
            statement = f"{name} {onto[1]}= {onto[2].text}"
        else:
            statement = f"{name} = {expression.text}"
        if self._notes and not self._ordered and self.frame.indent is not None:
            noted = self._notes.with_note(self.frame.indent, statement, value)
            self.lines += [f"{self.frame.indent}{note}" for note in noted[:-1]]
            statement = noted[-1]
        self.line(statement)

    def flush_readers(self, name: str) -> None:
        """Write the expressions that wait and read a variable that is assigned next."""
        for value, waiting in list(self.frame.waiting.items()):
            if value in self.frame.waiting and mentions(waiting.text, name):
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
