"""Slopes that a kink cuts off: an infinite one is not computed to be multiplied by 0.

Of ``max(sqrt(x), 1)`` at x = 0 the derivative is 0 times an infinite slope. The factor
is 0 where a side of a branch says so, and then nothing is asked of the slope.
"""

from __future__ import annotations

from dataclasses import replace

from adjoint.ir.program import IF, Block, Op, Program, Value, link
from adjoint.ir.types import BOOL, FLOAT
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.raising import Raising

_MUL, _DIV, _NEG = (OPERATIONS[name] for name in ("mul", "div", "neg"))
_ADD, _SUB, _OR = (OPERATIONS[name] for name in ("add", "sub", "or"))
_NE, _GT, _LT = (OPERATIONS[name] for name in ("ne", "gt", "lt"))

#: A sum of no more results of branches than this is looked at.
_MOST_TERMS = 4

#: Results of branches: something is 0 where all of them are.
_Factors = tuple[Value, ...]


def with_slopes_cut_off(program: Program, primal: Program) -> Program:
    """The program, in which what may raise is 0 where a branch gives the factor 0."""
    if IF not in program.operations:
        return program
    body = _CutOff(program, primal).block(program.body)
    if body is program.body:
        return program
    link(body)
    primal_ops = len(body.ops) if program.beside else program.primal_ops
    return replace(program, body=body, primal_ops=primal_ops)


