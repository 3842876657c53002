"""The worked example: a formula in, a standalone module out, and its numbers.

    python examples/worked_example.py

f(x1, x2) = (x1 - x2)^2 + cos(x1 + x2); at (1, 2) its gradient, worked out by hand, is
(-2 - sin 3, 2 - sin 3).
"""

from math import cos, sin

import adjoint

derivative = adjoint.value_and_grad("(x1 - x2)**2 + cos(x1 + x2)")

print("The generated module:\n")
print(derivative.source)

value, (by_x1, by_x2) = derivative(1.0, 2.0)
print("At x1 = 1, x2 = 2        adjoint              by hand")
print(f"value            {value:>20.16f} {1 + cos(3):>20.16f}")
print(f"derivative by x1 {by_x1:>20.16f} {-2 - sin(3):>20.16f}")
print(f"derivative by x2 {by_x2:>20.16f} {2 - sin(3):>20.16f}")
