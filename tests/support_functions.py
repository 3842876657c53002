"""Random Python functions, and how to run a function and its program side by side."""

from __future__ import annotations

import itertools
import linecache
import re
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from adjoint.ir.interpret import Guarded, run
from adjoint.ir.program import Program

_numbers = itertools.count()

#: What every random module begins with: helpers to be called, and constants.
PRELUDE = """\
import math
from math import cos, sin as s

SCALE = 0.75
PAIR = (0.5, -1.25)


def helper(u, v=1.5):
    if u > v:
        return u - v * SCALE
    w = s(u)
    return w + v


def steps(u, k):
    total = u
    for j in range(k):
        if total > 3.0:
            return total
        total = total * 0.5 + 1.0
    return total - 0.25


def both(u, v):
    return v, u * 0.5


"""


def define(text: str, name: str = "f") -> Callable[..., Any]:
    """The function of a module's text; its source can be inspected."""
    file = f"<random {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    module = types.ModuleType(file)
    space = vars(module)
    if "dataclass" in text:  # which looks its module up by name
        sys.modules[file] = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # texts may be odd on purpose
        exec(compile(text, file, "exec"), space)
    function: Callable[..., Any] = space[name]
    return function


def outcome(call: Callable[[], Any]) -> tuple[str, ...]:
    """What a call gives, so that it can be compared: numbers, or an exception.

    A whole number and the float equal to it count as the same.
    """
    try:
        result = call()
    except Guarded as guarded:
        return ("raises", str(guarded).split("(")[0])
    except Exception as error:
        return ("raises", type(error).__name__)
    results = result if isinstance(result, tuple) else (result,)
    return tuple(repr(float(number)) for number in results)


def of_program(program: Program, arguments: Sequence[Any]) -> tuple[str, ...]:
    """The outcome of a program under the reference interpreter."""
    return outcome(lambda: run(program, arguments))


# -- random programs


#: In the places: an expression, a condition, an atom, a count, a comparison.
_EXPRESSIONS = (
    "{e}", "{e} + {e}", "{e} - ({e})", "({e}) * ({e})", "({e}) / (1.0 + abs({e}))",
    "s({e})", "cos({e}) * {a}", "max({e}, {e})", "min({e}, {e}, 2.0)", "abs({e})",
    "({e} if {c} else {e})", "helper({e})", "helper(v={e}, u={e})", "steps({e}, {k})",
    "math.sqrt(abs({e}))", "(lambda t: t * {a})({e})", "({e}) % 3.0",
    "float(int({a}))", "sum(({e}, {e}))", "-({e})",
)  # fmt: skip
_CONDITIONS = (
    "{a} {<} {a}", "{a} {<} {a}", "{a} {<} {a} and {a} > 0.1",
    "{a} {<} {a} or {a} <= 0.3", "not {a} {<} {a}", "-1.0 < {a} < {a}",
)  # fmt: skip


