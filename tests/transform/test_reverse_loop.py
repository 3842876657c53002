"""The reverse of loops, on programs made by hand, against differences at 60 digits."""

import math

import mpmath
import pytest

import adjoint
from adjoint.ir.arithmetic import OPERATORS
from adjoint.ir.builder import Builder
from adjoint.ir.interpret import run
from adjoint.ir.program import BACKWARD, FOR, UNWIND, WHILE, walk
from adjoint.ir.types import FLOAT, INT
from adjoint.ir.validate import validate
from tests.support import gradient

MP = OPERATORS | {name: getattr(mpmath, name) for name in ("sin", "cos", "exp", "log")}
MP |= {"abs": abs}


def exact(value):
    return value.number if value.type != FLOAT else mpmath.mpf(value.number)


def check(program, point, wrt):
    """Value and gradient against the program itself in 60 digits; gives the gradient."""
    validate(program)
    derivative = gradient(program, wrt, "g")
    validate(derivative)
    value, *adjoints = run(derivative, point)
    assert repr(value) == repr(run(program, point)[0])

    def primal(*arguments):
        return run(program, arguments, MP, exact)[0]

    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -20
        for name, adjoint in zip(wrt, adjoints, strict=True):
            at = program.parameter_names.index(name)
            up, down = list(point), list(point)
            up[at] = point[at] + h
            down[at] = point[at] - h
            expected = float((primal(*up) - primal(*down)) / (2 * h))
            assert adjoint == pytest.approx(expected, rel=1e-12, abs=1e-12)
    return derivative


def saved_values(derivative):
    return [len(op.saved) for op in walk(derivative.body) if op.saved]


def for_loop(builder, bounds, initial, body):
    """``body(index, *carried)`` gives the next values and, if it wants, a stop flag."""
    builder.open()
    index = builder.block_parameter(INT, "i")
    carried = [builder.block_parameter(value.type) for value in initial]
    results = body(index, *carried)
    if len(results) == len(initial):
        results = (*results, builder.constant(False))
    return builder.loop(FOR, (*bounds, *initial), builder.close(*results))


def numbers(builder, *values):
    return [builder.constant(value) for value in values]


def test_a_power_by_repeated_products():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)
    (p,) = for_loop(
        b, (zero, n, one), numbers(b, 1.0), lambda i, p: (b.emit("mul", p, x),)
    )
    program = b.finish("f", p)
    for n_value in (0, 1, 2, 7):
        derivative = check(program, [1.3, n_value], ["x"])
    assert saved_values(derivative) == [1]


def test_a_sum_saves_nothing():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def body(i, total):
        return (b.emit("add", total, b.emit("mul", b.emit("sin", x), i)),)

    (s,) = for_loop(b, (zero, n, one), numbers(b, 0.0), body)
    derivative = check(b.finish("f", s), [0.7, 5], ["x"])
    assert BACKWARD in {op.operation for op in derivative.body.ops}
    assert saved_values(derivative) in ([], [1])


def test_swapped_carried_values():
    b = Builder()
    x, y, n = b.parameter("x"), b.parameter("y"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def body(i, u, v):
        return v, b.emit("add", u, b.emit("mul", v, x))

    u, v = for_loop(b, (zero, n, one), (x, y), body)
    check(b.finish("f", b.emit("mul", u, v)), [0.3, 1.7, 6], ["x", "y"])


def test_nested_loops():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def outer(i, s):
        def inner(j, t):
            return (b.emit("sin", b.emit("mul", t, x)),)

        (t,) = for_loop(b, (zero, b.emit("add", i, one), one), (s,), inner)
        return (b.emit("add", b.emit("mul", t, t), x),)

    (s,) = for_loop(b, (zero, n, one), (x,), outer)
    check(b.finish("f", s), [0.6, 4], ["x"])


def test_a_branch_in_a_loop():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def body(i, s):
        condition = b.emit("gt", s, b.constant(0.5))
        b.open()
        then = b.close(b.emit("sin", b.emit("exp", b.emit("mul", s, x))))
        b.open()
        orelse = b.close(b.emit("add", s, x))
        return b.branch(condition, then, orelse)

    (s,) = for_loop(b, (zero, n, one), (x,), body)
    check(b.finish("f", s), [0.2, 9], ["x"])


def test_a_loop_in_a_branch():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)
    condition = b.emit("gt", x, b.constant(0.0))
    b.open()
    (p,) = for_loop(
        b, (zero, n, one), (x,), lambda i, p: (b.emit("sin", b.emit("mul", p, x)),)
    )
    then = b.close(p)
    b.open()
    orelse = b.close(b.emit("square", x))
    program = b.finish("f", *b.branch(condition, then, orelse))
    check(program, [0.7, 3], ["x"])
    check(program, [-0.7, 3], ["x"])


def test_a_loop_that_breaks_off():
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def body(i, p):
        new = b.emit("mul", p, x)
        return new, b.emit("gt", new, b.constant(50.0))

    (p,) = for_loop(b, (zero, n, one), (x,), body)
    derivative = check(b.finish("f", p), [3.0, 100], ["x"])
    assert UNWIND in {op.operation for op in derivative.body.ops}


