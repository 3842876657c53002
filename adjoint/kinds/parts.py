"""The parts that derivatives are made of: what each computes, and its form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf, prod
from typing import Any

from adjoint.errors import AdjointError, OptionError
from adjoint.ir.form import Form, within
from adjoint.ir.names import RESULT_NAMES
from adjoint.ir.program import Program, Value, has_arrays
from adjoint.kinds.words import (
    cotangent_words,
    first_words,
    product_words,
    second_words,
    sparse_first_words,
    sparse_second_words,
    tangent_words,
    value_words,
)
from adjoint.transform.derivation import Derivation, note_shapes
from adjoint.transform.second import second_derivatives
from adjoint.transform.sparse.arrays import element_hessian, element_jacobian
from adjoint.transform.sparse.numbers import (
    Coordinates,
    hessian_entries,
    jacobian_entries,
)

#: What a part gives: its form, and its values in a flat list.
Outputs = tuple[Form, list[Value]]


@dataclass(frozen=True)
class Part:
    """One part of what a derivative returns.

    ``outputs`` computes it; it adds the parameters that there are besides the primal's.
    ``words`` says what it is: a text for each of its values, nested as they are.
    ``form`` is that of these, for the form of the primal and that of the parameters of
    interest; None for those that only the program tells.
    """

    outputs: Callable[[Derivation], Outputs]
    words: Callable[[Program, Sequence[str]], Any]
    form: Callable[[Form, Form], Form] | None


def value(derivation: Derivation) -> Outputs:
    """What the function itself returns."""
    primal = derivation.primal
    return primal.form, list(primal.results)


def gradient(derivation: Derivation) -> Outputs:
    """The derivatives of the one value. Raises AdjointError where there are several."""
    primal = derivation.primal
    if primal.form is not None:
        message = "returns a tuple, and a gradient is that of one value"
        raise _wrong_result(primal, message, "jacobian and vjp are for several")
    if primal.results[0].type.rank:
        message = "returns an array, and a gradient is that of a number"
        raise _wrong_result(primal, message, "jacobian and vjp are for arrays")
    (adjoints,) = derivation.gradients(primal.results)
    return derivation.form, adjoints


def _wrong_result(primal: Program, message: str, hint: str) -> AdjointError:
    """The error, with the place where the result is computed if that is known."""
    message = f"{primal.name} {message}"
    places = [value.op.where for value in primal.results if value.op is not None]
    where = places[0] if places else -1
    if where < 0:
        return OptionError(f"{message}; {hint}")
    return primal.source.error(where, where + 1, message, hint)


def cotangents(derivation: Derivation) -> Outputs:
    """The sum, over the values, of a given seed times the value's derivatives."""
    primal = derivation.primal
    if primal.form is None:
        name = primal.results[0].name or RESULT_NAMES[0]
        seeds = [derivation.parameter(f"{name}_bar", primal.results[0])]
    else:
        likes = {f"y{at}_bar": one for at, one in enumerate(primal.results, 1)}
        seeds = derivation.packed("y_bar", primal.form, likes)
    pairs = list(zip(primal.results, seeds, strict=True))
    return derivation.form, derivation.cotangents(pairs)


def jacobian(derivation: Derivation) -> Outputs:
    """The derivatives of each value; by forward sweeps where those are fewer."""
    primal, interest = derivation.primal, derivation.interest
    values = primal.results
    forward = derivation.mode == "forward"
    if derivation.mode is None:
        forward = sweeps(interest) <= sweeps(values) and sweeps(values) > 1
    if forward:
        columns = derivation.columns(values)
        rows = [list(row) for row in zip(*columns, strict=True)]
    else:
        rows = derivation.gradients(values)
    return within(primal.form, derivation.form), list(chain(*rows))


def sweeps(values: Sequence[Value]) -> float:
    """How many sweeps it takes to visit all elements; infinity where nobody knows."""
    lengths = [
        [length if isinstance(length, int) else inf for length in value.shape]
        for value in values
    ]
    return sum(map(prod, lengths))


def hessian(derivation: Derivation) -> Outputs:
    """The second derivatives: forward sweeps over a reverse one, half of each row."""
    primal, by = derivation.primal, derivation.form
    squares = second_derivatives(derivation, primal.results)
    entries = [entry for square in squares for row in square for entry in row]
    return within(primal.form, within(by, by)), entries


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
    products = [tangents.total(adjoint, 0) for adjoint in adjoints]
    note_shapes(products, derivation.interest)
    return form, products


def tangent(derivation: Derivation) -> Outputs:
    """How the values change along given vectors."""
    primal = derivation.primal
    tangents = derivation.along_vectors(primal.results)
    return primal.form, [tangents.total(value, 0) for value in primal.results]


#: The parts, in the order in which they are computed: reverse sweeps come first.
PARTS = {
    "value": Part(value, value_words, lambda form, _: form),
    "gradient": Part(gradient, first_words, lambda _, by: by),
    "cotangents": Part(cotangents, cotangent_words, lambda _, by: by),
    "jacobian": Part(jacobian, first_words, lambda form, by: within(form, by)),
    "hessian": Part(
        hessian,
        second_words,
        lambda form, by: within(form, within(by, by)),
    ),
    "sparse_jacobian": Part(sparse_jacobian, sparse_first_words, None),
    "sparse_hessian": Part(sparse_hessian, sparse_second_words, None),
    "product": Part(hessian_product, product_words, lambda _, by: by),
    "tangent": Part(tangent, tangent_words, lambda form, _: form),
}
