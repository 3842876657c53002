"""The point at which a function is looked at."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from numbers import Real

from adjoint.errors import AdjointError, OptionError, did_you_mean
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.form import flattened
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, Value
from adjoint.ir.types import BOOL, FLOAT, INT

#: A comma that is followed by a name and ``=``, and no part of a formula.
_BETWEEN = re.compile(r",(?=[^=,()]*=)")
_TRUTH = {"True": True, "False": False}

#: A number of the user's for each parameter, by its name.
Point = Mapping[str, float]


def parse_point(texts: Sequence[str]) -> dict[str, float]:
    """The point of texts such as ``x1=1,x2=-pi/2``: numbers, or formulas of numbers.

    Raises OptionError for what is no number, and for a name that stands twice.
    """
    point: dict[str, float] = {}
    for part in (part for text in texts for part in _BETWEEN.split(text)):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not number:
            raise OptionError(f"{part.strip()!r} is no part of a point like x1=1,x2=2")
        if name in point:
            raise OptionError(f"the point has two numbers for {name!r}")
        point[name] = _evaluated(number, part.strip())
    return point


def _evaluated(number: str, part: str) -> float:
    """A number, a truth value, or a formula without parameters."""
    if number in _TRUTH:
        return _TRUTH[number]
    try:
        return float(number)
    except ValueError:
        pass
    try:
        program = read_formula(number)
        if not program.parameters:
            return float(run(program, [])[0])
    except (AdjointError, ArithmeticError, ValueError, TypeError):
        pass
    raise OptionError(f"{number!r} in {part!r} is not a number")


def by_name(program: Program, at: Point | Sequence[float]) -> Point:
    """The point by the names of the parameters; a sequence has them in their order.

    A text is read as `parse_point` does. Raises OptionError for a sequence that is too
    long.
    """
    if isinstance(at, Mapping):
        return _unpacked(program, at)
    if isinstance(at, str):
        return parse_point([at])
    names = program.parameter_names
    if len(at) > len(names):
        raise OptionError(f"the point has {len(at)} numbers, not {len(names)}")
    return dict(zip(names, at, strict=False))


def _unpacked(program: Program, at: Point) -> Point:
    """The point with the numbers of tuples in the place of these."""
    found = dict(at)
    for name, form, parts in program.packed:
        if name in found:
            own, numbers = flattened(found.pop(name))
            if own != form:
                raise OptionError(f"{name!r} is a tuple of another form than that")
            names = [str(part.name) for part in parts]
            found.update(zip(names, numbers, strict=True))
    return found


def arguments_at(program: Program, point: Point) -> dict[Value, float | int | bool]:
    """The number of each parameter, of its type; those with a default may be left out.

    Raises OptionError for a name that is no parameter, for one that is missing, and for
    a number that its parameter cannot have.
    """
    known = program.parameter_names
    for name in point:
        if name not in known:
            listed = ", ".join(known) or "none"
            hint = did_you_mean(name, known) or f"the parameters are: {listed}"
            raise OptionError(f"{name!r} is not a parameter; {hint}")
    given = {**dict(program.defaults), **point}
    missing = [name for name in known if name not in given]
    if missing:
        example = ",".join(f"{name}=1" for name in missing[:3])
        raise OptionError(
            f"the point has no number for {', '.join(missing)}; "
            f"it is written like --at {example}"
        )
    return {p: _number(p, given[str(p.name)]) for p in program.parameters}


def _number(parameter: Value, number: float) -> float | int | bool:
    name, type = parameter.name, parameter.type
    if type not in (FLOAT, INT, BOOL):
        raise OptionError(f"{name!r} is an array; only numbers are walked through")
    if not isinstance(number, Real):
        raise OptionError(f"{name} = {number!r}: a number is expected")
    if not math.isfinite(number):
        raise OptionError(f"{name} = {number!r}: a finite number is expected")
    if type == FLOAT:
        return float(number)
    if number != int(number) or (type == BOOL and number not in (0, 1)):
        kind = "a whole number" if type == INT else "True or False"
        raise OptionError(f"{name} = {number!r}: {kind} is expected")
    return int(number) if type == INT else bool(number)
