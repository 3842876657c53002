"""Python functions as programs: what Python computes, bit for bit, from both sources."""

import math
from math import pi as PI

import pytest

import adjoint
from adjoint.frontend.function.read import read_function
from adjoint.ir.printer import print_program
from adjoint.ir.program import FOR, WHILE, walk
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.ir.validate import validate
from tests.support_functions import define, of_program, outcome


def running_max(a, b, c):
    m = a
    for v in (a, b, c):
        if v > m:
            m = v
    t = 0.0
    for v in (a, b, c):
        t += math.exp(v - m)
    return m + math.log(t)


def newton(x, tol=1e-12):
    y = x
    k = 0
    while abs(y * y - x) > tol * x:
        y = 0.5 * (y + x / y)
        k += 1
        if k > 50:
            raise RuntimeError("no convergence")
    return y


def rk4(u, v, a, b, c, d, n: int, h=0.01):
    def rhs(u, v):
        return a * u - b * u * v, c * u * v - d * v

    for _ in range(n):
        k1, l1 = rhs(u, v)
        k2, l2 = rhs(u + h / 2 * k1, v + h / 2 * l1)
        k3, l3 = rhs(u + h / 2 * k2, v + h / 2 * l2)
        k4, l4 = rhs(u + h * k3, v + h * l3)
        u, v = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), v + h / 6 * (
            l1 + 2 * l2 + 2 * l3 + l4
        )
    return u + v


def legendre(x, n):
    if n == 0:
        return 1.0
    if n == 1:
        return x
    return ((2 * n - 1) * x * legendre(x, n - 1) - (n - 1) * legendre(x, n - 2)) / n


def nested(x):
    (a, b), c = (x, 2 * x), 3.0
    d = e = a + b
    d += c
    q, r = divmod(x, 0.7)
    return d * e + q + r + round(x, 2) + pow(x, 3) + int(x)


def bits(x, n):
    s = 0
    for i in range(n):
        if i & 1:
            s += x * (i << 1)
        elif i ^ 3 > 2 and ~i < 0:
            s -= x * (i >> 1) | 0 if False else x
    return s


def endless(x):
    while True:
        x = x * 0.5
        if x < 1:
            return x


def lastindex(x, n):
    for i in range(0, n, 2):
        x += i
    else:
        x *= 2
    return x * i


def kw(x, *, scale=2.0, shift: float = 1):
    return x * scale + shift


def usekw(x):
    return kw(x, shift=3.0) + kw(scale=x, x=1.5)


def static_minor(a, b, c, d, n):
    m = ((a, b), (c, d))

    def det(rows, size):
        if size == 1:
            return rows[0][0]
        return rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]

    return det(m, n)


def tuples(x, n):
    p = (x, 1.0)
    for _ in range(n):
        p = (p[1], p[0] * x)
    return p


def parity(x, n):
    even = True
    for _ in range(n):
        even = not even
    return x if even else -x


def raises_in_arm(x, y):
    if x > 0:
        z = x * y
        raise ValueError("positive")
    else:
        z = y
    return z


def two_arms(x, n):
    for i in range(n):
        if x > i:
            x -= 0.5
            if x > 2:
                break
            continue
        else:
            x *= 3
            if x > 8:
                return -x
            break
    return x


def mutual(x):
    f = lambda t: t * t  # noqa: E731
    g = lambda t: f(t) + x  # noqa: E731
    x = x + 1
    return g(x)


def early(x, n):
    i = 0
    while i < n:
        if x > 100:
            return x
        x = x * 1.5 + 1
        i += 1
    return i


def arith(x, n: int):
    return (
        n**2 * x
        + n**3
        - n // 2
        + n % 3
        + (x > 1)
        + math.floor(x)
        + math.pi
        + PI
        + sum((x, n), 0.5)
        + max(1, x)
        + len((x, x))
    )


def firstinbranch(x, n):
    for i in range(n):
        if i == 0:
            acc = x
        else:
            acc = acc * x + i
    return acc


CASES = [
    (running_max, [(1.0, 2.0, 3.0), (3.0, 1.0, 2.0)]),
    (newton, [(2.0, 1e-12), (9.0, 1e-12), (-1.0, 1e-12)]),
    (rk4, [(1.0, 0.5, 1.0, 0.9, 0.8, 0.7, n, 0.01) for n in (0, 1, 20)]),
    (nested, [(1.234,), (-3.7,)]),
    (bits, [(1.5, 0), (1.5, 9)]),
    (endless, [(50.0,), (0.5,)]),
    (lastindex, [(1.0, 5), (1.0, 1)]),
    (usekw, [(2.0,)]),
    (tuples, [(1.5, 0), (1.5, 5)]),
    (parity, [(1.0, 3), (1.0, 4)]),
    (raises_in_arm, [(1.0, 2.0), (-1.0, 2.0)]),
    (two_arms, [(x * 0.7, n) for x in range(-3, 9) for n in range(5)]),
    (mutual, [(1.5,)]),
    (early, [(1.0, 3), (1.0, 30), (1.0, 0)]),
    (arith, [(1.5, 7)]),
    (firstinbranch, [(1.5, 1), (1.5, 6)]),
]


