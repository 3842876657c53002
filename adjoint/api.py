"""What a user imports: a function for each kind of derivative."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

from adjoint.derivative_object import Derivative, Parameters, Primal, in_sympy
from adjoint.errors import OptionError
from adjoint.frontend.python.by_use import UnknownRank
from adjoint.frontend.read import is_function_of_file, read
from adjoint.ir.program import Program
from adjoint.kinds.request import kinds_named

if TYPE_CHECKING:
    from adjoint.specialise import PerCall


def derivative(
    source: Primal, kind: str, wrt: Parameters = None, **options: Any
) -> Derivative | PerCall:
    """A derivative of this kind.

    It is one for each call where ``static`` gives names, and one for each combination
    of types where nothing else tells which parameters are arrays. Raises OptionError
    for names that are no parameters.
    """
    static = options.get("static")
    if static is None or isinstance(static, Mapping):
        try:
            return Derivative(source, kind, wrt, **options)
        except UnknownRank as error:
            if not isinstance(source, FunctionType) or options.get("signature"):
                raise
            from adjoint.call_types import CallTypes
            from adjoint.specialise import PerCall

            vectors = not {"jvp", "vjp", "hvp"}.isdisjoint(kinds_named(kind))
            types = CallTypes(source, wrt, static or {}, vectors)
            make = partial(Derivative, source, kind, wrt, **options)
            return PerCall(make, types, "the types of the arguments", error)
    from adjoint.specialise import PerCall, StaticNames

    if isinstance(source, str) and not is_function_of_file(source):
        raise OptionError("signature, static and unroll are for Python functions")
    if isinstance(static, str):
        static = static.replace(",", " ").split()
    split = StaticNames(source, list(static))
    others = {name: value for name, value in options.items() if name != "static"}
    return PerCall(partial(derivative, source, kind, wrt, **others), split, split.why)


def grad(
    source: Primal, wrt: Parameters = None, **options: Any
) -> Derivative | PerCall:
    """The gradient: called with the function's arguments, it returns the derivative.

    ``wrt`` names the parameters of interest (default: every float); one gives the bare
    derivative, several a tuple in their order. Options: ``name``, ``target``, and for
    Python functions ``signature`` (types, ``"x: float, n: int"``), ``static`` (values
    of parameters that decide recursion or unrolled loops, ``{"n": 3}``; or just their
    names, ``("n",)``: each call then has its own values, and each value its own code),
    ``unroll`` (loops over literal ranges of up to so many numbers become straight-line
    code) and ``checkpoint`` ("sqrt", or a number of states: what each long loop may
    save; the rest is computed again); for SymPy's expressions ``args``, the parameters
    in order (default: sorted by name); ``rules``, functions with derivatives of your
    own that the formula, file or expression calls by name (`rule`). Raises
    AdjointError, with the place, for what is not in the language.
    """
    return derivative(source, "grad", wrt, **options)


def value_and_grad(
    source: Primal, wrt: Parameters = None, **options: Any
) -> Derivative | PerCall:
    """The value and the gradient: as `grad`, but returns ``(value, derivative)``."""
    return derivative(source, "value_and_grad", wrt, **options)


def jvp(source: Primal, wrt: Parameters = None, **options: Any) -> Derivative | PerCall:
    """Forward mode: called as ``jvp(*args, *tangents)``, gives ``(value, tangent)``.

    There is one tangent for each parameter of interest, ``x_dot`` for ``x``, of its
    shape; the tangent of the value has the form and the shape of the value. Options as
    for `grad`.
    """
    return derivative(source, "jvp", wrt, **options)


def vjp(source: Primal, wrt: Parameters = None, **options: Any) -> Derivative | PerCall:
    """Reverse mode: called as ``vjp(*args, seed)``, gives ``(value, cotangents)``.

    The seed, ``y_bar``, has the form and the shape of the value; the cotangents are the
    sum over the values of seed times derivative, for each parameter of interest, of its
    shape. Options as for `grad`.
    """
    return derivative(source, "vjp", wrt, **options)


def jacobian(
    source: Primal,
    wrt: Parameters = None,
    *,
    mode: str | None = None,
    sparse: bool = False,
    **options: Any,
) -> Derivative | PerCall:
    """The derivative of each value: the form of the value, then that of the parameters.

    That of an array by an array has the axes of the value, then those of the parameter.
    ``mode`` is "forward" (a sweep for each number in the parameters) or "reverse" (a
    sweep for each number in the values). By default it is the one that takes fewer, as
    far as lengths are known beforehand: reverse for a value that is one number, forward
    for arrays of unknown lengths, and forward for several values of a loop, each of
    which reverse mode would compute anew. With ``sparse`` it returns the entries that
    can be other than zero in one flat tuple; ``rows`` and ``cols`` of the object say
    where they stand, counting the values and the parameters in order:
    ``scipy.sparse.coo_array((d(*args), (d.rows, d.cols)))``.
    Of a function that stores arrays element by element they are an array, row by row,
    and ``pattern(*args)`` gives rows and columns (entries of one place are to be added,
    as SciPy does): ``scipy.sparse.coo_array((d(*args), d.pattern(*args)))``. Options as
    for `grad`. Raises AdjointError, with the place, where the sparsity is not known.
    """
    kind = "sparse_jacobian" if sparse else "jacobian"
    return derivative(source, kind, wrt, mode=mode, **options)


def hessian(
    source: Primal, wrt: Parameters = None, *, sparse: bool = False, **options: Any
) -> Derivative | PerCall:
    """The second derivatives, a tuple of rows; each is computed once.

    That of a number by two arrays has the axes of the first, then those of the second;
    there is a sweep over the gradient for each number in the parameters. With
    ``sparse`` a flat tuple, as for `jacobian`. Options as for `grad`.
    """
    kind = "sparse_hessian" if sparse else "hessian"
    return derivative(source, kind, wrt, **options)


def hvp(source: Primal, wrt: Parameters = None, **options: Any) -> Derivative | PerCall:
    """The Hessian times vectors: called as ``hvp(*args, *vectors)``.

    There is one vector for each parameter of interest, ``x_dot`` for ``x``, of its
    shape. It costs a small multiple of the gradient, however many parameters there are.
    Options as for `grad`.
    """
    return derivative(source, "hvp", wrt, **options)


def to_sympy(
    source: Primal | Program,
    symbols: Mapping[str, Any] | None = None,
    *,
    cse: bool = False,
    **options: Any,
) -> Any:
    """A function without loops as an expression of SymPy; several results as a tuple.

    ``symbols`` gives expressions to stand for parameters, by name (default: the symbols
    that the function was made from, else symbols of these names). With ``cse`` the
    result is ``(replacements, expression)`` as `sympy.cse` gives it, in which what is
    used more than once has a name. Branches become ``Piecewise``, short decimals
    fractions. ``options`` as for `grad`. Raises AdjointError for what SymPy has no
    expression for.
    """
    program = source if isinstance(source, Program) else read(source, **options)
    return in_sympy(program, symbols, cse)
