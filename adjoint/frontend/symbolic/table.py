"""What SymPy's functions are called here, and what to say of what has no counterpart.

To read one more function, add its entry: by default a function is what the table of
rules knows under the same name.
"""

from __future__ import annotations

import sympy
from sympy.codegen import cfunctions
from sympy.functions.elementary.hyperbolic import acoth, acsch, asech

#: The functions that are called alike (`adjoint.rules.table`).
_ALIKE = "sin cos tan sec csc cot asin acos atan atan2 sinh cosh tanh sech csch coth"
_ALIKE += " asinh acosh atanh exp log erf erfc gamma loggamma sign floor ceiling Abs"
_ALIKE += " Min Max Mod"
_ALIKE_IN_C = "expm1 log1p exp2 log2 log10 hypot"

#: Each function as a formula in its operands a, b, ...
FORMULAS: dict[type, str] = {
    sympy.acot: "atan(1/a) if a != 0 else pi/2",
    sympy.asec: "acos(1/a)",
    sympy.acsc: "asin(1/a)",
    acoth: "atanh(1/a)",
    asech: "acosh(1/a)",
    acsch: "asinh(1/a)",
    sympy.sinc: "sin(a)/a if a != 0 else 1",
    sympy.frac: "a - floor(a)",
    sympy.Heaviside: "1 if a > 0 else b if a == 0 else 0",
    sympy.factorial: "gamma(a + 1)",
    sympy.beta: "gamma(a)*gamma(b)/gamma(a + b)",
    sympy.erf2: "erf(b) - erf(a)",
    sympy.KroneckerDelta: "1 if a == b else 0",
    sympy.UnevaluatedExpr: "a",
    cfunctions.Sqrt: "sqrt(a)",
    cfunctions.Cbrt: "cbrt(a)",
    cfunctions.fma: "a*b + c",
}

#: The name of each function that is one operation of the table, or a definition.
CALLS: dict[type, str] = {getattr(sympy, name): name for name in _ALIKE.split()}
CALLS |= {getattr(cfunctions, name): name for name in _ALIKE_IN_C.split()}

#: Constants that Python's ``math`` has, by their names there.
NAMED: dict[object, str] = {sympy.pi: "pi", sympy.E: "e", sympy.oo: "inf"}

#: What to do about an expression that cannot be computed, by its class.
HINTS: dict[type, str] = {
    type(sympy.I): "take the real and the imaginary part: expression.as_real_imag()",
    sympy.Integral: "evaluate it with .doit() first, or integrate numerically",
    sympy.Sum: "write it out with .doit() first",
    sympy.Product: "write it out with .doit() first",
    sympy.Limit: "evaluate it with .doit() first",
    sympy.Subs: "evaluate it with .doit() first",
    sympy.Derivative: "evaluate it with .doit() first",
    sympy.MatrixExpr: "write its elements out with .as_explicit() first",
    sympy.DiracDelta: "it is no function of real numbers",
    sympy.re: "declare the symbols real: symbols('x', real=True)",
    sympy.im: "declare the symbols real: symbols('x', real=True)",
    sympy.arg: "declare the symbols real: symbols('x', real=True)",
    sympy.conjugate: "declare the symbols real: symbols('x', real=True)",
}
