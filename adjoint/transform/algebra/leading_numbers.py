"""Numbers in front: a product that a derivative has made has one number, and it leads.

``0.5 * (1.5*a * b)`` becomes ``0.75*a*b``, ``x * (2*y)`` and ``2 * (x*y)`` become
``2*x*y``. The number goes through what nothing else uses; no operation is added.
Where the number is negative and the product a term of a sum, the sum takes the sign.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from operator import is_

from adjoint.ir.program import Block, Op, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.algebra.coefficients import moderate, plain

_ADD, _SUB, _NEG = OPERATIONS["add"], OPERATIONS["sub"], OPERATIONS["neg"]
_MUL, _DIV = OPERATIONS["mul"], OPERATIONS["div"]
_PRODUCTS = frozenset((_MUL, _DIV))
_SUMS = frozenset((_ADD, _SUB))


def with_numbers_first(program: Program) -> Program:
    """The program, with the numbers in products of derivatives in front."""
    if _MUL not in program.operations:
        return program
    body = _Numbers(program).block(program.body)
    if body is program.body:
        return program
    count = len(body.ops)
    if not program.beside:
        primal = set(program.body.ops[: program.primal_ops])
        count = sum(op in primal for op in body.ops)
    return replace(program, body=body, primal_ops=count)


class _Numbers:
    """One walk through the blocks of a program."""

    def __init__(self, program: Program):
        self._first_made = program.primal_generation + 1
        self._body = program.body
        self._uses: Counter[Value] | None = None

    def block(self, block: Block) -> Block:
        """The block with its numbers in front, or itself."""
        ops = block.ops
        if block.tally is None:  # there may be blocks inside
            ops = [self._with_blocks(op) if op.blocks else op for op in ops]
        products = [op for op in ops if op.operation in _PRODUCTS]
        if any(_may_change(op) and self.is_product(op) for op in products):
            rewritten = _Products(self, ops, block is self._body)
            return Block(rewritten.operations(), block.results, block.parameters)
        if ops is block.ops or all(map(is_, ops, block.ops)):
            return block
        return Block(ops, block.results, block.parameters)

    def _with_blocks(self, op: Op) -> Op:
        blocks = tuple([self.block(inner) for inner in op.blocks])
        return op if blocks == op.blocks else op.copied(op.operands, blocks)

    def is_product(self, op: Op) -> bool:
        """Whether it is a product or a quotient of numbers, made by a derivative."""
        return op.operation in _PRODUCTS and self.is_made(op.result)

    def is_made(self, value: Value | None) -> bool:
        """Whether it is a number that a derivative has made."""
        return (
            value is not None
            and value.type is FLOAT
            and value.number is None
            and value.generation >= self._first_made
        )

    @property
    def uses(self) -> Counter[Value]:
        """How often each value of the program is used."""
        if self._uses is None:
            self._uses = Counter()
            self._count(self._body)
        return self._uses

    def _count(self, block: Block) -> None:
        uses = self.uses
        uses.update(block.results)
        for op in block.ops:
            uses.update(op.operands)
            if op.blocks:
                uses.update(op.saved)
                for inner in op.blocks:
                    self._count(inner)


def _may_change(op: Op) -> bool:
    """Whether a number in it, or below it, is perhaps not in front, or not alone.

    Or whether it is negative, and a sum may take the sign.
    """
    a, b = op.operands
    number = plain(a)
    if number is not None and number < 0:
        return True
    if op.operation is _DIV:
        return plain(b) is not None and _is_product(a)
    if number is not None:
        return _is_product(b)
    return plain(b) is not None or (_is_product(b) and _has_number(b))


def _is_product(value: Value) -> bool:
    op = value.op
    return op is not None and op.operation in _PRODUCTS


def _has_number(product: Value) -> bool:
    op = product.op
    return op is not None and any(plain(value) is not None for value in op.operands)


class _Products:
    """The operations of one block, written once more."""

    def __init__(self, numbers: _Numbers, ops: Sequence[Op], outermost: bool):
        self._uses = numbers.uses
        self._outermost = outermost
        self._gone: set[Op] = set()
        #: factors of products to come: the number, and what else they are made of
        self._waiting: dict[Value, tuple[float, Value]] = {}
        #: the products and quotients that stand here
        self._here: dict[Value, Op] = {}
        products = list(filter(numbers.is_product, ops))
        factors = [op.operands[: 2 if op.operation is _MUL else 1] for op in products]
        self._factors = {v for v in chain(*factors) if self._uses[v] == 1}
        self._found: list[Op] = []
        for op in ops:
            if numbers.is_product(op):
                self._rewrite(op)
                continue
            result = op.result
            if op.operation in _SUMS and numbers.is_made(result):
                op = self._with_sign_taken(op)
            self._found.append(op)
            if op.operation not in _PRODUCTS or result is None:
                continue
            if result.type is FLOAT and result.number is None:
                self._here[result] = op  # the primal's: only this may use it

    def operations(self) -> list[Op]:
        """What there is now."""
        return [op for op in self._found if op not in self._gone]

    def _rewrite(self, op: Op) -> None:
        (a, b), result = op.operands, op.results[0]
        is_product = op.operation is _MUL
        first, x = self._taken(a) if is_product or plain(a) is None else (1.0, a)
        second, y = self._taken(b) if is_product else (1.0, b)
        number = first * second
        if not is_product and (number != 1 or result in self._factors):
            number, y = _divided(number, b)
        if not moderate(number) and x is not None and y is not None:
            number, x = second, self._with_number(op, first, x)
        if x is a and y is b:
            self._here[result] = op
            self._found.append(op)
            return
        inner = result in self._factors
        if x is not None and y is not None:
            given = result if number == 1 and not inner else None
            rest = self._made(op, op.operation, (x, y), given)
        else:
            rest = x or y or _literal(1.0)
        if rest is result:
            return
        if inner:
            self._waiting[result] = number, rest
        elif number == -1:
            self._made(op, _NEG, (rest,), result)
        else:
            self._with_number(op, number, rest, result)

    def _taken(self, value: Value) -> tuple[float, Value | None]:
        """A factor as a number times the rest."""
        number = plain(value)
        if number is not None:
            return float(number), None
        return self._waiting.pop(value, (1.0, value))

    def _with_number(
        self, op: Op, number: float, rest: Value, result: Value | None = None
    ) -> Value:
        """The number times the rest, in front of all that it is made of."""
        steps: list[tuple[Operation, Value]] = []
        while (step := self._step(rest, number)) is not None:
            self._gone.add(step)
            rest, factor = step.operands
            if step.operation is _DIV:
                number, divisor = self._divided(number, factor)
                steps += [(_DIV, divisor)] if divisor is not None else []
            else:
                steps.append((_MUL, factor))
        inner = plain(rest)
        if inner is not None and number * inner == 1 and steps[1:] and _ends(steps):
            total = steps.pop()[1]
        elif inner is not None and steps:
            total = _literal(number * inner)
        elif rest.number is not None and steps and self._outermost and number != 1:
            total = self._constant(op, number, rest)
        elif number == 1 and steps:
            total = rest
        elif number == -1 and steps:
            total = self._made(op, _NEG, (rest,))
        else:
            total = _literal(number)
            steps.append((_MUL, rest))
        for operation, factor in reversed(steps[1:]):
            total = self._made(op, operation, (total, factor))
        operation, factor = steps[0]
        return self._made(op, operation, (total, factor), result)

    def _divided(self, number: float, divisor: Value) -> tuple[float, Value | None]:
        """As `_divided`, of a divisor that may have a number in front: ``2/(2*x)``."""
        op = self._step(divisor, 1.0)
        below = plain(op.operands[0]) if op is not None else None
        if op is None or op.operation is not _MUL or not below:
            return _divided(number, divisor)
        quotient, left = (
            (1.0, None) if number == below else _divided(number, op.operands[0])
        )
        if left is not None:
            return number, divisor
        self._gone.add(op)
        return quotient, op.operands[1]

    def _with_sign_taken(self, op: Op) -> Op:
        """The sum ``a + -2*b`` as ``a - 2*b``."""
        a, b = op.operands
        positive = self._positive(b)
        if positive is None and op.operation is _ADD:
            a, b = b, a
            positive = self._positive(b)
        if positive is None:
            return op
        operation = _SUB if op.operation is _ADD else _ADD
        taken = Op(operation, (a, positive), op.where, sweep=op.sweep)
        taken.result = result = op.result
        assert result is not None
        result.op = taken
        return taken

    def _positive(self, product: Value) -> Value | None:
        """The opposite of a product whose number is negative and leads, else None."""
        steps: list[Op] = []
        number, first = None, product
        while number is None:
            step = self._here.get(first)
            if step is None or self._uses[first] != 1:
                return None
            steps.append(step)
            first = step.operands[0]
            number = plain(first)
        if not number < 0:
            return None
        total = _literal(-number)
        for step in reversed(steps):
            self._gone.add(step)
            total = self._made(step, step.operation, (total, step.operands[1]))
        return total

    def _constant(self, op: Op, number: float, constant: Value) -> Value:
        """The number times a constant: ``0.5 * (2/pi)`` is ``1/pi``."""
        made, operation, operands = constant.op, _MUL, (_literal(number), constant)
        inner = plain(made.operands[0]) if made is not None else None
        if made is not None and inner is not None:
            whole = number * inner
            if made.operation is _DIV or (made.operation is _MUL and whole != 1):
                operation, operands = made.operation, (
                    _literal(whole),
                    made.operands[1],
                )
        product = self._made(op, operation, operands)
        product.number = number * float(constant.number or 0)
        return product

    def _step(self, value: Value, number: float) -> Op | None:
        """The product or quotient that the value is, if a number may go through it."""
        step = self._here.get(value)
        if step is None or self._uses[value] != 1:
            return None
        first = step.operands[0].number
        return step if first is None or moderate(first * number) else None

    def _made(
        self,
        op: Op,
        operation: Operation,
        operands: tuple[Value, ...],
        result: Value | None = None,
    ) -> Value:
        """What a new operation gives, where another one stands."""
        new = Op(operation, operands, op.where, sweep=op.sweep)
        new.result = result
        if result is None:
            generation = op.results[0].generation
            new.result = result = Value(FLOAT, None, None, None, generation)
            self._uses[result] = 1
        result.op = new
        self._found.append(new)
        if operation is not _NEG:
            self._here[result] = new
        return result


def _ends(steps: list[tuple[Operation, Value]]) -> bool:
    """Whether the last of the operations is a product."""
    return steps[-1][0] is _MUL


def _divided(number: float, divisor: Value) -> tuple[float, Value | None]:
    """A number over a plain one, if that is exact: ``6 / 24`` as ``1 / 4``.

    Given back is what the quotient is to be multiplied with, and divided by.
    """
    below = plain(divisor)
    if not below or number == below or not moderate(number / below):
        return number, divisor
    if _is_power_of_two(below) or number % below == 0:
        return number / below, None
    if _is_power_of_two(number / below) and below % number == 0:
        return number / below, None
    if number not in (1, -1) and below % number == 0:
        size = abs(number)
        return number / size, _literal(below / size)
    return number, divisor


def _is_power_of_two(number: float) -> bool:
    return math.frexp(number)[0] in (0.5, -0.5)


def _literal(number: float) -> Value:
    return Value(FLOAT, number)
