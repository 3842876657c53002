"""Random Python functions: the program computes what Python computes, bit for bit."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adjoint.frontend.function.read import read_function
from adjoint.ir.validate import validate
from tests.support import examples
from tests.support_functions import arguments, define, modules, of_program, outcome


@settings(max_examples=examples(150), suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=1, max_size=4))
def test_as_python(text, points):
    function = define(text)
    program = read_function(function)
    validate(program)
    for point in points:
        assert of_program(program, point) == outcome(lambda p=point: function(*p)), text
