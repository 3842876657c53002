"""Which derivatives there are: what each computes, and what it returns, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.form import Form, nested, tuple_of, within
from adjoint.ir.names import RESULT_NAMES
from adjoint.ir.program import Program, Value
from adjoint.transform.derivation import Derivation

#: What a part gives: its form, and its values in a flat list.
Outputs = tuple[Form, list[Value]]


@dataclass(frozen=True)
class Part:
    """One part of what a derivative returns.

    ``outputs`` computes it; it adds the parameters that there are besides the primal's.
    ``words`` says what it is: a text for each of its values, nested as they are.
    """

    outputs: Callable[[Derivation], Outputs]
    words: Callable[[Program, Sequence[str]], Any]


def value(derivation: Derivation) -> Outputs:
    """What the function itself returns."""
    primal = derivation.primal
    return primal.form, list(primal.results)


def gradient(derivation: Derivation) -> Outputs:
    """The derivatives of the one value. Raises OptionError where there are several."""
    primal = derivation.primal
    if primal.form is not None:
        raise OptionError(
            f"{primal.name} returns a tuple, and a gradient is that of one value; "
            "jacobian and vjp are for several"
        )
    if primal.results[0].type.rank:
        raise OptionError(
            f"{primal.name} returns an array, and a gradient is that of a number; "
            "vjp is for arrays"
        )
    (adjoints,) = derivation.gradients(primal.results)
    return tuple_of(len(adjoints)), adjoints


def cotangents(derivation: Derivation) -> Outputs:
    """The sum, over the values, of a given seed times the value's derivatives."""
    primal = derivation.primal
    if primal.form is None:
        name = primal.results[0].name or RESULT_NAMES[0]
        seeds = [derivation.parameter(f"{name}_bar", primal.results[0])]
    else:
        seeds = derivation.packed("y_bar", primal.form, "y*_bar")
    pairs = list(zip(primal.results, seeds, strict=True))
    adjoints = derivation.cotangents(pairs)
    return tuple_of(len(adjoints)), adjoints


def jacobian(derivation: Derivation) -> Outputs:
    """The derivatives of each value; by forward sweeps where those are fewer."""
    primal, interest = derivation.primal, derivation.interest
    values = primal.results
    if any(value.type.rank for value in (*values, *interest)):
        raise OptionError(
            f"the Jacobian of {primal.name} has arrays; vjp is for arrays"
        )
    forward = len(interest) <= len(values) > 1
    if derivation.mode == "forward" or (derivation.mode is None and forward):
        tangents = derivation.unit_tangents(values, interest)
        indices = range(len(interest))
        rows = [[tangents.total(value, i) for i in indices] for value in values]
    else:
        rows = derivation.gradients(values)
    return within(primal.form, tuple_of(len(interest))), list(chain(*rows))


def hessian(derivation: Derivation) -> Outputs:
    """The second derivatives: forward sweeps over a reverse one, half of each row."""
    primal, interest = derivation.primal, derivation.interest
    rows = derivation.gradients(primal.results)
    tangents = derivation.unit_tangents(list(chain(*rows)), interest)
    indices = range(len(interest))
    entries = [
        tangents.total(row[min(i, j)], max(i, j))
        for row in rows
        for i in indices
        for j in indices
    ]
    square = tuple_of(len(interest), tuple_of(len(interest)))
    return within(primal.form, square), entries


def hessian_product(derivation: Derivation) -> Outputs:
    """The Hessian times given vectors: one forward sweep over the reverse one."""
    form, adjoints = gradient(derivation)
    tangents = derivation.along_vectors(adjoints)
    return form, [tangents.total(adjoint, 0) for adjoint in adjoints]


def tangent(derivation: Derivation) -> Outputs:
    """How the values change along given vectors."""
    primal = derivation.primal
    tangents = derivation.along_vectors(primal.results)
    return primal.form, [tangents.total(value, 0) for value in primal.results]


# -- in words


def _results(program: Program) -> list[str]:
    """What to call the results of the function."""
    if program.form is None:
        return [program.name]
    return [f"y{at}" for at in range(1, len(program.results) + 1)]


