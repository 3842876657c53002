"""The function f and its derivative, written by adjoint 0.1.0.

Formula:

    (x1 - x2)**2 + cos(x1 + x2)

f(x1, x2) returns the value.
f_value_and_grad(x1, x2) returns (value, (df/dx1, df/dx2)).

Operations: 5 for f, 10 for f_value_and_grad, ratio 2.00.
"""

from math import cos, sin


def f(x1, x2):
    t1 = x1 - x2
    return t1 * t1 + cos(x1 + x2)


def f_value_and_grad(x1, x2):
    # forward sweep
    t1 = x1 - x2
    t2 = x1 + x2
    y = t1 * t1 + cos(t2)
    # reverse sweep
    t2_bar = -sin(t2)
    t1_bar = 2.0 * t1
    return y, (t2_bar + t1_bar, t2_bar - t1_bar)
