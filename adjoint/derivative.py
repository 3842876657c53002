"""A derivative of a program, ready to be written: its program and what it is called."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.form import text_of
from adjoint.ir.program import Program, has_arrays
from adjoint.kinds.parts import PARTS
from adjoint.kinds.pattern import SPARSE, pattern_program
from adjoint.kinds.request import Request, kinds_named
from adjoint.target.python import Function
from adjoint.transform.algebra.leading_numbers import with_numbers_first
from adjoint.transform.checkpoint import with_checkpoints
from adjoint.transform.cut_off import with_slopes_cut_off
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.derivation import Derivation
from adjoint.transform.radii import with_known_radii
from adjoint.transform.sinking import with_sunk_operations
from adjoint.transform.sparse.arrays import loops_in_order
from adjoint.transform.writing_out import HELD_FIXED, own_operations, written_out

#: How a Jacobian may be computed.
MODES = ("forward", "reverse")


def primal_function(program: Program) -> Function:
    """The function itself, as it stands in the module beside its derivative."""
    words = PARTS["value"].words(program, ())
    returns = "the value" if program.form is None else text_of(words)
    return Function(
        without_dead_code(written_out(program)), returns, len(program.results)
    )


def derivative_function(
    program: Program,
    kind: str,
    wrt: Sequence[str],
    checkpoint: str | int | None = None,
    mode: str | None = None,
    batches: bool = False,
) -> Function:
    """The derivative of a program: one kind, or several ("value,grad,hessian").

    ``checkpoint`` says how many states its loops may save (`transform.checkpoint`),
    ``mode`` ("forward", "reverse") how a Jacobian is computed. With ``batches`` a
    function of numbers is for many points at once: to run both sides of a branch, where
    nothing raises, is faster there than to ask which points take which. Raises
    OptionError for a kind or a mode that does not exist.
    """
    request = Request(kinds_named(kind))
    if has_arrays(program):
        _require_alone(request.kinds)
        _require_one_shape(program, request.kinds, wrt)
    jacobians = {"jacobian", "sparse_jacobian"}
    if mode is not None and jacobians.isdisjoint(request.kinds):
        raise OptionError("mode is for jacobian alone")
    if mode not in (None, *MODES):
        hint = did_you_mean(str(mode), MODES) or f"{' or '.join(MODES)} is expected"
        raise OptionError(f"there is no mode {mode!r}; {hint}")
    if checkpoint is not None:
        program = with_checkpoints(program, checkpoint)
    program = with_known_radii(program)
    derivation = Derivation(program, wrt, mode)
    form, results = request.outputs(derivation)
    name = "_".join([program.name, *request.kinds])
    with_value = "value" in request.parts
    derivative = derivation.finish(name, form, results, with_value)
    if SPARSE.keys() & {*request.kinds}:
        derivative = loops_in_order(derivative)
    derivative = _without_slopes_cut_off(derivative, program, batches)
    derivative = with_numbers_first(derivative)
    words = text_of(request.words(program, wrt))
    if any(operation.stops for operation in own_operations(program)):
        words += f", {HELD_FIXED}"
    values = len(program.results) if request.parts[0] == "value" else 0
    sweeps = not (derivative.beside and SPARSE.keys() & {*request.kinds})
    whole, again = written_out(derivative), None
    if whole is not derivative:  # a formula need not have all of its operands in it
        again = derivative
        whole = without_dead_code(whole, program.generation, with_value)
    return Function(whole, words, values, sweeps, again)


def _without_slopes_cut_off(
    derivative: Program, primal: Program, batches: bool
) -> Program:
    """The derivative that asks for no infinite slope which a branch cuts off."""
    if batches and not has_arrays(primal):
        return with_slopes_cut_off(derivative, primal)
    sunk = with_sunk_operations(derivative, primal)
    cut_off = with_slopes_cut_off(sunk, primal)
    return sunk if cut_off is sunk else with_sunk_operations(cut_off, primal)


def _require_alone(kinds: Sequence[str]) -> None:
    """Raise OptionError for a sparse derivative of arrays together with others."""
    if SPARSE.keys() & {*kinds} and {*kinds} not in (
        {"sparse_jacobian"},
        {"sparse_hessian"},
        {"value", "sparse_jacobian"},
    ):
        raise OptionError(
            "a sparse derivative of a function of arrays stands alone, or the Jacobian "
            "behind the value"
        )


def _require_one_shape(
    program: Program, kinds: Sequence[str], wrt: Sequence[str]
) -> None:
    """Raise OptionError for a Jacobian of, or by, a list of arrays of any shapes."""
    parameters = [one for one in program.parameters if one.name in wrt]
    lists = [one for one in (*parameters, *program.results) if one.type.of_arrays]
    if lists and not {"jacobian", "hessian", *SPARSE}.isdisjoint(kinds):
        raise OptionError(
            "a list of arrays has no Jacobian or Hessian, since their shapes may "
            "differ; make it one array, or ask for vjp, jvp or hvp"
        )


def pattern_function(
    program: Program, kind: str, wrt: Sequence[str]
) -> Function | None:
    """The function that says where the entries of a sparse derivative stand.

    None for what is not sparse. Raises AdjointError where that depends on floats.
    """
    found = pattern_program(program, kinds_named(kind), wrt)
    if found is None:
        return None
    words = (
        f"the rows and the columns of these entries; the columns are {', '.join(wrt)}"
    )
    return Function(found, words)


def parameters_of_interest(
    program: Program, wrt: str | Iterable[object] | object | None
) -> list[str]:
    """The names to differentiate by, checked; every float parameter by default.

    Raises OptionError for a name that is no float parameter, or stands twice, and for
    a function that has no parameters.
    """
    inside = {
        name: [str(part.name) for part in parts if part.type.real]
        for name, _, parts in program.declared
    }
    known = [name for name, floats in inside.items() if floats]
    if wrt is None:
        if not known:
            raise OptionError(f"{program.name} has no parameters to differentiate by")
        names = known
    else:
        names = _names_asked(program, wrt, known)
    for name, _, parts in program.packed:
        if name in names and len(inside[name]) < len(parts):
            raise OptionError(
                f"{name!r} has whole numbers in it, which have no derivatives; make "
                "them parameters of their own, or say by wrt= what else it is by"
            )
    return [part for name in names for part in inside[name]]


def _names_asked(program: Program, wrt: object, known: Sequence[str]) -> list[str]:
    """The names of ``wrt``, each one of those that are known."""
    names = [_parameter(program, one) for one in _listed(wrt)]
    if not names:
        raise OptionError("no parameter to differentiate by is given")
    floats, seen = set(known), set[str]()
    for name in names:
        if name not in floats:
            hint = did_you_mean(name, known) or f"the parameters are {', '.join(known)}"
            raise OptionError(f"{name!r} is not a parameter of {program.name}; {hint}")
        if name in seen:
            raise OptionError(f"the parameter {name!r} is given twice")
        seen.add(name)
    return names


def _listed(wrt: object) -> Iterable[object]:
    if isinstance(wrt, str):
        return wrt.replace(",", " ").split()
    return wrt if isinstance(wrt, Iterable) else [wrt]


def _parameter(program: Program, one: object) -> str:
    """The name of a parameter that is given by its name, or by its symbol in SymPy."""
    if isinstance(one, str):
        return one
    symbols = {symbol: name for name, symbol in program.symbols}
    return symbols.get(one, str(one))


def named(program: Program, name: str | None) -> Program:
    """The program under another name. Raises OptionError where it cannot be a name."""
    if name is None:
        return program
    if not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        raise OptionError(f"{name!r} cannot be the name of a Python function")
    return replace(program, name=unicodedata.normalize("NFKC", name))
