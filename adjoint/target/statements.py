"""The body of a Python function: operations become expressions, expressions statements.

A value that is used once is written where it is used, as a person would; one that is
used more often, or that the user has named, gets a line of its own. The operations that
may raise an exception are run in the order of the primal, whatever is written where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import UNDEFINED, Block, Op, Program, Value
from adjoint.ir.types import BOOL
from adjoint.target.globals import Globals
from adjoint.target.layout import INDENT, WIDTH, Wrapper, bracketed
from adjoint.target.scheduling import Uses, raises
from adjoint.target.spelling import (
    CHOICE,
    Text,
    call,
    choice,
    literal,
    needs_atoms,
    operator,
)

#: A longer expression is broken up into several statements.
_LONGEST = 56


@dataclass(slots=True)
class _Pending:
    """An expression that is not written yet.

    ``first`` and ``last`` are the positions of the first and the last operation in it
    that may raise, -1 for none. ``onto`` is the value that it adds ``rest`` to, where
    it is a running sum.
    """

    text: Text
    first: int = -1
    last: int = -1
    onto: Value | None = None
    rest: str = ""


class _NeedsStatements(Exception):
    """An expression turned out to need statements."""


class BodyWriter:
    """Writes the body of one function of the module; the result is in ``lines``."""

    def __init__(self, program: Program, module: Globals):
        self.lines: list[str] = []
        self.program = program
        self.module = module
        self.names = Names(module.user_names)
        self._uses = Uses(program)
        self._named: dict[Value, str] = {
            parameter: str(parameter.name) for parameter in program.parameters
        }
        self._pending: dict[Value, _Pending] = {}
        self._position = 0
        self._ordered = True  # whether exceptions must come in the order of the primal
        self._wrapper = Wrapper()
        self._only_expressions = False

    def write(self, tuple_from: int | None, sweeps: bool) -> None:
        """Write everything.

        Results from ``tuple_from`` on are returned as a tuple; ``sweeps`` says whether
        the program has a forward and a reverse sweep, to be marked by comments.
        """
        body = self.program.body
        for position, op in enumerate(body.ops):
            if sweeps and position == self.program.primal_ops:
                self._begin_reverse()
            self._op(op, body, INDENT)
        if sweeps and len(body.ops) == self.program.primal_ops:
            self._begin_reverse()
        self._return(tuple_from)

    def _begin_reverse(self) -> None:
        value = self.program.results[0]
        if value.generation == 0 and value in self._pending:
            self._flush(value, INDENT)
        self._flush_raising(INDENT)
        if self.lines:
            self.lines.insert(0, INDENT + "# forward sweep")
        self.lines.append(INDENT + "# reverse sweep")
        self._ordered = False

    # -- one operation

    def _op(self, op: Op, block: Block, indent: str) -> None:
        self._position += 1
        result = op.results[0] if op.results else None
        if op.blocks:
            self._branch(op, block, indent)
            return
        assert result is not None
        if result.number is not None:
            self.module.add_constant(op)
            return
        pending = self._expression(op, indent)
        count = self._uses.count.get(result, 0)
        if count == 0:
            self._flush_raising(indent)
            self._line(f"{indent}{pending.text.text}")
        elif result.name is None and self._uses.single(result, block):
            self._pending[result] = pending
        else:
            self._assign(result, pending, indent)

    def _expression(self, op: Op, indent: str) -> _Pending:
        self._make_room(op, indent)
        inlined = {v: self._pending.pop(v) for v in op.operands if v in self._pending}
        raising = [p for p in inlined.values() if p.last >= 0]
        first = raising[0].first if raising else -1
        last = raising[-1].last if raising else -1
        if self._ordered and op.operation.raises:
            last = self._position
            first = last if first < 0 else first
        texts = [
            inlined[v].text if v in inlined else self._atom(v) for v in op.operands
        ]
        operation = op.operation
        if operation.called:
            text = call(self.module.function(operation), texts)
        else:
            text = operator(operation, texts)
        pending = _Pending(text, first, last)
        self._continue_sum(op, pending, inlined, texts)
        return pending

    def _continue_sum(
        self,
        op: Op,
        pending: _Pending,
        inlined: dict[Value, _Pending],
        texts: Sequence[Text],
    ) -> None:
        """Note whether the expression is a running sum that can be written with ``+=``."""
        if op.operation.name not in ("add", "sub"):
            return
        sum_so_far = op.operands[0]
        of = op.results[0].adjoint_of
        if of is None or sum_so_far.adjoint_of is not of:
            return
        sign = "+" if op.operation.name == "add" else "-"
        term = texts[1].at_least(6)
        before = inlined.get(sum_so_far)
        if before is None:
            named = self._named.get(sum_so_far)
            if named is not None and self._uses.count[sum_so_far] == 1:
                pending.onto = sum_so_far
                pending.rest = f"{sign}= {texts[1].text}"
        elif before.onto is not None and before.rest.startswith("+"):
            pending.onto = before.onto
            pending.rest = f"{before.rest} {sign} {term}"

    def _make_room(self, op: Op, indent: str) -> None:
        """Write out those operands that cannot stand inside the expression."""
        inline = [v for v in dict.fromkeys(op.operands) if v in self._pending]
        if not inline:
            return
        if needs_atoms(op.operation):
            for value in inline:
                self._flush(value, indent)
            return
        if self._out_of_order(inline):
            self._flush_raising(indent)
            inline = [v for v in inline if v in self._pending]
        length = sum(
            (
                len(self._pending[v].text.text)
                if v in self._pending
                else len(self._atom(v).text)
            )
            for v in op.operands
        )
        while inline and length > _LONGEST:
            longest = max(inline, key=lambda v: len(self._pending[v].text.text))
            length -= len(self._pending[longest].text.text) - 3
            self._flush(longest, indent)
            inline = [v for v in inline if v in self._pending]

    def _out_of_order(self, inline: Sequence[Value]) -> bool:
        """Whether writing these into one expression would change which raises first."""
        if not self._ordered:
            return False
        raising = [self._pending[v] for v in inline if self._pending[v].last >= 0]
        if not raising:
            return False
        for a, b in zip(raising, raising[1:], strict=False):
            if a.last > b.first:
                return True
        return any(
            p.first > raising[0].first and p not in raising
            for p in self._pending.values()
        )

    # -- values

    def _atom(self, value: Value) -> Text:
        """A value that is not pending: its name, or its number."""
        known = self._named.get(value)
        if known is not None:
            return Text(known)
        if value.op is not None:
            return Text(self.module.constant(value))
        named = self.module.named_literal(value)
        return Text(named) if named else literal(value.number)  # type: ignore[arg-type]

    def _text(self, value: Value) -> Text:
        pending = self._pending.pop(value, None)
        return self._atom(value) if pending is None else pending.text

    def _flush(self, value: Value, indent: str) -> None:
        self._assign(value, self._pending.pop(value), indent)

    def _flush_raising(self, indent: str, keep: Sequence[Value] = ()) -> None:
        for value in [v for v, p in self._pending.items() if p.last >= 0]:
            if value in self._pending and value not in keep:
                self._flush(value, indent)

    def _assign(self, value: Value, pending: _Pending, indent: str) -> None:
        if pending.last >= 0:
            for earlier, p in list(self._pending.items()):
                if 0 <= p.first < pending.last:
                    self._flush(earlier, indent)
        if pending.onto is not None:
            name = self._named[value] = self._named[pending.onto]
            self._line(f"{indent}{name} {pending.rest}")
            return
        self._line(f"{indent}{self._give_name(value)} = {pending.text.text}")

    def _give_name(self, value: Value) -> str:
        name = self._named.get(value)
        if name is None:
            name = self._named[value] = self._new_name(value)
        return name

    def _new_name(self, value: Value) -> str:
        if value.name and value.name != UNDEFINED:
            return self.names.take(value.name)
        if value.adjoint_of is not None:
            of = self._named.get(value.adjoint_of)
            if of is not None:
                return self.names.take(f"{of}_bar")
        if value is self.program.results[0] and value.generation == 0:
            return self.names.take(*RESULT_NAMES)
        return self.names.temporary()

    def _line(self, line: str) -> None:
        if self._only_expressions:
            raise _NeedsStatements
        self.lines.extend(self._wrapper.wrapped(line) if len(line) > WIDTH else [line])

    # -- branches

    def _branch(self, op: Op, block: Block, indent: str) -> None:
        text = self._as_choice(op)
        if text is not None:
            result = op.results[0]
            at = self._position if self._ordered and raises(op) else -1
            pending = _Pending(text, at, at)
            if result.name is None and self._uses.single(result, block):
                self._pending[result] = pending
            else:
                self._assign(result, pending, indent)
            return
        self._flush_raising(indent)
        condition = self._text(op.operands[0])
        self._if(op, condition, indent, "if")

    def _as_choice(self, op: Op) -> Text | None:
        """The branch as a conditional expression, where it is simple enough for one."""
        if len(op.results) != 1:
            return None
        lines, self._only_expressions = self.lines, True
        outer = self._only_expressions
        pending, position = dict(self._pending), self._position
        try:
            return self._choice(op)
        except _NeedsStatements:
            self._pending, self._position = pending, position
            return None
        finally:
            self.lines, self._only_expressions = lines, outer and False

    def _choice(self, op: Op) -> Text:
        condition = self._text(op.operands[0])
        sides: list[Text] = []
        for block in op.blocks:
            for inner in block.ops:
                self._op(inner, block, "")
            sides.append(self._text(block.results[0]))
        then, orelse = op.blocks[0].results[0], op.blocks[1].results[0]
        if op.results[0].type == BOOL and orelse.literal and orelse.number is False:
            text = Text(f"{condition.at_least(2)} and {sides[0].at_least(2)}", 2)
        elif op.results[0].type == BOOL and then.literal and then.number is True:
            text = Text(f"{condition.at_least(1)} or {sides[1].at_least(1)}", 1)
        else:
            text = choice(condition, sides[0], sides[1])
        if len(text.text) > _LONGEST + 10:
            raise _NeedsStatements
        return text

    def _if(self, op: Op, condition: Text, indent: str, word: str) -> None:
        self._line(f"{indent}{word} {condition.text}:")
        then, orelse = op.blocks
        self._side(op, then, indent)
        chained = orelse.ops[0] if len(orelse.ops) == 1 else None
        if chained is not None and chained.blocks and chained.results == orelse.results:
            if self._is_atom(chained.operands[0]):
                for outer, inner in zip(op.results, chained.results, strict=True):
                    self._named[inner] = self._named[outer]
                self._if(chained, self._text(chained.operands[0]), indent, "elif")
                return
        before = len(self.lines)
        self._line(f"{indent}else:")
        self._side(op, orelse, indent)
        if self.lines[before + 1 :] == [f"{indent}{INDENT}pass"]:
            del self.lines[before:]

    def _is_atom(self, value: Value) -> bool:
        return value in self._named

    def _side(self, op: Op, block: Block, indent: str) -> None:
        inner = indent + INDENT
        before = len(self.lines)
        for one in block.ops:
            self._op(one, block, inner)
        pairs = list(zip(op.results, block.results, strict=True))
        self._flush_raising(inner, keep=block.results)
        order = {value: at for at, value in enumerate(self._pending)}
        pairs.sort(key=lambda pair: order.get(pair[1], -1))
        for result, value in pairs:
            if value.literal and value.name == UNDEFINED:
                continue
            if (
                result not in self._named
                and value in self._named
                and self._hands_out(op, result)
            ):
                self._named[result] = self._named[value]
                continue
            name = self._give_name(result)
            text = self._text(value).text
            if text != name:
                self._line(f"{inner}{name} = {text}")
        if len(self.lines) == before:
            self._line(f"{inner}pass")

    def _hands_out(self, op: Op, result: Value) -> bool:
        """Whether the result is a value of one side, not defined where the other runs."""
        at = op.results.index(result)
        return any(block.results[at].name == UNDEFINED for block in op.blocks)

    # -- the end

    def _return(self, tuple_from: int | None) -> None:
        results = self.program.results
        one_line = self._return_line(tuple_from, [self._peek(v) for v in results])
        for value in results if len(results) > 1 else ():
            pending = self._pending.get(value)
            if pending and (len(one_line) > WIDTH or pending.text.binding == CHOICE):
                self._flush(value, INDENT)
        texts = [self._text(value).text for value in results]
        one_line = self._return_line(tuple_from, texts)
        if len(one_line) <= WIDTH:
            self.lines.append(one_line)
        elif tuple_from is None:
            self._line(one_line)
        else:
            head = "".join(f"{text}, " for text in texts[:tuple_from])
            self.lines += bracketed(INDENT, f"return {head}(", texts[tuple_from:], ")")

    def _peek(self, value: Value) -> str:
        pending = self._pending.get(value)
        return (self._atom(value) if pending is None else pending.text).text

    @staticmethod
    def _return_line(tuple_from: int | None, texts: Sequence[str]) -> str:
        if tuple_from is None:
            return f"{INDENT}return {texts[0]}"
        gathered = ", ".join(texts[tuple_from:])
        if tuple_from == 0:
            return f"{INDENT}return {gathered}"
        head = "".join(f"{text}, " for text in texts[:tuple_from])
        if len(texts) - tuple_from == 1:
            return f"{INDENT}return {head}{gathered}"
        return f"{INDENT}return {head}({gathered})"