def _value_words(program: Program, wrt: Sequence[str]) -> Any:
    if program.form is None:
        return "value"
    return nested(program.form, _results(program))


def _first_words(program: Program, wrt: Sequence[str]) -> Any:
    form = tuple_of(len(wrt))
    rows = [nested(form, [f"d{y}/d{x}" for x in wrt]) for y in _results(program)]
    return nested(program.form, rows)


def _second_words(program: Program, wrt: Sequence[str]) -> Any:
    square = tuple_of(len(wrt), tuple_of(len(wrt)))

    def entries(y: str) -> list[str]:
        return [
            f"d2{y}/d{a}d{b}" if a != b else f"d2{y}/d{a}2" for a in wrt for b in wrt
        ]

    return nested(program.form, [nested(square, entries(y)) for y in _results(program)])


def _cotangent_words(program: Program, wrt: Sequence[str]) -> Any:
    return nested(tuple_of(len(wrt)), [f"{x}_bar" for x in wrt])


def _tangent_words(program: Program, wrt: Sequence[str]) -> Any:
    if program.form is None:
        return "tangent"
    return nested(program.form, [f"{y}_dot" for y in _results(program)])


def _product_words(program: Program, wrt: Sequence[str]) -> Any:
    if len(wrt) == 1:
        return "H @ v"
    return nested(tuple_of(len(wrt)), [f"(H @ v)[{x}]" for x in wrt])


#: The parts, in the order in which they are computed: reverse sweeps come first.
PARTS = {
    "value": Part(value, _value_words),
    "gradient": Part(gradient, _first_words),
    "cotangents": Part(cotangents, _cotangent_words),
    "jacobian": Part(jacobian, _first_words),
    "hessian": Part(hessian, _second_words),
    "product": Part(hessian_product, _product_words),
    "tangent": Part(tangent, _tangent_words),
}

#: The kinds of derivatives: the parts that each returns.
KINDS = {
    "value": ("value",),
    "grad": ("gradient",),
    "value_and_grad": ("value", "gradient"),
    "jvp": ("value", "tangent"),
    "vjp": ("value", "cotangents"),
    "jacobian": ("jacobian",),
    "hessian": ("hessian",),
    "hvp": ("product",),
}


def kinds_named(kind: str) -> list[str]:
    """The kinds of a list such as "value,grad,hessian".

    Raises OptionError for a kind that does not exist, or stands twice.
    """
    names = [name.strip() for name in kind.split(",")]
    for at, name in enumerate(names):
        if name not in KINDS:
            hint = did_you_mean(name, KINDS) or f"one of {', '.join(KINDS)} is expected"
            raise OptionError(f"there is no derivative {name!r}; {hint}")
        if name in names[:at]:
            raise OptionError(f"the derivative {name!r} is asked for twice")
    return names


@dataclass(frozen=True)
class Request:
    """What is to be returned: one kind, or a tuple of several."""

    kinds: Sequence[str]

    @property
    def parts(self) -> list[str]:
        """The parts of all kinds, one after another."""
        return [part for kind in self.kinds for part in KINDS[kind]]

    def nested(self, parts: Sequence[Any]) -> Any:
        """The parts in tuples, one for each kind that has several."""
        found = iter(parts)
        items = [
            nested(tuple_of(len(KINDS[kind])), [next(found) for _ in KINDS[kind]])
            for kind in self.kinds
        ]
        return items[0] if len(items) == 1 else tuple(items)

    def outputs(self, derivation: Derivation) -> Outputs:
        """The form of it all, and the values."""
        by_part = {
            part: PARTS[part].outputs(derivation)
            for part in PARTS
            if part in self.parts
        }
        found = [by_part[part] for part in self.parts]
        values = list(chain.from_iterable(values for _, values in found))
        return self.nested([form for form, _ in found]), values

    def words(self, program: Program, wrt: Sequence[str]) -> Any:
        """What is returned, in words, nested as it is."""
        return self.nested([PARTS[part].words(program, wrt) for part in self.parts])
