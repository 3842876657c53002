"""Which derivatives there are: what each computes, and what it returns, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form, flattened, nested, tuple_of, within
from adjoint.ir.names import RESULT_NAMES
from adjoint.ir.program import Block, Program, Value, has_arrays
from adjoint.transform.derivation import Derivation
from adjoint.transform.sparse import (
    Coordinates,
    hessian_coordinates,
    hessian_entries,
    jacobian_coordinates,
    jacobian_entries,
)
from adjoint.transform.sparse_elements import (
    element_hessian,
    element_jacobian,
    loops_in_order,
    require_fixed,
)

#: What a part gives: its form, and its values in a flat list.
Outputs = tuple[Form, list[Value]]


@dataclass(frozen=True)
class Part:
    """One part of what a derivative returns.

    ``outputs`` computes it; it adds the parameters that there are besides the primal's.
    ``words`` says what it is: a text for each of its values, nested as they are.
    ``form`` is that of these, for the form of the primal and the number of parameters
    of interest; None for those that only the program tells.
    """

    outputs: Callable[[Derivation], Outputs]
    words: Callable[[Program, Sequence[str]], Any]
    form: Callable[[Form, int], Form] | None


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


def sparse_jacobian(derivation: Derivation) -> Outputs:
    """The entries of the Jacobian that can be other than zero, row by row."""
    if has_arrays(derivation.primal):
        return _by_elements(derivation, element_jacobian)
    return _sparse(derivation, jacobian_entries(derivation))


def sparse_hessian(derivation: Derivation) -> Outputs:
    """The entries of the Hessian that can be other than zero, row by row."""
    gradient(derivation)  # of one value
    if has_arrays(derivation.primal):
        return _by_elements(derivation, element_hessian)
    return _sparse(derivation, hessian_entries(derivation))


def _by_elements(
    derivation: Derivation, find: Callable[[Derivation], tuple[Program, list[Value]]]
) -> Outputs:
    """The entries in one array: how many there are is known when it is run."""
    if derivation.mode is not None:
        raise OptionError("mode is not for sparse derivatives of functions of arrays")
    derivation.program, entries = find(derivation)
    return None, entries


def _sparse(derivation: Derivation, found: tuple[Coordinates, list[Value]]) -> Outputs:
    places, entries = found
    derivation.coordinates = places
    return (None,) * len(entries), entries


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


def _sparse_first_words(program: Program, wrt: Sequence[str]) -> Any:
    if has_arrays(program):
        return f"the entries of d{program.name}/d{_together(wrt)} by rows"
    places = jacobian_coordinates(program, wrt)
    return tuple(f"d{_results(program)[i]}/d{wrt[j]}" for i, j in places)


def _sparse_second_words(program: Program, wrt: Sequence[str]) -> Any:
    y = program.name
    if has_arrays(program):
        return f"the entries of d2{y}/d{_together(wrt)}2 by rows"
    places = hessian_coordinates(program, wrt)
    pairs = [(wrt[i], wrt[j]) for i, j in places]
    return tuple(f"d2{y}/d{a}d{b}" if a != b else f"d2{y}/d{a}2" for a, b in pairs)


def _together(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


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
    "value": Part(value, _value_words, lambda form, _: form),
    "gradient": Part(gradient, _first_words, lambda _, count: tuple_of(count)),
    "cotangents": Part(cotangents, _cotangent_words, lambda _, count: tuple_of(count)),
    "jacobian": Part(
        jacobian, _first_words, lambda form, count: within(form, tuple_of(count))
    ),
    "hessian": Part(
        hessian,
        _second_words,
        lambda form, count: within(form, tuple_of(count, tuple_of(count))),
    ),
    "sparse_jacobian": Part(sparse_jacobian, _sparse_first_words, None),
    "sparse_hessian": Part(sparse_hessian, _sparse_second_words, None),
    "product": Part(hessian_product, _product_words, lambda _, count: tuple_of(count)),
    "tangent": Part(tangent, _tangent_words, lambda form, _: form),
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
    "sparse_jacobian": ("sparse_jacobian",),
    "sparse_hessian": ("sparse_hessian",),
}


#: The sparse kinds: where the entries stand of functions of numbers, and of arrays.
SPARSE = {
    "sparse_jacobian": (jacobian_coordinates, element_jacobian),
    "sparse_hessian": (hessian_coordinates, element_hessian),
}


def pattern_name(function: str, kinds: Sequence[str]) -> str | None:
    """What the pattern of the sparse kind among several is called; None for none."""
    sparse = [kind for kind in kinds if kind in SPARSE]
    return f"{function}_{sparse[0]}_pattern" if len(sparse) == 1 else None


def pattern_program(
    primal: Program, kinds: Sequence[str], wrt: Sequence[str]
) -> Program | None:
    """The rows and the columns of the entries of the sparse kind among several.

    None where there is none, or more than one. It has the parameters of the function,
    of which it reads the lengths of arrays and whole numbers alone. Raises AdjointError
    where the places depend on floats.
    """
    name = pattern_name(primal.name, kinds)
    if name is None:
        return None
    (kind,) = SPARSE.keys() & {*kinds}
    find_places, find_entries = SPARSE[kind]
    derivation = Derivation(primal, wrt)
    if has_arrays(primal):
        derivation.program, results = find_entries(derivation, columns=True)
        form: Form = (None, None)
    else:
        places = find_places(primal, wrt)
        constant = Builder().constant
        derivation.program = replace(primal, body=Block([]))
        results = [constant(place[axis]) for axis in (0, 1) for place in places]
        form = ((None,) * len(places),) * 2
    program = loops_in_order(derivation.finish(name, form, results, False))
    require_fixed(program, primal)
    return program


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


def kinds_of_name(suffix: str) -> list[str]:
    """The kinds that the name of a generated function ends with; none for others.

    >>> kinds_of_name("value_grad_hessian")
    ['value', 'grad', 'hessian']
    """
    found: list[str] = []
    rest = f"{suffix}_"
    while rest:
        fitting = [kind for kind in KINDS if rest.startswith(f"{kind}_")]
        if not fitting:
            return []
        found.append(max(fitting, key=len))
        rest = rest[len(found[-1]) + 1 :]
    return found


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

    def form(self, program: Program, wrt: Sequence[str]) -> Form:
        """The form of it all, for a primal and its parameters of interest."""
        forms = []
        for name in self.parts:
            part = PARTS[name]
            if part.form is None:
                forms.append(flattened(part.words(program, wrt))[0])
            else:
                forms.append(part.form(program.form, len(wrt)))
        form: Form = self.nested(forms)
        return form

    def words(self, program: Program, wrt: Sequence[str]) -> Any:
        """What is returned, in words, nested as it is."""
        return self.nested([PARTS[part].words(program, wrt) for part in self.parts])
