"""What each number of a derivative should be: sums of partial derivatives.

A gradient is checked as a whole (`check.numeric`); any other derivative number by
number: a tangent is the sum over the parameters of a given vector times the partial
derivative, an entry of a Hessian is a second derivative, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adjoint.ir.program import Program
from adjoint.kinds.request import Request
from adjoint.transform.sparse.numbers import (
    Coordinates,
    hessian_coordinates,
    jacobian_coordinates,
)


@dataclass(frozen=True)
class Term:
    """A derivative of one of the function's values, times a parameter or nothing.

    ``value`` is which of the values, ``by`` the parameters that it is derived by: none,
    one, or two; ``weight`` the parameter that it is multiplied by.
    """

    value: int
    by: tuple[str, ...] = ()
    weight: str | None = None


@dataclass(frozen=True)
class Claim:
    """A number that is computed is the sum of these terms; ``label`` names it."""

    label: str
    terms: tuple[Term, ...]


def claims(
    kinds: Sequence[str],
    primal: Program,
    wrt: Sequence[str],
    given: Sequence[str],
    places: Coordinates | None = None,
) -> list[Claim]:
    """The claims of a derivative of these kinds, one for each of its results.

    ``given`` are the parameters that it has besides the primal's: the seeds of the
    values, and then a vector for each name of ``wrt``. ``places`` are those of the
    entries of a sparse one, where the module says them.
    """
    parts = Request(kinds).parts
    values = range(len(primal.results))
    seeds = list(given[: len(values)]) if "cotangents" in parts else []
    vectors = dict(zip(wrt, given[len(seeds) :], strict=False))
    found: list[Claim] = []
    for part in parts:
        if part in _SPARSE:
            known, claim = _SPARSE[part]
            at = known(primal, wrt) if places is None else places
            found += [claim(primal, wrt, i, j) for i, j in at]
        else:
            found += _CLAIMS[part](_names(primal), wrt, seeds, vectors)
    return found


def _names(primal: Program) -> list[str]:
    if primal.form is None:
        return [primal.name]
    return [f"y{at + 1}" for at in range(len(primal.results))]


_Names = Sequence[str]
_Vectors = Mapping[str, str]


def _value(values: _Names, wrt: _Names, *_: object) -> Iterator[Claim]:
    for k, y in enumerate(values):
        yield Claim(y, (Term(k),))


def _first(values: _Names, wrt: _Names, *_: object) -> Iterator[Claim]:
    for k, y in enumerate(values):
        for x in wrt:
            yield Claim(f"d{y}/d{x}", (Term(k, (x,)),))


def _second(values: _Names, wrt: _Names, *_: object) -> Iterator[Claim]:
    for k, y in enumerate(values):
        for a in wrt:
            for b in wrt:
                yield Claim(f"d2{y}/d{a}d{b}", (Term(k, (a, b)),))


def _cotangents(
    values: _Names, wrt: _Names, seeds: _Names, vectors: _Vectors
) -> Iterator[Claim]:
    for x in wrt:
        terms = [Term(k, (x,), seed) for k, seed in enumerate(seeds)]
        yield Claim(f"{x}_bar", tuple(terms))


def _product(
    values: _Names, wrt: _Names, seeds: _Names, vectors: _Vectors
) -> Iterator[Claim]:
    for a in wrt:
        terms = [Term(0, (a, b), vector) for b, vector in vectors.items()]
        yield Claim(f"(H @ v)[{a}]", tuple(terms))


def _tangent(
    values: _Names, wrt: _Names, seeds: _Names, vectors: _Vectors
) -> Iterator[Claim]:
    for k, y in enumerate(values):
        terms = [Term(k, (x,), vector) for x, vector in vectors.items()]
        yield Claim(f"{y}_dot", tuple(terms))


def _sparse_first(primal: Program, wrt: _Names, i: int, j: int) -> Claim:
    return Claim(f"d{_names(primal)[i]}/d{wrt[j]}", (Term(i, (wrt[j],)),))


def _sparse_second(primal: Program, wrt: _Names, i: int, j: int) -> Claim:
    a, b = wrt[i], wrt[j]
    return Claim(f"d2{primal.name}/d{a}d{b}", (Term(0, (a, b)),))


_SPARSE = {
    "sparse_jacobian": (jacobian_coordinates, _sparse_first),
    "sparse_hessian": (hessian_coordinates, _sparse_second),
}

_CLAIMS: dict[str, Callable[..., Iterator[Claim]]] = {
    "value": _value,
    "gradient": _first,
    "jacobian": _first,
    "hessian": _second,
    "cotangents": _cotangents,
    "product": _product,
    "tangent": _tangent,
}
