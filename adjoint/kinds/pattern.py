"""Where the entries of a sparse derivative stand, as a program of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import AdjointError
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form
from adjoint.ir.program import Block, Program, has_arrays
from adjoint.transform.derivation import Derivation
from adjoint.transform.sparse.arrays import (
    element_hessian,
    element_jacobian,
    loops_in_order,
    refuse_arrays_between,
    require_fixed,
)
from adjoint.transform.sparse.numbers import hessian_coordinates, jacobian_coordinates

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
    try:
        require_fixed(program, primal)
    except AdjointError:
        if kind == "sparse_hessian":
            refuse_arrays_between(primal, derivation.interest)
        raise
    return program