@pytest.mark.parametrize(("function", "points"), CASES)
def test_as_python(function, points):
    for source in (function, f"{__file__}:{function.__name__}"):
        program = read_function(source)
        validate(program)
        for point in points:
            expected = outcome(lambda p=point: function(*p))
            assert of_program(program, point) == expected


@pytest.mark.parametrize(
    ("function", "static", "point", "all_arguments"),
    [
        (legendre, {"n": 6}, (0.3,), (0.3, 6)),
        (legendre, {"n": 0}, (0.3,), (0.3, 0)),
        (static_minor, {"n": 2}, (1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0, 2)),
        (bits, {"n": 5}, (1.5,), (1.5, 5)),
    ],
)
def test_static_parameters(function, static, point, all_arguments):
    program = read_function(function, static=static)
    assert not any(op.operation in (FOR, WHILE) for op in walk(program.body))
    assert len(program.parameters) == len(point)
    assert of_program(program, point) == outcome(lambda: function(*all_arguments))


def test_a_tuple_can_be_static():
    program = read_function(_mean, static={"data": (1.0, 2.0, 4.5)})
    assert of_program(program, [2.0]) == (repr(3.75),)


def _mean(mu, data):
    total = 0.0
    for value in data:
        total += value
    return total / len(data) * mu - mu * 0.625


def test_deep_static_recursion():
    program = read_function(_power, static={"n": 150})
    assert of_program(program, [1.01]) == outcome(lambda: _power(1.01, 150))


def _power(x, n):
    return 1.0 if n == 0 else x * _power(x, n - 1)


def test_types_of_parameters():
    def f(a, b: int, c: bool, d, e=True, g=2):
        total = a if c else 0.0
        for i in range(b, 2 * d + 1):
            total += i
        return total if e else g

    program = read_function(f)
    assert [p.type for p in program.parameters] == [FLOAT, INT, BOOL, INT, BOOL, FLOAT]
    assert program.defaults == (("e", True), ("g", 2))
    program = read_function(f, signature="a: int, g: int")
    assert [p.type for p in program.parameters] == [INT, INT, BOOL, INT, BOOL, INT]


def test_closures_and_their_constants():
    scale = 2.5

    def inner(t, by=scale):
        return by * t

    def outer(x):
        def own(y):
            return inner(y) * x + scale

        x = x + 1.0
        return own(3.0)

    program = read_function(outer)
    assert of_program(program, [1.5]) == outcome(lambda: outer(1.5))
    assert program.constants == (("scale", 2.5),)


def test_lambdas():
    first, second = (lambda x: x + 1.0), (lambda x: x * 3.0)
    assert of_program(read_function(first), [1.5]) == ("2.5",)
    assert of_program(read_function(second), [1.5]) == ("4.5",)


def test_unrolling():
    def f(x):
        for i in range(20):
            x = x * 0.5 + i
        return x

    def loops(program):
        return [op for op in walk(program.body) if op.operation is FOR]

    assert len(loops(read_function(f))) == 1
    assert len(loops(read_function(f, unroll=19))) == 1
    for unroll in (True, 20):
        program = read_function(f, unroll=unroll)
        assert not loops(program)
        assert of_program(program, [1.5]) == outcome(lambda: f(1.5))


def test_an_unrolled_loop_may_be_left_late():
    text = """def f(x):
    for i in range(60):
        x = x * 1.5 + 1.0
        if x > 50.0:
            break
    else:
        x = -x
    return x + i
"""
    f = define(text)
    program = read_function(f, unroll=True)
    for x in (1.0, 1e-9, -2.0, -5.0, 60.0):
        assert of_program(program, [x]) == outcome(lambda x=x: f(x))


def test_early_exits_are_structural():
    program = read_function(_sides)
    assert print_program(program) == [
        "t1 = x < 0.0",
        "y = if t1:",
        "    t2 = -x",
        "    yield t2",
        "else:",
        "    t3 = x * 2.0",
        "    yield t3",
        "return y",
    ]


