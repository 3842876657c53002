"""SymPy expressions: one, a list of them, or a matrix, to a `Program`.

The graph of the expression becomes a graph of our own syntax, in which shared subtrees
stand once; sums and products are grouped so that more is shared; then it is lowered.
All of it is linear in the size of the graph, and nothing recurs on its depth. Nothing
of the expression is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy

from adjoint.errors import OptionError, Source
from adjoint.frontend.symbolic.grouping import grouped
from adjoint.frontend.symbolic.lower import GraphLowering
from adjoint.frontend.symbolic.names import parameter_names
from adjoint.frontend.symbolic.text import formula_text
from adjoint.frontend.symbolic.translate import Translation
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program
from adjoint.ir.types import FLOAT
from adjoint.rules.operation import Operation
from adjoint.rules.table import FUNCTIONS

#: What holds several expressions.
_SEVERAL = (list, tuple, sympy.Tuple, sympy.MatrixBase, sympy.NDimArray)


def is_symbolic(source: Any) -> bool:
    """Whether it is an expression of SymPy, a matrix, or a list that holds one."""
    if isinstance(source, (sympy.MatrixBase, sympy.NDimArray)):
        return True
    return any(isinstance(one, sympy.Basic) for one in flat(source))


@collection_paused()
def read_symbolic(
    source: Any,
    name: str | None = None,
    args: Any = None,
    wrt: Any = None,
    functions: Mapping[str, Operation] | None = None,
) -> Program:
    """The program of a SymPy expression, of a (nested) list of them, or of a matrix.

    A list is a tuple of results, a matrix a tuple of rows, and a row or a column of a
    matrix a tuple of its elements (as `sympy.Matrix.jacobian` sees it). ``args`` orders
    the parameters (symbols, or what stands for one, such as ``q(t)``); by default they
    are sorted by name, x2 before x10, and symbols of ``wrt`` that do not occur in the
    expression are parameters too. ``Program.symbols`` says what each parameter stands
    for; ``functions`` are the user's own, by name. Raises SourceError, showing the
    subexpression, for what cannot be computed; OptionError for ``args`` that do not
    fit.
    """
    if isinstance(source, sympy.Lambda):
        args = source.signature if args is None else args
        source = source.expr
    expressions = [_expression(one) for one in flat(source)]
    if not expressions:
        raise OptionError("a SymPy expression is expected, not an empty list")
    symbols = [one for one in flat(wrt) if isinstance(one, sympy.Basic)]
    translation = Translation(set(symbols) if symbols else None, functions or {})
    nodes = [translation.node(expression) for expression in expressions]
    grouped(nodes)
    if isinstance(args, str):
        args = args.replace(",", " ").split()
    given = None if args is None else flat(args)
    names = parameter_names(list(translation.leaves), given, symbols)
    name = name or "f"
    text = formula_text(name, names, source, expressions, translation.size)
    builder = Builder(Source(text, "SymPy expression"))
    values = {leaf: builder.parameter(own, FLOAT) for leaf, own in names.items()}
    by_node = {node: values[leaf] for leaf, node in translation.leaves.items()}
    lowering = GraphLowering(builder, by_node, len(translation.graph))
    lowering.functions = FUNCTIONS | dict(functions or {})
    program = builder.finish(name, *(lowering.value(node) for node in nodes))
    form = _form(source)
    return replace(
        program,
        symbols=tuple((own, leaf) for leaf, own in names.items()),
        form=form,
        written="" if form is None else text,
    )


def flat(source: Any) -> list[Any]:
    """The elements of nested lists, tuples and matrices; a single thing by itself."""
    if not isinstance(source, _SEVERAL):
        return [] if source is None else [source]
    elements = source.flat() if isinstance(source, sympy.MatrixBase) else source
    return [element for one in elements for element in flat(one)]


def _form(source: Any) -> Form:
    if not isinstance(source, _SEVERAL):
        return None
    if isinstance(source, sympy.MatrixBase):
        rows, columns = source.shape
        if 1 in (rows, columns):
            return (None,) * max(rows, columns)
        return ((None,) * columns,) * rows
    return tuple(map(_form, source))


def _expression(one: Any) -> sympy.Basic:
    """An element of what was given; numbers of Python may stand beside expressions."""
    if isinstance(one, sympy.Basic):
        return one
    if isinstance(one, (bool, int, float)):
        return sympy.true if one is True else sympy.Number(one)
    raise OptionError(f"a SymPy expression is expected, not {type(one).__name__}")
