"""What SymPy's symbols are called as parameters, and the order they are in."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Sequence

import sympy
from sympy.core.function import AppliedUndef

from adjoint.errors import OptionError, did_you_mean
from adjoint.frontend.symbolic.parts import is_leaf
from adjoint.ir.names import Names


def parameter_names(
    occurring: Sequence[sympy.Basic],
    given: Sequence[object] | None,
    named: Sequence[sympy.Basic],
) -> dict[sympy.Basic, str]:
    """The parameters in order, each with its name, which no other one has.

    ``given`` are the parameters in order, by themselves or by name, if the user says;
    otherwise they are those that are ``occurring`` in the expression or ``named``
    elsewhere, sorted by name. Raises OptionError where one is not given, is given
    twice, or may depend on another one, as q(t) does on t.
    """
    if given is None:
        leaves = dict.fromkeys([*occurring, *filter(is_leaf, named)])
        order = sorted(leaves, key=_by_name)
    else:
        order = [_leaf(one, occurring) for one in given]
        _check_given(order, occurring)
    _check_independent(order)
    names = Names(keyword.kwlist)
    return {leaf: names.take(identifier(leaf)) for leaf in order}


def identifier(leaf: sympy.Basic) -> str:
    r"""An identifier that reads like the symbol.

    >>> x, t = sympy.Symbol(r"\theta_{1}'"), sympy.Symbol("t")
    >>> identifier(x), identifier(sympy.Function("q1")(t).diff(t))
    ('theta_1_prime', 'q1_dot')
    """
    text = unicodedata.normalize("NFKC", _text(leaf))
    if not text.isidentifier():
        text = re.sub(r"\W+", "_", text.replace("'", "_prime "))
        text = re.sub("_+", "_", text).strip("_") or "x"
    if not text.isidentifier():
        text = f"x{text}"
    reserved = keyword.iskeyword(text) or text == "__debug__"
    return f"{text}_" if reserved else text


def _text(leaf: sympy.Basic) -> str:
    if isinstance(leaf, sympy.Derivative):
        inner = _text(leaf.expr)
        if len(leaf.expr.args) > 1:
            return "_".join([inner, *map(str, leaf.variables)])
        count = len(leaf.variables)
        return inner + {1: "_dot", 2: "_ddot"}.get(count, f"_d{count}")
    if isinstance(leaf, AppliedUndef):
        return str(leaf.func)
    if isinstance(leaf, sympy.Symbol):
        return str(leaf.name)
    return "_".join(map(str, leaf.args))  # x[0], A[0, 1]


def _by_name(leaf: sympy.Basic) -> tuple[object, ...]:
    """The key to sort by: x2 before x10; those of one name in the order of SymPy."""
    parts = re.split(r"(\d+)", identifier(leaf))
    numbered = [(int(p), p) if p.isdecimal() else (-1, p) for p in parts]
    return numbered, sympy.default_sort_key(leaf)


def _leaf(one: object, occurring: Sequence[sympy.Basic]) -> sympy.Basic:
    """A parameter as it was given: by itself or by its name."""
    if isinstance(one, sympy.Basic) and is_leaf(one):
        return one
    if not isinstance(one, str):
        raise OptionError(f"a symbol is expected as a parameter, not {one}")
    known: dict[str, sympy.Basic] = {}
    for leaf in occurring:
        known.setdefault(identifier(leaf), leaf)
        known.setdefault(str(leaf), leaf)
    return known.get(one, sympy.Symbol(one))


def _check_given(order: Sequence[sympy.Basic], occurring: Sequence[object]) -> None:
    for at, leaf in enumerate(order):
        if leaf in order[:at]:
            raise OptionError(f"the parameter {str(leaf)!r} is given twice")
    missing = [leaf for leaf in occurring if leaf not in set(order)]
    if missing:
        name = str(missing[0])
        hint = did_you_mean(name, map(str, order)) or "all symbols have to be"
        if name in map(str, order):
            hint = "there is another symbol of this name, with other assumptions"
        raise OptionError(f"{name!r} is in the expression but not in `args`; {hint}")


def _check_independent(order: Sequence[sympy.Basic]) -> None:
    """Refuse x beside f(x): as parameters of their own they would not depend."""
    symbols = {leaf for leaf in order if isinstance(leaf, sympy.Symbol)}
    for leaf in order:
        if isinstance(leaf, AppliedUndef):
            inside = sorted(map(str, leaf.free_symbols & symbols))
            if inside:
                raise OptionError(
                    f"{leaf} depends on {inside[0]}, which is a parameter as well: "
                    f"a derivative by {inside[0]} would leave that out; "
                    f"replace {leaf} by a symbol, or by what it is"
                )
