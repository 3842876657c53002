"""Functions as users write them: the value bit for bit, the gradient by the oracle.

Each is run as generated text beside the function itself; where Python raises, the same
exception is raised.
"""

from colorsys import hls_to_rgb, rgb_to_yiq

import pytest

import adjoint
from adjoint.ir.types import FLOAT
from tests import support_oracle as oracle
from tests.support_functions import define, outcome

HEAD = "import math\nfrom math import *\n"

#: By what they show: the text, and points.
CASES = {
    "nested unpack": (
        """
def f(x,y):
    (a,(b,c)),d = (x,(y,x*y)),2
    a,(b,c) = b,(c,a)
    return a*b+c*d
""",
        [(1.5, 2.5)],
    ),
    "chained": (
        """
def f(x):
    a = b = c = x*x
    a += 1
    b -= a
    return a*b*c
""",
        [(1.5,), (2,)],
    ),
    "for else": (
        """
def f(x,n:int):
    for i in range(n):
        x = x*1.5
        if x > 10: break
    else:
        x = x + 100
    return x + i if n else x
""",
        [(1.5, 2), (9.0, 4), (1.5, 0)],
    ),
    "early return nested": (
        """
def f(x,n:int):
    s = 0.0
    for i in range(n):
        for j in range(i):
            s += x*j
            if s > 5: return s*x
        if s < -5: return -s
    return s + x
""",
        [(1.5, 2), (1.5, 6), (-1.5, 6), (0.1, 3)],
    ),
    "while true": (
        """
def f(x):
    k = 0
    while True:
        x = x*0.5
        k += 1
        if x < 0.1: return x*k
        if k > 20: break
    return x
""",
        [(1.5,), (1000000000.0,), (0.01,)],
    ),
    "closures over loop var": (
        """
def f(x):
    fs = (lambda t: t*x, lambda t, k=3: t**k)
    s = 0.0
    for i in (1,2,3):
        def g(t): return t*i + x
        s += g(x)
    return s + fs[0](x) + fs[1](x)
""",
        [(1.5,)],
    ),
    "defaults": (
        """
def f(x, a=2, *, b=0.5, c=True):
    return x**a*b if c else x
""",
        [(1.5,), (2,)],
    ),
    "int arith": (
        """
def f(x,n:int):
    s = 0.0
    t = (0.1,0.2,0.3)
    for i in range(8):
        s += x*t[(i*7 + 1) % 3]*(i//2) + (i ^ 3) + (i >> 1) - (i & 5) + (i | 2)*x + (~i)
    return s
""",
        [(1.5, 2)],
    ),
    "int arith runtime": (
        """
def f(x,n:int):
    s = 0.0
    for i in range(n):
        q, r = divmod(i*7+1, 3)
        s += x*q*(-i//2) + (i ^ n) + (n >> i) - (i & 5) + (i | 2)*x + (~i) + x % (r+1) + (1 << r)
    return s
""",
        [(1.5, 5), (-1.5, 0)],
    ),
    "divmod float": (
        """
def f(x,y):
    q, r = divmod(x*3, y)
    return q*x + r*r
""",
        [(1.5, 0.7), (-1.5, 0.7)],
    ),
    "sum gen": (
        """
def f(x):
    return sum(x**k/(k+1) for k in range(5)) + sum((x*i for i in (1,2,3) if i != 2), 0.5) + max(x*k for k in range(3)) + prod(x + k for k in (1,2))
""",
        [(1.5,), (-0.5,)],
    ),
    "zero trip": (
        """
def f(x,n:int):
    s = 0
    for i in range(n):
        s += x*x
    return s
""",
        [(1.5, 0), (1.5, 3), (2, 3)],
    ),
    "loop var after": (
        """
def f(x,n:int):
    i = 7
    for i in range(2, n, 3):
        x = x*i
    return x*i
""",
        [(1.5, 0), (1.5, 9)],
    ),
    "loop var undefined": (
        """
def f(x,n:int):
    for i in range(n):
        x = x*1.1
    return x*i
""",
        [(1.5, 0), (1.5, 9)],
    ),
    "overwritten one branch": (
        """
def f(x,y):
    if x > y:
        x = y*y
    z = x*3
    if z > 4: y = z
    return x*y
""",
        [(1.5, 0.5), (0.5, 1.5), (2.5, 1.5)],
    ),
    "first defined in branch": (
        """
def f(x,y):
    if x > y:
        z = x*y
    w = x + y
    return z*w
""",
        [(1.5, 0.5), (0.5, 1.5)],
    ),
    "first defined twice": (
        """
def f(x,y):
    if x > 1:
        z = x*y
    if y > 1:
        z = y*y
    return z
""",
        [(1.5, 0.5), (0.5, 1.5), (0.5, 0.5)],
    ),
    "exceptions": (
        """
def f(x,y):
    if x < 0: raise ValueError('neg')
    a = math.log(x)
    b = 1/(y-1)
    assert b < 5, 'big'
    return a*b
""",
        [(1.5, 0.5), (-1.0, 0.5), (0.0, 1.0), (1.5, 1.0), (1.5, 1.01)],
    ),
    "exc in loop": (
        """
def f(x,n:int):
    for i in range(n):
        x = math.sqrt(x) - 0.3
    return x
""",
        [(1.5, 2), (0.5, 9)],
    ),
    "short circuit": (
        """
def f(x,y):
    if y != 0 and x/y > 1 or x == 3: return x*y
    return x + (y and x/y)
""",
        [(1.5, 0.0), (1.5, 0.5), (3.0, 0.0), (0.5, 2.0)],
    ),
    "cmp chain": (
        """
def f(x,y):
    return x*y if 0 < x < y <= 3 != x else y - x
""",
        [(1.5, 2.0), (1.5, 4.0), (-1.0, 0.5)],
    ),
    "walrus-free lambda": (
        """
h = lambda a, b=2.0: a*b if a > b else b/a
def f(x):
    k = lambda t: h(t) + h(t, 3)
    return k(x)*k(2*x)
""",
        [(1.5,), (2.5,)],
    ),
    "enumerate zip": (
        """
W=(0.1,0.2,0.7)
def f(x,y):
    s = 0
    for i,(w,v) in enumerate(zip(W,(x,y,x*y)), start=1):
        s += i*w*v**i
    return s
""",
        [(1.5, 2.0), (2, 3)],
    ),
    "continue": (
        """
def f(x,n:int):
    s=0.0
    for i in range(n):
        if i % 2: continue
        x *= 1.1
        if x > 3: continue
        s += x*i
    return s
""",
        [(1.5, 6), (2.9, 6)],
    ),
    "round etc": (
        """
def f(x):
    return round(x)*x + int(x)*x + float(3)*x + abs(-x) + floor(x)*x + ceil(x)
""",
        [(1.45,), (-2.55,)],
    ),
    "pow int": (
        """
def f(x, n:int):
    return pow(x, n) + x**-n + 2**n*x + n**2*x + pow(2, x)
""",
        [(1.5, 3), (2, 0)],
    ),
    "while cond on value": (
        """
def f(x):
    y = x
    while abs(y*y - x) > 1e-10:
        y = 0.5*(y + x/y)
    else:
        y = y + 1e-3*x
    return y
""",
        [(2.0,), (9,), (0.25,)],
    ),
    "augmented all": (
        """
def f(x,y):
    x += y; x -= 2; x *= y; x /= 3; x **= 2
    z = 7
    z //= 2; z %= 2; z <<= 3; z |= 1; z ^= 2; z &= 15; z >>= 1
    x %= 5.0
    return x*z
""",
        [(1.5, 2.5), (5, 2)],
    ),
    "bool ops": (
        """
def f(x,y):
    a = x > 1
    b = not a or y > 2
    return a*x + b*y + (a and b)*x*y + (x or y) + bool(x)
""",
        [(1.5, 2.5), (0.5, 1.0), (0.0, 3.0)],
    ),
    "loop carried tuple": (
        """
def f(x,n:int):
    p = (x, x*x)
    for _ in range(n):
        p = (p[1], p[0]*0.5 + p[1])
    a, b = p
    return a*b
""",
        [(1.5, 3), (1.5, 0)],
    ),
    "return in else": (
        """
def f(x,n:int):
    for i in range(n):
        if x*i > 4: return x*i
    else:
        return -x
""",
        [(1.5, 2), (1.5, 9)],
    ),
    "nested loops break outer": (
        """
def f(x,n:int):
    s=x
    for i in range(n):
        done = False
        for j in range(n):
            s = s + x*j*0.1
            if s > 5:
                done = True
                break
        if done: break
        s = s*1.5
    return s*i
""",
        [(1.5, 3), (3.5, 9)],
    ),
    "decreasing step var": (
        """
def f(x,n:int,k:int):
    s=0.0
    for i in range(n, -n, k):
        s += x**2*i
    return s
""",
        [(1.5, 3, -2), (1.5, 3, 1), (1.5, 3, 0)],
    ),
    "hypot etc": (
        """
def f(x,y):
    return hypot(x,y) + atan2(y,x) + log(x,2) + log(x+1,y) + fabs(x) + copysign(x,-y) + expm1(x) + log1p(y)
""",
        [(1.5, 2.5)],
    ),
    "inf nan": (
        """
def f(x,y):
    m = -inf
    for v in (x,y,x*y):
        if v > m: m = v
    return m*x if isfinite(m) else 0.0
""",
        [(1.5, 2.5)],
    ),
}