def _sides(x):
    if x < 0:
        return -x
    return x * 2


def test_guards():
    def f(x):
        assert x < 10.0, "too large"
        if x < 0:
            raise ValueError("negative", 1)
        assert x != 5.0
        return x

    assert print_program(read_function(f)) == [
        "t1 = x < 10.0",
        'guard t1: AssertionError("too large")',
        "t2 = x < 0.0",
        "t3 = not t2",
        'guard t3: ValueError("negative", 1)',
        "t4 = x != 5.0",
        "guard t4: AssertionError",
        "return x",
    ]


def test_a_loop_carries_what_is_needed_and_no_more():
    def f(x, n):
        total = 0
        for i in range(n):
            term = x * i
            total += term
        return total

    assert print_program(read_function(f)) == [
        "total = for 0, n, 1, 0.0:",
        "  (i, total_2):",
        "    term = x * i",
        "    total_3 = total_2 + term",
        "    yield total_3, False",
        "return total",
    ]


def test_files_beside_are_read_and_not_run(tmp_path):
    (tmp_path / "beside.py").write_text(
        "import math\nRATE = 0.25\nHALF = RATE * 2\n\n"
        "def g(u, v=HALF):\n    return math.sin(u) * v\n\nraise SystemExit\n"
    )
    path = tmp_path / "main.py"
    path.write_text(
        "import beside\nfrom beside import g as h\n\n"
        "def f(x):\n    return h(x) + beside.g(x, v=2.0) * beside.RATE\n"
    )
    program = read_function(f"{path}:f")
    expected = math.sin(1.5) * 0.5 + math.sin(1.5) * 2.0 * 0.25
    assert of_program(program, [1.5]) == (repr(expected),)
    assert program.source.text == path.read_text()


def test_places_are_in_the_text_of_the_function():
    text = "# π\ndef f(x):\n    é = x * 2.0\n    return é + x\n"
    program = read_function(define(text))
    lines = [program.source.line_and_column(op.where)[0] for op in program.body.ops]
    assert lines == [3, 4]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (  # more early exits than branches may nest
            "def f(x):\n"
            + "".join(f"    if x < {-i}: return x + {i}\n" for i in range(100, 0, -1))
            + "    return x\n",
            [(-50.5,), (1.0,), (-200.0,), (-1.5,)],
        ),
        (  # a parameter that is whole by what a copy of it is used for
            "def f(x, n):\n    k = n\n    while k > 0:\n        k = k >> 1\n"
            "        x = x * 1.5\n    return x\n",
            [(1.0, 9), (1.0, 0)],
        ),
        (  # `else` of loops, return and continue in the inner one
            "def f(x, n):\n    for i in range(n):\n        for j in range(i):\n"
            "            if x > 3: return x, i\n            x += j\n"
            "            if x < -1: break\n        else:\n            x -= 1\n"
            "            continue\n        x *= 2\n    return x, 0\n",
            [(a * 0.5, n) for a in range(-4, 8) for n in range(6)],
        ),
        (  # a name that only later iterations read
            "def f(x, n):\n    for i in range(n):\n        if i > 0:\n"
            "            x = x + last\n        last = x * i\n    return x\n",
            [(1.0, 0), (1.0, 5)],
        ),
        (  # a function that only raises
            "def fail():\n    raise KeyError('k')\n\ndef f(x):\n    if x > 0:\n"
            "        fail()\n    return x if x < 0 else fail()\n",
            [(1.0,), (-1.0,), (0.0,)],
        ),
        (  # a function made anew in each iteration
            "def f(x, n):\n    for i in range(n):\n        h = lambda t: t * x\n"
            "        x = h(0.5) + i\n    return x\n",
            [(1.0, 0), (1.0, 5)],
        ),
    ],
)
def test_texts_as_python(text, points):
    function = define(text)
    program = read_function(function)
    validate(program)
    for point in points:
        assert of_program(program, point) == outcome(lambda p=point: function(*p))


def test_numbers_in_tuples_are_never_copied():
    """Found by `make fuzz`: one number twice in a tuple, where something is changed."""
    text = """
def pair(u, v):
    return v, u * 0.5


def f(x, y):
    total = 0.0
    while total < 3.0:
        total += 1.0
        a, x = pair(y, y * 0.5)
    return total * x + a * y
"""
    function = define(text)
    d = adjoint.value_and_grad(function)
    value, (x_bar, y_bar) = d(0.3, 0.8)
    assert value == function(0.3, 0.8)
    assert x_bar == 0.0 and math.isclose(y_bar, 1.5 + 0.8, rel_tol=1e-15)
