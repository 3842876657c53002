"""Sparse Jacobians and Hessians of functions of arrays, and where their entries stand.

Both are by rows (`sparse.element_rows`); the Hessian has those of the gradient, in
which loops that save are written as loops that compute again: what an entry depends on
is then in the iteration itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import AdjointError
from adjoint.ir.builder import Builder
from adjoint.ir.program import BACKWARD, FOR, Block, Op, Program, Value, walk
from adjoint.transform.activity import varied_values
from adjoint.transform.derivation import Derivation
from adjoint.transform.sparse.element_rows import STORES, ElementRows
from adjoint.transform.sparse.stores_behind import stores_behind_branches

#: A program, and the values in it that are asked for.
Found = tuple[Program, list[Value]]


def element_jacobian(derivation: Derivation, columns: bool = False) -> Found:
    """The entries of the Jacobian, or their rows and columns.

    Raises AdjointError where they cannot be found element by element.
    """
    return _rows(derivation, derivation.primal, columns)


def element_hessian(derivation: Derivation, columns: bool = False) -> Found:
    """The entries of the Hessian of the one value, or their rows and columns."""
    primal = derivation.primal
    again = replace(primal, body=_computing_again(primal.body))
    first = Derivation(again, [str(p.name) for p in derivation.interest])
    (adjoints,) = first.gradients(again.results)
    form = (None,) * len(adjoints) if len(adjoints) > 1 else None
    program = first.finish(primal.name, form, adjoints, False)
    try:
        return _rows(derivation, program, columns)
    except AdjointError:
        refuse_arrays_between(primal, derivation.interest)
        raise


def refuse_arrays_between(primal: Program, interest: Sequence[Value]) -> None:
    """Raise AdjointError where there is an array between parameters and value.

    Its adjoint is an array as well, and the reason why the Hessian is not sparse by
    elements; what the sweeps say of it would be said of nothing that the user wrote.
    """
    varied = varied_values(primal, interest)
    for op in walk(primal.body):
        arrays = [value for value in op.results if value.type.rank and value in varied]
        if arrays and not op.blocks and op.where >= 0:
            name = f"`{arrays[0].name}`" if arrays[0].name else "an array"
            raise primal.source.error(
                op.where,
                op.where + 1,
                f"the Hessian of {primal.name} is not sparse by elements: {name} stands"
                " between the parameters and the value",
                "compute what is summed from elements of the parameters, in one loop;"
                " without sparse=True it can be had",
            )


def require_fixed(program: Program, of: Program) -> None:
    """Raise AdjointError where the places of the entries depend on floats."""
    floats = {p for p in program.parameters if p.type.real}
    for op in walk(program.body):
        name = op.operation.name
        reads = name == "index" or not all(value.type.rank for value in op.operands)
        if reads and not floats.isdisjoint(op.operands):
            message = f"which entries the derivative of {of.name} has depends on this"
            hint = "without sparse=True it can be had"
            if op.where < 0:
                raise AdjointError(f"{message} number; {hint}")
            raise of.source.error(op.where, op.where + 1, message, hint)


def _rows(derivation: Derivation, program: Program, columns: bool) -> Found:
    names = ("cols" if columns else "values"), "row"
    free = derivation.free_name(names[0]), derivation.free_name(names[1])
    program = stores_behind_branches(program)
    return ElementRows(program, derivation.interest, free, columns).entries()


def _computing_again(block: Block) -> Block:
    """The block in which every counted loop computes again what its reverse reads."""
    return Block([*map(_again, block.ops)], block.results, block.parameters)


def _again(op: Op) -> Op:
    if not op.blocks:
        return op
    copy = op.copied(op.operands, tuple(map(_computing_again, op.blocks)))
    if op.operation is FOR:
        copy.recompute = True
    return copy


def loops_in_order(program: Program) -> Program:
    """The program with reverse loops forwards where that makes no difference.

    In those of a Hessian that is nothing but the order of the entries.
    """
    body = program.body
    return replace(program, body=Block([*map(_in_order, body.ops)], body.results))


def _in_order(op: Op) -> Op:
    if not op.blocks:
        return op
    blocks = [
        Block([*map(_in_order, block.ops)], block.results, block.parameters)
        for block in op.blocks
    ]
    inside = {one.operation.name for one in walk(op.blocks[-1])}
    carries_rows = all(value.type.rank == 2 for value in op.results)
    ordered = op.pops or not carries_rows or {"set_row", *STORES} & inside
    if op.operation is not BACKWARD or ordered:
        return op.copied(op.operands, tuple(blocks))
    (body,) = blocks
    body.results += (Builder().constant(False),)
    copy = Op(FOR, op.operands, op.where, (body,))
    copy.results, copy.sweep = op.results, op.sweep
    return copy
