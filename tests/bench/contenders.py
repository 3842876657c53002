"""The same formula in adjoint, SymPy and CasADi: from its text to a callable."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.parsing.sympy_parser import parse_expr

import adjoint

HAS_CASADI = importlib.util.find_spec("casadi") is not None

NO_CASADI = "CasADi is not installed (pip install casadi): left out"

#: The text of a formula and its parameters; gives the value and the gradient.
Compile = Callable[[str, Sequence[str]], Callable[..., Any]]


def by_adjoint(formula: str, parameters: Sequence[str]) -> Callable[..., Any]:
    """What adjoint calls: the compiled function behind a derivative object."""
    return adjoint.value_and_grad(formula, wrt=parameters).function


def by_generated_module(formula: str, parameters: Sequence[str]) -> Callable[..., Any]:
    """What a user of a saved module calls: ``f_value_and_grad`` of its text."""
    derivative = adjoint.value_and_grad(formula, wrt=parameters)
    return module_of(derivative.source)["f_value_and_grad"]


def by_sympy(formula: str, parameters: Sequence[str]) -> Callable[..., Any]:
    """SymPy's function of the value and the gradient, with shared subexpressions."""
    symbols, expressions = sympy_gradient(formula, parameters)
    return sympy.lambdify(symbols, expressions, "math", cse=True)


def by_casadi(formula: str, parameters: Sequence[str]) -> Callable[..., Any]:
    """CasADi's function of the value and the gradient, run in its virtual machine."""
    import casadi

    symbols = {name: casadi.SX.sym(name) for name in parameters}
    known = {"pi": math.pi, "arcsin": casadi.arcsin}
    known |= {name: getattr(casadi, name) for name in ("sin", "cos", "tanh")}
    known |= {name: getattr(casadi, name) for name in ("exp", "sqrt")}
    value = eval(formula, known | symbols)  # a formula of our own table
    inputs = list(symbols.values())
    gradient = casadi.gradient(value, casadi.vertcat(*inputs))
    return casadi.Function("f", inputs, [value, gradient])


def sympy_gradient(
    formula: str, parameters: Sequence[str]
) -> tuple[list[sympy.Symbol], list[sympy.Expr]]:
    """The parameters as symbols, and the value and its derivatives as expressions."""
    symbols = {name: sympy.Symbol(name) for name in parameters}
    value = parse_expr(formula, local_dict=symbols | {"arcsin": sympy.asin})
    inputs = list(symbols.values())
    return inputs, [value, *(value.diff(symbol) for symbol in inputs)]


def module_of(source: str) -> dict[str, Any]:
    """The names of a module, from its text."""
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), space)
    return space