def test_a_while_loop_whose_condition_depends_on_the_differentiated_value():
    b = Builder()
    a = b.parameter("a")
    initial = (a, b.constant(1.0))
    b.open()
    guess, step = b.block_parameter(FLOAT, "guess"), b.block_parameter(FLOAT, "step")
    test = b.close(b.emit("gt", b.emit("abs", step), b.constant(1e-12)))
    b.open()
    guess, step = b.block_parameter(FLOAT, "guess"), b.block_parameter(FLOAT, "step")
    new = b.emit("mul", b.constant(0.5), b.emit("add", guess, b.emit("div", a, guess)))
    body = b.close(new, b.emit("sub", new, guess), b.constant(False))
    root, _ = b.loop(WHILE, initial, test, body)
    program = b.finish("f", root)
    derivative = gradient(program, ["a"], "g")
    validate(derivative)
    value, by_a = run(derivative, [3.0])
    assert value == pytest.approx(3**0.5, rel=1e-15)
    assert by_a == pytest.approx(0.5 / 3**0.5, rel=1e-14)


def test_the_adjoint_of_a_running_sum_is_not_carried():
    """It is the same in every iteration: the reverse loop sums the gradient alone."""
    b = Builder()
    x, n = b.parameter("x"), b.parameter("n", INT)
    zero, one = numbers(b, 0, 1)

    def body(i, s):
        return (b.emit("add", s, b.emit("sin", b.emit("mul", x, i))),)

    (s,) = for_loop(b, (zero, n, one), (b.constant(0.0),), body)
    derivative = check(b.finish("f", b.emit("exp", s)), [0.3, 7], ["x"])
    (loop,) = [op for op in derivative.body.ops if op.operation is BACKWARD]
    assert len(loop.results) == 1


def test_a_loop_that_only_hands_its_sum_on_has_no_reverse():
    b = Builder()
    x, n, c = b.parameter("x"), b.parameter("n", INT), b.parameter("c")
    zero, one = numbers(b, 0, 1)

    def body(i, s):
        return (b.emit("add", s, b.emit("mul", c, i)),)

    (s,) = for_loop(b, (zero, n, one), (b.emit("square", x),), body)
    derivative = check(b.finish("f", s), [0.3, 7, 2.0], ["x"])
    assert BACKWARD not in {op.operation for op in derivative.body.ops}


def _several(a: float, b: float, x: float, n: int):
    s = 0.0
    p = b
    for i in range(n):
        s += math.sqrt(x) * a
        p = p * b + math.sin(a * i)
    return s, p, a * b


def test_several_results_in_reverse_mode():
    """Each result is computed once more: a loop saves for one reverse sweep."""
    reverse = adjoint.jacobian(_several, mode="reverse")
    forward = adjoint.jacobian(_several, mode="forward")
    assert "reverse sweep of y2" in reverse.source
    assert "reverse sweep" not in forward.source
    for point in ((0.3, 1.2, 2.0, 4), (-0.7, 0.4, 0.5, 0)):
        for row, other in zip(reverse(*point), forward(*point), strict=True):
            assert row == pytest.approx(other, rel=1e-14)
    # s(4) = 4 a sqrt(x), and nothing infinite reaches the others
    (by_a, by_b, by_x), *_ = reverse(0.3, 1.2, 2.0, 4)
    assert (by_a, by_b) == (pytest.approx(4 * math.sqrt(2)), 0.0)
    assert by_x == pytest.approx(2 * 0.3 / math.sqrt(2))
    assert reverse.check(seconds=1.0)


def test_sums_of_inner_loops_go_on_with_the_outer_ones():
    def pairs(x, y, n: int):
        s = 0.0
        for i in range(n):
            for j in range(i):
                s += math.sin(x * (i - j)) * y
            s *= x
        return s

    d = adjoint.value_and_grad(pairs)
    reverse = d.source[d.source.index("# reverse sweep") :]
    assert reverse.count("x_bar = ") == reverse.count("y_bar = ") == 1
    assert "x_bar_2" not in reverse and "y_bar_2" not in reverse
    for n in (0, 1, 2, 5):
        value, (by_x, by_y) = d(0.8, 1.3, n)
        assert value == pairs(0.8, 1.3, n)

        def exact(x, y, n=n):
            s = mpmath.mpf(0)
            for i in range(n):
                s = (s + sum(mpmath.sin(x * (i - j)) * y for j in range(i))) * x
            return s

        with mpmath.workdps(40):
            at = (mpmath.mpf(0.8), mpmath.mpf(1.3))
            assert by_x == pytest.approx(float(mpmath.diff(exact, at, (1, 0))))
            assert by_y == pytest.approx(float(mpmath.diff(exact, at, (0, 1))))


def test_no_comment_stands_above_nothing():
    def ramp(x, y, n: int):
        s = 0.0
        for i in range(n):
            s += x * y * i
        return s

    d = adjoint.hessian(ramp)
    assert "forward sweep" not in d.source
    assert d(0.5, 2.0, 4) == ((0.0, 6.0), (6.0, 0.0))