@pytest.mark.parametrize(("text", "points"), CASES.values(), ids=CASES)
def test_as_python(text, points):
    compared(define(HEAD + text), points)


def through_a_library(h, light, s):
    r, g, b = hls_to_rgb(h, light, s)
    y, i, q = rgb_to_yiq(r, g, b)
    return y * i - q


def test_functions_of_another_module():
    compared(through_a_library, [(0.1, 0.4, 0.7), (0.45, 0.6, 0.2), (0.9, 0.3, 0.0)])


def compared(function, points):
    derivative = adjoint.value_and_grad(function)
    space = {}
    exec(derivative.source, space)
    primal = derivative.primal
    for point in points:
        expected = outcome(lambda p=point: function(*p))
        assert outcome(lambda p=point: space[primal.name](*p)) == expected
        both = space[derivative.program.name]
        if expected[0] == "raises":
            assert outcome(lambda p=point, f=both: f(*p)) == expected
            continue
        value, gradient = both(*point)
        assert outcome(lambda v=value: v) == expected
        gradient = gradient if isinstance(gradient, tuple) else (gradient,)
        defaults = dict(primal.defaults)
        whole = [*point, *(defaults[n] for n in primal.parameter_names[len(point) :])]
        at = [
            float(number) if parameter.type == FLOAT else number
            for number, parameter in zip(whole, primal.parameters, strict=True)
        ]
        for name, slope in zip(derivative.wrt, gradient, strict=True):
            exact = oracle.derivative(primal, at, name)
            assert slope == pytest.approx(exact, rel=1e-9, abs=1e-12), name


def test_a_sum_of_whole_zero_is_equal_to_pythons():
    function = define(HEAD + CASES["zero trip"][0])
    derivative = adjoint.value_and_grad(function)
    assert function(1.5, 0) == derivative(1.5, 0)[0] == 0
    assert derivative(1.5, 0)[1] == 0.0


def test_a_name_without_a_value_is_pythons_own_error():
    text = CASES["first defined twice"][0]
    derivative = adjoint.value_and_grad(define(text))
    with pytest.raises(UnboundLocalError, match="local variable 'z'"):
        derivative(0.5, 0.5)
