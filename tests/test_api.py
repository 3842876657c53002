"""What a user imports."""

import importlib.util
import math
import subprocess
import sys

import pytest

import adjoint
from adjoint import AdjointError


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_contract_of_the_design(tmp_path):
    d = adjoint.value_and_grad("(x1 - x2)**2 + cos(x1 + x2)")
    value, gradient = d(1.0, 2.0)
    assert value == 1.0 + math.cos(3.0)
    assert gradient == pytest.approx((-2 - math.sin(3), 2 - math.sin(3)), rel=1e-15)
    d.save(tmp_path / "f_grad.py")
    assert (tmp_path / "f_grad.py").read_text(encoding="utf-8") == d.source
    assert d.check()


def test_the_saved_module_stands_alone_and_agrees(tmp_path):
    d = adjoint.value_and_grad("x*sigmoid(x) + digamma(x)", name="swish")
    d.save(tmp_path / "swish.py")
    module = load(tmp_path / "swish.py")
    assert module.swish_value_and_grad(1.5) == d(1.5)
    assert module.swish(1.5) == d(1.5)[0]
    code = "import swish, sys; print('adjoint' in sys.modules, swish.swish(1.5))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", repr(d(1.5)[0])]


def test_one_parameter_gives_the_bare_derivative_several_a_tuple():
    assert adjoint.grad("x**3")(2.0) == 12.0
    assert adjoint.grad("x**3*z")(2.0, 5.0) == (60.0, 8.0)
    assert adjoint.grad("x**3*z", wrt="x")(2.0, 5.0) == 60.0
    assert adjoint.grad("x**3*z", wrt=["z", "x"])(2.0, 5.0) == (8.0, 60.0)
    assert adjoint.grad("x**3*z", "z,x")(2.0, 5.0) == (8.0, 60.0)


def test_keyword_arguments_and_integers_are_accepted():
    d = adjoint.grad("f(b, a) = a**2*b")
    assert d(a=3, b=2) == (9, 12)


def test_parameters_in_order_of_appearance_or_as_the_header_says():
    assert adjoint.grad("b*a + c").primal.parameter_names == ("b", "a", "c")
    header = adjoint.grad("f(c, a, b) = b*a + c").primal
    assert (header.name, header.parameter_names) == ("f", ("c", "a", "b"))
    choice = adjoint.grad("x if z > 0 else w").primal
    assert choice.parameter_names == ("x", "z", "w")


def test_the_same_input_gives_the_same_text():
    make = lambda: adjoint.value_and_grad("sin(x)*y + exp(x*y)/z").source  # noqa: E731
    assert make() == make()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: adjoint.grad(3.0),
            "a function or a SymPy expression is expected, not float",
        ),
        (lambda: adjoint.grad("x*y", wrt="z"), "'z' is not a parameter of f"),
        (lambda: adjoint.grad("alpha*y", wrt="alhpa"), "did you mean `alpha`"),
        (lambda: adjoint.grad("x*y", wrt="x,x"), "given twice"),
        (lambda: adjoint.grad("x*y", wrt=[]), "no parameter"),
        (lambda: adjoint.grad("3 + 4"), "no parameters"),
        (lambda: adjoint.grad("x", target="fortran"), "no target 'fortran'"),
        (lambda: adjoint.grad("x", name="2f"), "cannot be the name"),
        (lambda: adjoint.grad("x", name="lambda"), "cannot be the name"),
        (lambda: adjoint.grad("sinn(x)"), "did you mean `sin`"),
        (
            lambda: adjoint.grad("x").check(ranges={"q": (0, 1)}),
            "'q' is not a parameter",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(AdjointError, match=message):
        call()


def test_saving_fails_without_harm(tmp_path):
    with pytest.raises(AdjointError, match="cannot write"):
        adjoint.grad("x").save(tmp_path / "no" / "such" / "folder.py")
    with pytest.raises(AdjointError, match="directory"):
        adjoint.grad("x").save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_import_is_light():
    code = (
        "import sys, adjoint; adjoint.grad('x*sin(x)').source; adjoint.grad('x')(1.0);"
        "print(sorted({'sympy', 'black', 'numpy', 'mpmath', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_repr():
    assert repr(adjoint.grad("g(x, y) = x*y")) == "<grad of g(x, y)>"
