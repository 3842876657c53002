"""The table of operations. To add an operation, add its entry here and nothing else.

At kinks the partials follow one principle, the subgradient of minimum norm:
abs'(0) = 0, relu'(0) = 0, hypot'(0, 0) = (0, 0); min and max share a tie equally.
(JAX has abs'(0) = 1; TensorFlow gives the whole of a tie to the first operand.)

Partials are written for accuracy as well as for speed: where the shorter formula
cancels (1 - tanh(a)**2 for large a) or overflows (a*a + b*b), the longer one stands.
"""

from __future__ import annotations

import math
from operator import attrgetter

from adjoint.rules.operation import Definition, Operation


def _entry(signature: str, python: str, *partials: str, **more: object) -> Operation:
    """One entry; what `math` has, NumPy has by the same name if no other is given."""
    more.setdefault("numpy", python.replace("math.", "numpy."))
    name, *operands = signature.split()
    return Operation(name, tuple(operands), partials, python, **more)  # type: ignore[arg-type]


def _written(signature: str, formula: str, *partials: str, **more: object) -> Operation:
    """An operation that is written out as a formula, and has a rule of its own."""
    return _entry(signature, "", *partials, written=formula, exact=formula, **more)


_NEVER = {"raises": False}
_EXACT = {"raises": False, "ieee": True, "result": "operands"}
_TRUTH = {"raises": False, "ieee": True, "result": "bool"}
_STEP = {"result": "int", "ieee": True}

# where both sides are computed, what stands in for a raises no alarm
_POWER_OF_ARRAYS = (
    "b*(a if a != 0 or b != 0 else 1)**(b - 1)",
    "y*log(a if a > 0 else 1 if a == 0 else nan)",
)

