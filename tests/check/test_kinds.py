"""The evidence for every kind of derivative, and that it notices what is wrong."""

import re

import pytest

import adjoint
from adjoint.check.evidence import check_module
from adjoint.check.text.module import read_module
from adjoint.kinds.request import KINDS, kinds_of_name

FORMULA = "x**2*sin(y) + exp(x*y)/y"
ALL = [kind for kind in KINDS if kind != "value"]
SEVERAL = ["value,grad,hessian", "jvp,hessian", "vjp,hvp", "value_and_grad,jacobian"]


def pair(x, y, n: int = 2):
    for _ in range(n):
        x = x * 0.7 + y * 0.1 if x > 0 else x * y
    return x, (x * y, y)


@pytest.mark.parametrize("kind", ALL + SEVERAL)
def test_every_kind_is_proved(kind):
    report = adjoint.Derivative(FORMULA, kind).check(seconds=20)
    assert report, str(report)
    assert {one.status for one in report.components} == {"proved"}


@pytest.mark.parametrize("kind", ALL + SEVERAL)
@pytest.mark.parametrize("wrt", ["y", "x", "y,x"])
def test_a_module_says_itself_what_it_is(kind, wrt):
    derivative = adjoint.Derivative(FORMULA, kind, wrt)
    module = read_module(derivative.source, "f.py")
    assert list(module.wrt) == derivative.wrt
    assert module.derivative.name == derivative.program.name
    assert check_module(derivative.source, source_name="f.py", points=3)


@pytest.mark.parametrize("kind", ["jvp", "vjp", "jacobian", "hessian"])
def test_several_values_branches_and_loops(kind):
    derivative = adjoint.Derivative(pair, kind)
    report = derivative.check(seconds=3)
    assert report, str(report)
    assert "y3" in str(report)


@pytest.mark.parametrize("kind", [k for k in ALL + SEVERAL if "grad" not in k])
def test_each_changed_sign_is_noticed(kind):
    """Every + and - of the derivative's own text, turned round, one at a time."""
    derivative = adjoint.Derivative(FORMULA, kind)
    source = derivative.source
    begin = source.index(f"def {derivative.program.name}(")
    begin = source.index("sweep\n", begin)
    signs = [m.start() for m in re.finditer(r"(?<= )[+-](?= )", source[begin:])]
    assert signs
    for at in signs:
        place = begin + at
        other = "-" if source[place] == "+" else "+"
        changed = f"{source[:place]}{other}{source[place + 1 :]}"
        report = check_module(changed, source_name="f.py", points=3, seconds=2)
        assert not report, changed


@pytest.mark.parametrize("kind", ["sparse_jacobian", "value,sparse_hessian"])
def test_a_place_that_is_not_that_of_the_entry_is_noticed(kind):
    """A row for a column, and a place that is there twice."""
    source = adjoint.Derivative("x**2*sin(y) + exp(x)*z", kind).source
    assert check_module(source, source_name="f.py", points=3)
    line = source[source.rindex("return") :]
    rows, columns = line.removeprefix("return ").strip()[1:-1].split("), (")
    swapped = f"return ({columns}), ({rows})\n"
    moved = columns.split(", ")
    moved[0], moved[1] = moved[1], moved[0]
    exchanged = f"return ({rows}), ({', '.join(moved)})\n"
    for other in [exchanged] + [swapped] * ("jacobian" in kind):
        changed = source.replace(line, other)
        try:
            assert not check_module(changed, source_name="f.py", points=3, seconds=2)
        except adjoint.AdjointError as error:
            assert "where the entries stand" in str(error)


def test_what_is_returned_has_its_form():
    source = adjoint.hessian("x*y").source
    line = source[source.rindex("return") :]
    changed = source.replace(line, "return 0.0, 1.0\n")
    with pytest.raises(adjoint.AdjointError, match="does not return"):
        check_module(changed, source_name="f.py")


@pytest.mark.parametrize(
    ("suffix", "kinds"),
    [
        ("value_and_grad", ["value_and_grad"]),
        ("value_grad", ["value", "grad"]),
        ("value_and_grad_jvp", ["value_and_grad", "jvp"]),
        ("grad_grad", ["grad", "grad"]),
        ("helper", []),
        ("gradient", []),
        ("grad_x", []),
        ("", []),
    ],
)
def test_kinds_by_the_name_of_a_function(suffix, kinds):
    assert kinds_of_name(suffix) == kinds


def test_names_that_end_in_digits():
    """`d2f/dx1dx2` in the docstring names x1 and x2, and no `x1dx`."""
    derivative = adjoint.hessian("f(x1, x2, d) = sin(x1) * x2 * d")
    module = read_module(derivative.source, "f_hessian.py")
    assert list(module.wrt) == ["x1", "x2", "d"]
