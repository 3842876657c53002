"""The SSA list as text."""

from adjoint.frontend.formula.read import read_formula
from adjoint.ir.printer import print_program


def test_the_worked_example():
    assert print_program(read_formula("(x1 - x2)**2 + cos(x1 + x2)")) == [
        "t1 = x1 - x2",
        "t2 = t1**2",
        "t3 = x1 + x2",
        "t4 = cos(t3)",
        "y = t2 + t4",
        "return y",
    ]


def test_names_of_the_user_are_kept_and_not_taken():
    assert print_program(read_formula("t1 = x*y; t1 = t1 + 1; t1*t2")) == [
        "t1 = x * y",
        "t1_2 = t1 + 1.0",
        "value = t1_2 * t2",
        "return value",
    ]


def test_a_branch_shows_what_each_side_yields():
    assert print_program(read_formula("x if x > 0 else sin(x)")) == [
        "t1 = x > 0.0",
        "y = if t1:",
        "    yield x",
        "else:",
        "    t2 = sin(x)",
        "    yield t2",
        "return y",
    ]