_ENTRIES = (
    # arithmetic
    _entry("add a b", "a + b", "1", "1", commutative=True, **_EXACT),
    _entry("sub a b", "a - b", "1", "-1", **_EXACT),
    _entry("mul a b", "a * b", "b", "a", commutative=True, **_EXACT),
    _entry("div a b", "a / b", "1/b", "-y/b", ieee=True, domain="b=0.5:4"),
    _entry("neg a", "-a", "-1", **_EXACT),
    _entry("square a", "a * a", "2*a", **_EXACT),
    _entry(
        # x ** y of two variables; where the exponent is a constant, see `power`
        "pow a b",
        "a ** b",
        "b*a**(b - 1) if a != 0 or b != 0 else 0",
        "y*log(a) if a > 0 else 0 if a == 0 else undefined(a, b)",
        on_arrays=_POWER_OF_ARRAYS,
        javascript="helper.power",
        domain="a=0.1:4",
    ),
    _entry(
        "power a b",
        "a ** b",
        # the branches are taken when it is written; no 0/0 where there is a root of 0
        "0 if b == 0 else 0.5/y if b == 0.5 else y/a*b if b < 1 else b*a**(b - 1)",
        "y*log(a) if a > 0 else 0 if a == 0 else undefined(a, b)",
        on_arrays=(
            # the slope of a root of 0 is infinite, which y/a is not
            "0 if b == 0 else 0.5/y if b == 0.5 else y/a*b if b < 0 else b*a**(b - 1)",
            _POWER_OF_ARRAYS[1],
        ),
        javascript="helper.power",
        exact="a**b",
        domain="a=0.1:4",
    ),
    _entry(
        # math.pow raises where ** does not, and the other way round
        "math_pow a b",
        "math.pow",
        "b*a**(b - 1) if a != 0 or b != 0 else 0",
        "y*log(a) if a > 0 else 0 if a == 0 else undefined(a, b)",
        on_arrays=_POWER_OF_ARRAYS,
        numpy="numpy.power",
        javascript="helper.power",
        exact="a**b",
        domain="a=0.1:4",
    ),
    _entry(
        "mod a b",
        "a % b",
        "1",
        "-(a // b)",
        javascript="helper.mod",
        exact="a - b*floor(a/b)",
        result="operands",
        ieee=True,
        domain="b=0.5:4",
    ),
    _entry(
        "floordiv a b",
        "a // b",
        "0",
        "0",
        javascript="helper.floordiv",
        exact="floor(a/b)",
        result="operands",
        ieee=True,
        domain="b=0.5:4",
    ),
    # exponentials and logarithms
    _entry("exp a", "math.exp", "y"),
    _entry("exp2 a", "math.exp2", "y*log(2)", javascript="2 ** a", exact="2**a"),
    _entry("expm1 a", "math.expm1", "exp(a)", exact="exp(a) - 1"),
    _entry("log a", "math.log", "1/a", aliases=("ln",), domain="a=0.1:4"),
    _entry(
        "log2 a", "math.log2", "1/log(2)/a", exact="log(a)/log(2)", domain="a=0.1:4"
    ),
    _entry(
        "log10 a", "math.log10", "1/log(10)/a", exact="log(a)/log(10)", domain="a=0.1:4"
    ),
    _entry("log1p a", "math.log1p", "1/(1 + a)", exact="log(1 + a)", domain="a=-0.9:4"),
    _entry("sqrt a", "math.sqrt", "0.5/y", domain="a=0.1:4"),
    _entry(
        "cbrt a",
        "math.cbrt",
        "1/(3*(y*y))",
        exact="a**(1/3) if a >= 0 else -(-a)**(1/3)",
        **_NEVER,
    ),
    # trigonometry
    _entry("sin a", "math.sin", "cos(a)"),
    _entry("cos a", "math.cos", "-sin(a)"),
    _entry("tan a", "math.tan", "1 + y*y", domain="a=-1.5:1.5"),
    _entry(
        "asin a",
        "math.asin",
        "1/sqrt(one_minus_square(a))",
        numpy="numpy.arcsin",
        aliases=("arcsin",),
        domain="a=-1:1",
    ),
    _entry(
        "acos a",
        "math.acos",
        "-1/sqrt(one_minus_square(a))",
        numpy="numpy.arccos",
        aliases=("arccos",),
        domain="a=-1:1",
    ),
    _entry(
        "atan a",
        "math.atan",
        "1/(1 + a*a)",
        numpy="numpy.arctan",
        aliases=("arctan",),
        **_NEVER,
    ),
    _entry(
        "atan2 a b",
        "math.atan2",
        "b/radius(a, b)/radius(a, b)",
        "-a/radius(a, b)/radius(a, b)",
        numpy="numpy.arctan2",
        aliases=("arctan2",),
        **_NEVER,
    ),
    _entry("sinh a", "math.sinh", "cosh(a)"),
    _entry("cosh a", "math.cosh", "sinh(a)"),
    _entry("tanh a", "math.tanh", "sech2(a)", **_NEVER),
    _entry(
        "asinh a",
        "math.asinh",
        "1/radius(1, a)",
        numpy="numpy.arcsinh",
        aliases=("arcsinh",),
        **_NEVER,
    ),
    _entry(
        "acosh a",
        "math.acosh",
        "1/sinh_acosh(a)",
        numpy="numpy.arccosh",
        aliases=("arccosh",),
        domain="a=1:4",
    ),
    _entry(
        "atanh a",
        "math.atanh",
        "1/one_minus_square(a)",
        numpy="numpy.arctanh",
        aliases=("arctanh",),
        domain="a=-1:1",
    ),
    _entry(
        "hypot *a",
        "math.hypot",
        "a/y if y != 0 else 0",
        on_arrays=("a/(y if y != 0 else inf)",),  # no quotient of zeros
        **_NEVER,
    ),
    _entry(
        "degrees a",
        "math.degrees",
        "180/pi",
        javascript="a * (180 / Math.PI)",
        exact="a*180/pi",
        aliases=("rad2deg",),
        **_NEVER,
    ),
    _entry(
        "radians a",
        "math.radians",
        "pi/180",
        javascript="a * (Math.PI / 180)",
        exact="a*pi/180",
        aliases=("deg2rad",),
        **_NEVER,
    ),
    # special functions
    _entry(
        "erf a",
        "math.erf",
        "2/sqrt(pi)*exp(-(a*a))",
        numpy="helper.erf",
        javascript="helper.erf",
        **_NEVER,
    ),
    _entry(
        "erfc a",
        "math.erfc",
        "-2/sqrt(pi)*exp(-(a*a))",
        numpy="helper.erfc",
        javascript="helper.erfc",
        **_NEVER,
    ),
    _entry(
        "gamma a",
        "math.gamma",
        "y*digamma(a)",
        numpy="helper.gamma",
        javascript="helper.gamma",
        domain="a=0.1:4",
    ),
    _entry(
        "lgamma a",
        "math.lgamma",
        "digamma(a)",
        numpy="helper.lgamma",
        javascript="helper.lgamma",
        aliases=("loggamma",),
        domain="a=0.1:4",
    ),
    _entry(
        "digamma a",
        "helper.digamma",
        "polygamma(1, a)",
        aliases=("psi",),
        domain="a=0.1:4",
    ),
    _entry(
        # the n-th derivative of digamma; n is a whole number, written as a constant
        "polygamma n a",
        "helper.polygamma",
        "0",
        "polygamma(n + 1, a)",
        domain="n=1:1 a=0.1:4",
    ),
    _entry(
        "sigmoid a",
        "helper.sigmoid",
        "y*sigmoid(-a)",
        exact="1/(1 + exp(-a))",
        aliases=("expit", "logistic"),
        **_NEVER,
    ),
    _entry(
        "softplus a", "helper.softplus", "sigmoid(a)", exact="log(1 + exp(a))", **_NEVER
    ),
    _entry(
        "logaddexp a b",
        "helper.logaddexp",
        "sigmoid(a - b)",
        "sigmoid(b - a)",
        numpy="numpy.logaddexp",
        javascript="helper.logaddexp",
        exact="log(exp(a) + exp(b))",
        commutative=True,
        **_NEVER,
    ),
    # kinks and steps
    _entry(
        "abs a",
        "abs",
        "1 if a > 0 else -1 if a < 0 else 0",
        on_arrays=("sign(a)",),
        numpy="numpy.abs",
        javascript="Math.abs",
        aliases=("fabs", "absolute", "Abs"),
        **_EXACT,
    ),
    _entry(
        "relu a",
        "helper.relu",
        "1 if a > 0 else 0",
        javascript="Math.max(a, 0)",
        exact="max(a, 0)",
        **_NEVER,
    ),
    _entry(
        "min *a",
        "min",
        "1/ties if a == y else 0",
        numpy="numpy.minimum",
        javascript="helper.minimum",
        pair="1 if a < b else 0.5 if a == b else 0",
        aliases=("Min", "minimum"),
        **_EXACT,
    ),
    _entry(
        "max *a",
        "max",
        "1/ties if a == y else 0",
        numpy="numpy.maximum",
        javascript="helper.maximum",
        pair="1 if a > b else 0.5 if a == b else 0",
        aliases=("Max", "maximum"),
        **_EXACT,
    ),
    _entry(
        "copysign a b",
        "math.copysign",
        "sign(a)*copysign(1, b)",
        "0",
        javascript="helper.copysign",
        exact="abs(a) if b >= 0 else -abs(a)",
        **_NEVER,
    ),
    _entry(
        "sign a",
        "helper.sign",
        "0",
        numpy="numpy.sign",
        javascript="Math.sign",
        aliases=("sgn",),
        **_NEVER,
    ),
    _entry("floor a", "math.floor", "0", **_STEP),
    _entry("ceil a", "math.ceil", "0", aliases=("ceiling",), **_STEP),
    _entry(
        "isqrt a",
        "math.isqrt",
        "0",
        numpy="helper.isqrt",
        javascript="Math.floor(Math.sqrt(a))",
        exact="floor(sqrt(a))",
        **_STEP,
    ),
    _entry(
        "factorial a",
        "math.factorial",
        "0",
        numpy="helper.factorial",
        javascript="helper.factorial",
        domain="a=0:20",
        result="int",
    ),
    _entry(
        "comb a b",
        "math.comb",
        "0",
        "0",
        numpy="helper.comb",
        javascript="helper.comb",
        domain="a=0:20 b=0:20",
        result="int",
    ),
    _entry(
        "gcd a b",
        "math.gcd",
        "0",
        "0",
        numpy="helper.gcd",
        javascript="helper.gcd",
        result="int",
        **_NEVER,
    ),
    _entry(
        "trunc a", "math.trunc", "0", exact="floor(a) if a >= 0 else ceil(a)", **_STEP
    ),
    _entry(
        "round a",
        "round",
        "0",
        numpy="numpy.rint",
        javascript="helper.round",
        exact="floor(a + 1/2)",
        **_STEP,
    ),
    _entry(
        "round_to a n",
        "round",
        "0",
        "0",
        numpy="numpy.round",
        javascript="helper.round_to",
        exact="round(a*10**n)/10**n",
        domain="n=2:2",
    ),
    _entry(
        "fmod a b",
        "math.fmod",
        "1",
        "(y - a)/b",
        javascript="a % b",
        exact="a - b*trunc(a/b)",
        domain="b=0.5:4",
    ),
    _entry(
        "remainder a b",
        "math.remainder",
        "1",
        "(y - a)/b",
        numpy="helper.remainder",
        javascript="helper.remainder",
        exact="a - b*round(a/b)",
        domain="b=0.5:4",
    ),
    # whole numbers
    _entry(
        "float a",
        "float",
        "1",
        numpy="numpy.float64",
        javascript="Number",
        exact="a",
        ieee=True,
    ),
    _entry(
        "lshift a b",
        "a << b",
        "0",
        "0",
        javascript="a * 2 ** b",
        exact="a*2**b",
        result="int",
    ),
    _entry(
        "rshift a b",
        "a >> b",
        "0",
        "0",
        javascript="Math.floor(a / 2 ** b)",
        exact="floor(a/2**b)",
        result="int",
    ),
    _entry(
        "bitand a b",
        "a & b",
        "0",
        "0",
        javascript="helper.bitand",
        result="int",
        commutative=True,
        **_NEVER,
    ),
    _entry(
        "bitor a b",
        "a | b",
        "0",
        "0",
        javascript="helper.bitor",
        result="int",
        commutative=True,
        **_NEVER,
    ),
    _entry(
        "bitxor a b",
        "a ^ b",
        "0",
        "0",
        javascript="helper.bitxor",
        result="int",
        commutative=True,
        **_NEVER,
    ),
    # truth values
    _entry("lt a b", "a < b", "0", "0", **_TRUTH),
    _entry("le a b", "a <= b", "0", "0", **_TRUTH),
    _entry("gt a b", "a > b", "0", "0", **_TRUTH),
    _entry("ge a b", "a >= b", "0", "0", **_TRUTH),
    _entry("eq a b", "a == b", "0", "0", commutative=True, **_TRUTH),
    _entry("ne a b", "a != b", "0", "0", commutative=True, **_TRUTH),
    _entry(
        "and a b", "a and b", "0", "0", numpy="a & b", javascript="a && b", **_TRUTH
    ),
    _entry("or a b", "a or b", "0", "0", numpy="a | b", javascript="a || b", **_TRUTH),
    _entry("not a", "not a", "0", numpy="numpy.logical_not", javascript="!a", **_TRUTH),
)