class _CutOff:
    """One walk through the blocks of a program."""

    def __init__(self, program: Program, primal: Program):
        self._first_made = program.primal_generation + 1
        self._raising = Raising(primal)
        #: for what is 0 wherever results of branches are: these
        self._factors: dict[Value, _Factors] = {}
        #: for these results: the branch, and what its sides yield
        self._branches: dict[Value, tuple[Op, list[Value]]] = {}
        #: the sides that are taken where the walk is, by their tests
        self._taken: dict[object, int] = {}
        #: numbers of a derivative's own that may have raised
        self._risky: set[Value] = set()

    def block(self, block: Block, of: Op | None = None, at: int = 0) -> Block:
        """The block with what is cut off in it, or itself."""
        ops: list[Op] = []
        tests: dict[_Factors, Value] = {}
        key = _test_of(of) if of is not None and of.operation is IF else None
        outside = self._taken
        if key is not None:
            self._taken = {**outside, key: at}
        with self._raising.block(of, at):
            for op in block.ops:
                ops += self._visit(op, tests)
        self._taken = outside
        if ops == block.ops:
            return block
        return Block(ops, block.results, block.parameters)

    def _visit(self, op: Op, tests: dict[_Factors, Value]) -> list[Op]:
        """What takes the place of an operation; ``tests`` are those of the block."""
        if op.blocks:
            inside = enumerate(op.blocks)
            blocks = tuple([self.block(inner, op, at) for at, inner in inside])
            if op.operation is IF:
                self._note_zeros(op)
            return [op if blocks == op.blocks else op.copied(op.operands, blocks)]
        result = op.result
        if result is None or not self._is_made(result):
            self._raising.learn(op)
            return [op]
        raises = self._raising.may_raise(op) and not self._raising.pinned(op)
        risky = raises or not self._risky.isdisjoint(op.operands)
        factors = self._factors_of(op)
        if factors:
            self._factors[result] = factors
        elif risky:
            self._risky.add(result)
        if not factors or not risky or op.operation not in (_MUL, _DIV):
            return [op]
        return self._unless_zero(op, factors, tests)

    def _is_made(self, value: Value) -> bool:
        """Whether it is a number that a derivative has made."""
        made = value.generation >= self._first_made and value.number is None
        return made and value.type == FLOAT

    def _note_zeros(self, branch: Op) -> None:
        """Note the results that are 0 where one of the sides is taken."""
        for at, result in enumerate(branch.results):
            sides = [side.results[at] for side in branch.blocks]
            if self._is_made(result) and any(
                _is_zero(one)
                or (one in self._factors and not self._at_a_point(branch, one))
                for one in sides
            ):
                self._factors[result] = (result,)
                self._branches[result] = branch, sides

    def _at_a_point(self, branch: Op, value: Value) -> bool:
        """Whether what a side yields is 0 only where two numbers are equal.

        That is so of the derivative of ``abs``, which has none there.
        """
        inner, sides = self._branches.get(value, (None, []))
        tests = [one.operands[0].op for one in (branch, inner) if one is not None]
        if len(tests) < 2 or not _is_zero(sides[1]) or sides[0] in self._factors:
            return False
        first, second = tests
        if first is None or second is None or first.operands != second.operands:
            return False
        return {first.operation, second.operation} == {_GT, _LT}

    def _factors_of(self, op: Op) -> _Factors:
        """The results of branches that, where they are 0, make it 0; () for none."""
        if op.operation in (_ADD, _SUB):
            a, b = [self._unknown(operand) for operand in op.operands]
            terms = tuple(dict.fromkeys(a + b)) if a and b else ()
            return terms if len(terms) <= _MOST_TERMS else ()
        if op.operation is _MUL:
            return self._unknown(op.operands[0]) or self._unknown(op.operands[1])
        if op.operation in (_DIV, _NEG):
            return self._unknown(op.operands[0])
        return ()

    def _unknown(self, value: Value) -> _Factors:
        """The factors of a value; () if it is clear here that one of them is not 0."""
        factors = self._factors.get(value, ())
        return () if any(map(self._is_known, factors)) else factors

    def _is_known(self, factor: Value) -> bool:
        """Whether it is clear here that it is not one of the sides that are 0."""
        value, seen = factor, self._branches.get(factor)
        while seen is not None and _test_of(seen[0]) in self._taken:
            value = seen[1][self._taken[_test_of(seen[0])]]
            seen = self._branches.get(value)
        return not _is_zero(value) and value not in self._factors

    def _unless_zero(
        self, op: Op, factors: _Factors, tests: dict[_Factors, Value]
    ) -> list[Op]:
        """The operation where a factor is not 0, and else 0."""
        if len(factors) == 1:
            branch, yielded = self._branches[factors[0]]
            zeros = [_is_zero(one) for one in yielded]
            if any(zeros) and not any(one in self._factors for one in yielded):
                return [_branch(op, branch.operands[0], zeros.index(True))]
        made: list[Op] = []
        for at, factor in enumerate(factors):
            if (factor,) not in tests:
                zero = Value(FLOAT, 0.0)
                made.append(_truth(op, _NE, factor, zero))
                tests[(factor,)] = made[-1].results[0]
            if factors[: at + 1] not in tests:
                made.append(_truth(op, _OR, tests[factors[:at]], tests[(factor,)]))
                tests[factors[: at + 1]] = made[-1].results[0]
        return [*made, _branch(op, tests[factors], 1)]


def _is_zero(value: Value) -> bool:
    return value.literal and value.number == 0 and value.name is None


def _truth(like: Op, operation: Operation, a: Value, b: Value) -> Op:
    """A truth value that is needed where another operation stands."""
    op = Op(operation, (a, b), like.where, sweep=like.sweep)
    op.result = Value(BOOL, None, op, generation=like.results[0].generation)
    return op


def _test_of(branch: Op) -> object:
    """What is the same for branches that ask the same."""
    test = branch.operands[0]
    if test.op is None:
        return test
    operands = [
        (one.number, one.name) if one.literal else one for one in test.op.operands
    ]
    return test.op.operation, *operands


def _branch(op: Op, condition: Value, zero_at: int) -> Op:
    """The operation in one side of a branch, 0 in the other."""
    (result,) = op.results
    inner = op.copied(op.operands, (), fresh=True)
    inner.result = Value(FLOAT, None, inner, generation=result.generation)
    zero = Block([], (Value(FLOAT, 0.0),))
    sides = (Block([inner], (inner.result,)), zero)
    branch = Op(IF, (condition,), op.where, sides[:: 1 if zero_at else -1])
    branch.sweep, branch.results = op.sweep, (result,)
    return branch
