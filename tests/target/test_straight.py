"""The loop for straight-line code writes what is written operation by operation."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adjoint.derivative import (
    derivative_function,
    parameters_of_interest,
    primal_function,
)
from adjoint.frontend.read import read
from adjoint.target.python import module_text
from adjoint.target.statements import BodyWriter
from tests.support_expressions import PLAIN, Style, random_formula

KINDS = st.sampled_from(("value_and_grad", "grad", "hessian", "hvp", "jvp"))


class OneByOne(BodyWriter):
    """A writer that does not go through the loop: only `BodyWriter` itself does."""


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 30), KINDS, st.booleans())
def test_the_same_text(seed: int, size: int, kind: str, plain: bool) -> None:
    # unused values, whose exceptions matter, are in formulas of several statements
    program = read(random_formula(seed, size, PLAIN if plain else Style()))
    if not program.parameters:
        return
    wrt = parameters_of_interest(program, None)
    functions = [primal_function(program), derivative_function(program, kind, wrt)]
    assert module_text(functions) == module_text(functions, writer=OneByOne)
