"""The proofs: a module on SymPy's symbols against SymPy's own derivative."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import sympy

from adjoint.check.cases import Case, OutsideDomain, TooManyCases, cases
from adjoint.check.claims import Claim
from adjoint.check.points import Ranges
from adjoint.check.symbols import Symbols, TooLarge
from adjoint.check.text.module import GeneratedModule
from adjoint.check.zero import is_surely_not_zero, is_zero_at_once, zeros_in_time
from adjoint.ir.interpret import Guarded
from adjoint.ir.program import IF, LOOPS, Block, Program, Value, walk
from adjoint.ir.types import FLOAT
from adjoint.target.expressions import Unknown
from adjoint.transform.writing_out import written_out

#: Programs whose results are larger, written out in full, are not for SymPy.
_MOST_PRIMAL = 400
_MOST_DERIVATIVE = 20_000
_MOST_CASES = 32
#: The size of what a loop computes.
_ENDLESS = 10**9


@dataclass(frozen=True)
class Proofs:
    """What has been proved of each result of the module's derivative.

    ``open_cases`` lists the cases, in words, in which a result is not proved; -1 stands
    for the result of the function's own text. ``cases`` is how many cases there are;
    ``positive`` names the parameters that had to be taken as positive; ``why_not`` says
    why nothing could be proved.
    """

    open_cases: Mapping[int, list[str]] = field(default_factory=dict)
    cases: int = 0
    positive: tuple[str, ...] = ()
    why_not: str = ""

    def holds(self, result: int) -> bool:
        """Whether a result is proved in every case."""
        return not self.open_cases.get(result, ["every case"])


def prove(
    module: GeneratedModule, primal: Program, ranges: Ranges, deadline: float
) -> Proofs:
    """Compare the module with the function ``primal`` and SymPy's derivative of it.

    Stops at the ``deadline`` (of `time.monotonic`); what is proved by then is proved.
    """
    if any(op.operation in LOOPS for op in walk(primal.body)):
        return Proofs(why_not="SymPy has no loops of unknown length")
    if (
        _size(written_out(primal)) > _MOST_PRIMAL
        or _size(module.derivative) > _MOST_DERIVATIVE
    ):
        return Proofs(why_not="too large for SymPy")
    try:
        return _Prover(module, primal, ranges, deadline).proofs()
    except TooManyCases:
        return Proofs(why_not=f"more than {_MOST_CASES} cases")
    except Unknown as error:
        return Proofs(why_not=f"SymPy does not know `{error}`")
    except _OutOfTime:
        return Proofs(why_not="there was no time for proofs")
    except (TooLarge, RecursionError):
        return Proofs(why_not="too large for SymPy")


class _OutOfTime(Exception):
    pass


@dataclass
class _Claim:
    """What should be zero in a case, of which result: -1 is the function's text."""

    result: int
    case: Case
    expression: sympy.Expr
    true: bool = False


class _Prover:
    def __init__(
        self, module: GeneratedModule, primal: Program, ranges: Ranges, deadline: float
    ):
        self.module = module
        self.primal = primal
        self.deadline = deadline
        self.symbols: dict[str, sympy.Symbol] = {}
        self.positive: dict[sympy.Symbol, sympy.Symbol] = {}
        known = primal.parameter_names
        given = [p for p in module.derivative.parameters if p.name not in known]
        for parameter in (*primal.parameters, *given):
            name, whole = str(parameter.name), parameter.type != FLOAT or None
            symbol = sympy.Symbol(name, real=True, integer=whole)
            self.symbols[name] = symbol
            if ranges.get(name, (0.0, 0.0))[0] > 0:
                self.positive[symbol] = sympy.Symbol(name, positive=True, integer=whole)

    def proofs(self) -> Proofs:
        claims: list[_Claim] = []
        count = 0
        for case in cases(_MOST_CASES):
            try:
                claims += self._claims(case)
                count += 1
            except (OutsideDomain, Guarded):
                pass
        self._decide(claims)
        remaining = [claim for claim in claims if not claim.true]
        assumed: tuple[str, ...] = ()
        if remaining and self.positive:
            for claim in remaining:
                claim.expression = claim.expression.xreplace(self.positive)
                claim.true = not claim.case.possible(self.positive)
            assumed = tuple(symbol.name for symbol in self.positive)
            self._decide([claim for claim in remaining if not claim.true])
        self._decide_at_length([claim for claim in remaining if not claim.true])
        needed = assumed if any(claim.true for claim in remaining) else ()
        return Proofs(_open_cases(claims), count, needed)

    def _claims(self, case: Case) -> list[_Claim]:
        """What is to be shown in one case."""
        symbols = Symbols(case)
        values, own, results = (
            symbols.results(one, [self.symbols[p] for p in one.parameter_names])
            for one in (self.primal, self.module.primal, self.module.derivative)
        )
        expected = self._expected(values)
        pairs = [(-1, a - b) for a, b in zip(own, values, strict=True)]
        pairs += enumerate(a - b for a, b in zip(results, expected, strict=True))
        return [_Claim(at, case, symbols.own.plain(one)) for at, one in pairs]

    def _expected(self, values: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        """What the results of the derivative should be."""
        module = self.module
        if module.claims:
            return [self._sum(claim, values) for claim in module.claims]
        expected = list(values) if module.has_value else []
        for name in module.wrt:
            self._check_time()
            expected.append(sympy.diff(values[0], self.symbols[name]))
        return expected

    def _sum(self, claim: Claim, values: Sequence[sympy.Expr]) -> sympy.Expr:
        total = sympy.Integer(0)
        for term in claim.terms:
            self._check_time()
            part = values[term.value]
            for name in term.by:
                part = sympy.diff(part, self.symbols[name])
            total += part if term.weight is None else self.symbols[term.weight] * part
        return total

    def _decide(self, claims: list[_Claim]) -> None:
        for claim in claims:
            if time.monotonic() > self.deadline:
                return
            claim.true = is_zero_at_once(claim.expression)

    def _decide_at_length(self, claims: list[_Claim]) -> None:
        random = Random(0)
        claims = [claim for claim in claims if self._is_worth_trying(claim, random)]
        seconds = self.deadline - time.monotonic()
        for at in zeros_in_time([claim.expression for claim in claims], seconds):
            claims[at].true = True

    def _is_worth_trying(self, claim: _Claim, random: Random) -> bool:
        if time.monotonic() > self.deadline:
            return False
        if claim.expression.has(sympy.nan, sympy.zoo, sympy.oo):
            return False
        return not is_surely_not_zero(claim.expression, random)

    def _check_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise _OutOfTime


def _open_cases(claims: list[_Claim]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for claim in claims:
        cases_of_result = found.setdefault(claim.result, [])
        if not claim.true:
            cases_of_result.append(str(claim.case))
    return found


def _size(program: Program) -> int:
    """How many operations the largest result has, written out without names."""
    sizes: dict[Value, int] = {}

    def size(value: Value) -> int:
        return sizes.get(value, 1)

    def visit(block: Block) -> None:
        for op in block.ops:
            for inner in op.blocks:
                visit(inner)
            for at, result in enumerate(op.results):
                if op.operation is IF:
                    sizes[result] = max(size(inner.results[at]) for inner in op.blocks)
                elif op.blocks:
                    sizes[result] = _ENDLESS
                else:
                    total = 1 + sum(size(operand) for operand in op.operands)
                    sizes[result] = min(total, _ENDLESS)

    visit(program.body)
    return max(size(result) for result in program.results)
