"""Whether expressions are zero: quickly in this process, else at length in another.

SymPy's simplification cannot be stopped from within, so it runs in a process that is
ended when its time is up. That process runs this very file.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from random import Random

import sympy
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

#: Expanding makes no more terms than this.
_MOST_TERMS = 2_000
_DIGITS = 50
_TINY = 1e-15
#: A new process needs that long before it has SymPy.
_START_UP = 1.5


def is_zero_at_once(expression: sympy.Expr) -> bool:
    """Whether it is zero, by what takes no time worth speaking of."""
    if expression == 0 or _expands_to_zero(expression):
        return True
    if expression.has(HyperbolicFunction) and _terms(expression) <= _MOST_TERMS:
        expression = expression.rewrite(sympy.exp)
    return _terms(expression) <= _MOST_TERMS and _expands_to_zero(
        sympy.fraction(sympy.together(expression))[0]
    )


def is_surely_not_zero(expression: sympy.Expr, random: Random) -> bool:
    """Whether it is far from zero at a random point: then no proof need be tried."""
    numbers: dict[sympy.Basic, sympy.Basic] = {}
    for node in sympy.postorder_traversal(expression):
        if node.args:
            number = node.func(*[numbers[part] for part in node.args])
        elif not node.is_Symbol:
            number = node.n(_DIGITS) if node.is_NumberSymbol else node
        elif node.is_integer:
            number = sympy.Integer(random.randint(1, 9))
        else:
            number = sympy.Float(random.uniform(0.5, 2), _DIGITS)
        numbers.setdefault(node, number)
    result = numbers[expression]
    return bool(result.is_number and result.is_comparable and abs(result) > _TINY)


def _expands_to_zero(expression: sympy.Expr) -> bool:
    return _terms(expression) <= _MOST_TERMS and sympy.expand(expression) == 0


def zeros_in_time(expressions: Sequence[sympy.Expr], seconds: float) -> set[int]:
    """The indices of those that are found to be zero in so many seconds."""
    if not expressions or seconds < _START_UP:
        return set()
    command = [sys.executable, "-P", __file__]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return set()
    try:
        output, _ = worker.communicate(pickle.dumps(list(expressions)), seconds)
    except subprocess.TimeoutExpired:
        worker.kill()
        output, _ = worker.communicate()
    return {int(line) for line in output.split()}


def _terms(expression: sympy.Expr) -> int:
    """A bound on the number of terms that expanding gives."""
    counts: dict[sympy.Basic, int] = {}
    for node in sympy.postorder_traversal(expression):
        parts = [counts[part] for part in node.args]
        if node.is_Add:
            count = sum(parts)
        elif node.is_Mul:
            count = min(_product(parts), _MOST_TERMS + 1)
        elif node.is_Pow and node.exp.is_Integer and parts[0] > 1:
            power = min(abs(int(node.exp)), 20)
            count = min(parts[0] ** power, _MOST_TERMS + 1)
        else:
            count = max([1, *(part for part in parts if part > _MOST_TERMS)])
        counts[node] = count
    return counts[expression]


def _product(numbers: Sequence[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


def _attempts() -> Iterator[Callable[[sympy.Expr], sympy.Expr]]:
    """Ways to bring an expression to zero, from the fastest to the most thorough."""
    yield lambda e: sympy.cancel(sympy.together(e))
    yield lambda e: sympy.cancel(sympy.together(e.rewrite(sympy.exp)))
    yield lambda e: sympy.simplify(e)
    yield lambda e: sympy.simplify(sympy.powdenest(sympy.expand(e), force=False))
    yield lambda e: sympy.simplify(e.rewrite(sympy.exp))
    yield lambda e: sympy.radsimp(sympy.simplify(e))
    yield lambda e: 0 if e.equals(0) else e


def _work() -> None:
    """Read expressions from standard input; write the index of each that is zero."""
    expressions = pickle.load(sys.stdin.buffer)
    remaining = dict(enumerate(expressions))
    for attempt in _attempts():
        for index, expression in list(remaining.items()):
            try:
                zero = attempt(expression) == 0
            except Exception:  # SymPy gives up in many ways
                continue
            if zero:
                print(index, flush=True)
                del remaining[index]


if __name__ == "__main__":
    _work()