_CALLED_AND_WRITTEN_OUT = (
    # 1/tan has a second derivative that cancels where tan is infinite
    _written("cot a", "1/tan(a)", "-(1 + y*y)", aliases=("cotan",), domain="a=0.1:3"),
)

_WRITTEN_OUT = (
    _written(
        # 1/cosh(a)**2, but without overflow; from 400 on it is 0 in floats. 1 - y*y
        # cancels: it is wrong by 120 ulp at |a| = 3, by all of it at 19, and no faster
        "sech2 a",
        "4*exp(-2*abs(a))/(1 + exp(-2*abs(a)))**2",
        "-2*tanh(a)*y",
        written_on_arrays="(1/cosh(min(abs(a), 400)))**2",
        **_NEVER,
    ),
    # nan, and so is whatever is derived of it: a literal nan would have derivative 0
    _written("undefined a b", "nan", "undefined(a, b)", "undefined(a, b)", **_NEVER),
    # hypot where it is not 0
    _written("radius a b", "hypot(a, b)", "a/y", "b/y", **_NEVER),
    _written("one_minus_square a", "(1 - a)*(1 + a)", "-2*a", **_NEVER),
    _written("sinh_acosh a", "sqrt(a - 1)*sqrt(a + 1)", "a/y"),
)

_DEFINITIONS = (
    Definition("sec", ("a",), "1/cos(a)"),
    Definition("csc", ("a",), "1/sin(a)", aliases=("cosec",)),
    Definition("sech", ("a",), "1/cosh(a)"),
    Definition("csch", ("a",), "1/sinh(a)"),
    Definition("coth", ("a",), "1/tanh(a)"),
    Definition("log", ("a", "b"), "log(a)/log(b)"),
    Definition("round", ("a", "n"), "round_to(a, n)"),
    Definition("pow", ("a", "b"), "a**b", aliases=("power",)),
    Definition("Mod", ("a", "b"), "a % b"),
    Definition("where", ("c", "a", "b"), "a if c else b"),
)