class _Writer:
    """Writes one random function; ``defined`` are the names that are surely bound."""

    def __init__(self, draw: Callable[[Any], Any]):
        self.draw = draw
        self.lines: list[str] = []
        self.count = 0
        self.budget = draw(st.integers(2, 14))

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def atom(self, defined: list[str]) -> str:
        constants = ["0.5", "1.25", "-2.0", "2", "SCALE"]
        return self.pick(*defined, *defined, *constants)

    def expression(self, defined: list[str], depth: int = 2) -> str:
        if depth == 0:
            return self.atom(defined)
        return self.filled(self.pick(*_EXPRESSIONS), defined, depth)

    def condition(self, defined: list[str]) -> str:
        return self.filled(self.pick(*_CONDITIONS), defined)

    def filled(self, template: str, defined: list[str], depth: int = 1) -> str:
        """The template with its places filled; what it has no place for is not drawn."""
        parts: dict[str, Callable[[], str]] = {
            "{e}": lambda: self.expression(defined, depth - 1),
            "{c}": lambda: self.condition(defined),
            "{a}": lambda: self.atom(defined),
            "{k}": lambda: self.pick("2", "n", "12"),
            "{<}": lambda: self.pick("<", ">=", ">", "!="),
        }
        return re.sub(r"{.}", lambda place: parts[place[0]](), template)

    def target(self) -> str:
        return self.pick("a", "b", "c", "x", "y")

    def block(self, depth: int, defined: list[str], loop: bool) -> list[str] | None:
        """A block; the names bound behind it, None where nothing goes on."""
        for _ in range(self.draw(st.integers(1, 4))):
            self.budget -= 1
            known = self.statement(depth, defined, loop)
            if known is None:
                return None
            defined = known
            if self.budget <= 0:
                break
        return defined

    def statement(self, depth: int, defined: list[str], loop: bool) -> list[str] | None:
        kinds = ["assign", "assign", "augment", "swap"]
        if self.budget > 0 and depth < 5:
            kinds += ["if", "if", "for", "for", "while", "unrolled", "guard"]
        if depth > 1:
            kinds += ["return"]
            kinds += ["break", "continue", "converge"] if loop else []
        write = getattr(self, "_" + self.pick(*kinds))
        return write(depth, defined, loop)

    def _assign(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        name = self.target()
        self.line(depth, f"{name} = {self.expression(defined)}")
        return _with(defined, name)

    def _augment(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        names = [name for name in defined if name != "n" and name[0] not in "ik"]
        value = self.expression(defined, 1)
        self.line(depth, f"{self.pick(*names)} {self.pick('+=', '-=', '*=')} {value}")
        return defined

    def _swap(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        one, other = self.pick("a", "b"), self.pick("x", "y")
        value = self.pick(
            f"{self.atom(defined)}, {self.expression(defined, 1)}",
            f"both({self.atom(defined)}, {self.atom(defined)})",
            "PAIR",
        )
        self.line(depth, f"{one}, {other} = {value}")
        return _with(defined, one, other)

    def _guard(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        condition = self.condition(defined)
        if self.pick(True, False):
            self.line(depth, f"assert {condition} or x < 1.0, 'wrong'")
        else:
            self.line(depth, f"if {condition} and x > 1.0:")
            self.line(depth + 1, 'raise ValueError("bad")')
        return defined

    def _if(self, depth: int, defined: list[str], loop: bool) -> list[str] | None:
        self.line(depth, f"if {self.condition(defined)}:")
        ends = [self.block(depth + 1, defined, loop)]
        if self.pick(True, False):
            self.line(depth, f"elif {self.condition(defined)}:")
            ends.append(self.block(depth + 1, defined, loop))
        if self.pick(True, False):
            self.line(depth, "else:")
            ends.append(self.block(depth + 1, defined, loop))
        else:
            ends.append(defined)
        going = [names for names in ends if names is not None]
        if not going:
            return None
        return [n for n in going[0] if all(n in names for names in going)]

    def _for(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        self.count += 1
        index = f"i{self.count}"
        bounds = self.pick("n", "1, n", "n, 0, -1", "12", "0, n + 9, 4", "2 * n - 1, n")
        self.line(depth, f"for {index} in range({bounds}):")
        self._body(depth, _with(defined, index), defined)
        return defined

    def _unrolled(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        self.count += 1
        index = f"i{self.count}"
        items = self.pick(
            f"{index} in range(3)",
            f"{index} in PAIR",
            f"{index}, e in enumerate((x, 0.5))",
            f"{index}, e in zip(PAIR, (y, x))",
        )
        self.line(depth, f"for {items}:")
        self._body(depth, _with(defined, index), defined)
        return defined

    def _while(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        self.count += 1
        name = f"k{self.count}"
        self.line(depth, f"{name} = 0")
        inner = _with(defined, name)
        self.line(depth, f"while {name} < 7 and ({self.condition(inner)}):")
        self.line(depth + 1, f"{name} += 1")
        self._body(depth, inner, inner)
        return inner

    def _body(self, depth: int, defined: list[str], before: list[str]) -> None:
        self.block(depth + 1, defined, True)
        if self.pick(True, False, False):
            self.line(depth, "else:")
            self.block(depth + 1, before, False)

    def _return(self, depth: int, defined: list[str], loop: bool) -> None:
        self.line(depth, f"return {self.expression(defined, 1)}")

    def _break(self, depth: int, defined: list[str], loop: bool) -> None:
        self.line(depth, "break")

    def _converge(self, depth: int, defined: list[str], loop: bool) -> list[str]:
        """The end of an iteration that goes on until little changes."""
        names = [name for name in defined if name in "abxy"]
        name, limit = self.pick(*names), self.pick("0.3", "1.0", "3.0")
        self.line(depth, f"c = {name}")
        defined = _with(defined, "c")
        self.line(depth, f"{name} = {self.expression(defined)}")
        self.line(depth, f"if abs({name} - c) < {limit}:")
        self.line(depth + 1, "break")
        return defined

    def _continue(self, depth: int, defined: list[str], loop: bool) -> None:
        self.line(depth, "continue")


def _with(defined: list[str], *names: str) -> list[str]:
    return list(dict.fromkeys([*defined, *names]))


@st.composite
def modules(draw: Any) -> str:
    """The text of a module that defines ``f(x, y, n: int)`` and its helpers."""
    writer = _Writer(draw)
    writer.line(0, "def f(x, y, n: int):")
    defined = writer.block(1, ["x", "y"], False)
    if defined is not None:
        writer.line(1, f"return {' + '.join(defined)}")
    return PRELUDE + "\n".join(writer.lines) + "\n"


#: Arguments for the functions of `modules`.
arguments = st.tuples(
    st.floats(-3.0, 3.0), st.sampled_from([-1.5, 0.0, 0.5, 2.5]), st.integers(0, 5)
)
