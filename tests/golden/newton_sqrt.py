"""The function newton_sqrt and its derivative, written by adjoint 0.1.0.

Function:

    def newton_sqrt(a, tolerance=1e-15):
        \"\"\"The square root of a, by Newton's method.\"\"\"
        root = a if a > 1 else 1.0
        while abs(root * root - a) > tolerance * a:
            root = 0.5 * (root + a / root)
        return root

newton_sqrt(a, tolerance) returns the value.
newton_sqrt_value_and_grad(a, tolerance) returns (value, dnewton_sqrt/da).

Operations: 9 for newton_sqrt, 16 for newton_sqrt_value_and_grad, ratio 1.78.
"""


def newton_sqrt(a, tolerance=1e-15):
    root = a if a > 1.0 else 1.0
    while abs(root * root - a) > tolerance * a:
        root = 0.5 * (root + a / root)
    return root


def newton_sqrt_value_and_grad(a, tolerance=1e-15):
    # forward sweep
    t1 = a > 1.0
    root = a if t1 else 1.0
    saved = []
    while abs(root * root - a) > tolerance * a:
        saved.append(root)
        root = 0.5 * (root + a / root)
    # reverse sweep
    root_bar = 1.0
    a_bar = 0.0
    for root_2 in reversed(saved):
        t2 = 0.5 * root_bar  # root = 0.5 * (root + a / root)
        t3 = t2 / root_2
        root_bar = t2 - t3 * (a / root_2)
        a_bar += t3
    a_bar += root_bar if t1 else 0.0
    return root, a_bar