#: Constants that are known by their names; with ``math.`` before them, two more are.
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
MATH_CONSTANTS = CONSTANTS | {"inf": math.inf, "nan": math.nan}

OPERATIONS: dict[str, Operation] = {entry.name: entry for entry in _ENTRIES}

#: The operations that are written out when all derivatives have been taken.
WRITTEN_OUT: dict[str, Operation] = {
    entry.name: entry for entry in (*_CALLED_AND_WRITTEN_OUT, *_WRITTEN_OUT)
}

#: Every operation that is called by a name in a formula, under each of its names.
FUNCTIONS: dict[str, Operation] = {
    name: entry
    for entry in (*filter(attrgetter("called"), _ENTRIES), *_CALLED_AND_WRITTEN_OUT)
    for name in (entry.name, *entry.aliases)
}

#: Those that are of whole numbers alone.
OF_WHOLE_NUMBERS = frozenset(("isqrt", "factorial", "comb", "gcd"))

#: Those that a formula may call: its parameters are floats.
FORMULA_FUNCTIONS = {
    name: entry for name, entry in FUNCTIONS.items() if name not in OF_WHOLE_NUMBERS
}

#: What the formulas of the table may call.
RULE_FUNCTIONS = FUNCTIONS | WRITTEN_OUT

#: The functions that are written out where they are used, by name and operand count.
DEFINITIONS: dict[tuple[str, int], Definition] = {
    (name, len(entry.operands)): entry
    for entry in _DEFINITIONS
    for name in (entry.name, *entry.aliases)
}

FUNCTION_NAMES = frozenset(FUNCTIONS) | {name for name, _ in DEFINITIONS}
