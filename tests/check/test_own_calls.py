"""check of derivatives with stop_gradient, and with functions that modules import."""

import re

import mpmath
import pytest

import adjoint
from adjoint import AdjointError
from adjoint.check import oracle
from adjoint.check.evidence import check_module
from adjoint.check.oracle import Level
from adjoint.check.report import PROVED, SAMPLED, WRONG
from adjoint.check.special import KNOWN
from adjoint.cli import main
from adjoint.frontend.read import read
from adjoint.own_rules import functions_of

scipy_special = pytest.importorskip("scipy.special")

BESSEL = adjoint.rules_of(
    {
        "j0(x)": {"value": "scipy.special.j0", "x": "-j1(x)"},
        "j1(x)": {
            "value": "scipy.special.j1",
            "x": "j0(x) - y/x",
            "domain": {"x": [0.1, 4]},
        },
    }
)
#: SciPy has it and mpmath has not: it is known in floats alone.
NDTRI = adjoint.rule(
    "quantile(p)",
    "scipy.special.ndtri",
    p="sqrt(2*pi)*exp(y*y/2)",
    domain={"p": (0.1, 0.9)},
)
HELD = "(x*y + stop_gradient(x*x))*y"
WHOLE = '''
from math import exp as e
from adjoint import stop_gradient

RATE = 0.5

def f(x, y: float):
    """Read back."""
    for _ in range(3):
        x = x*RATE + stop_gradient(x*y)*x
    return x*math.sin(y)

def g(a: "float[:]"):
    s = 0.0
    for i in range(len(a)):
        s += stop_gradient(a[i])*a[i]**2
    return s

def h(x):
    return stop_gradient(x)*e(x)
'''.replace("\nRATE", "\nimport math\nRATE")

#: Where these are defined, if that is not between 0.3 and 0.8; or their first operand.
_PLACES = {"jn": 2, "yn": 2, "kn": 2, "expn": 2, "polygamma": 2, "zeta": 2.5}


def arity(function):
    code = function.__code__
    return code.co_argcount - 1 - len(function.__defaults__ or ())


@pytest.mark.parametrize("name", KNOWN)
def test_what_mpmath_computes_is_what_scipy_has(name):
    short = name.removeprefix("scipy.special.")
    context = mpmath.MPContext()
    count = arity(KNOWN[name])
    point = [0.3 + 0.17 * at for at in range(count)]
    point[0] = _PLACES.get(short, point[0])
    ours = KNOWN[name](context, *map(context.mpf, point))
    theirs = getattr(scipy_special, short)(*point)
    assert float(ours) == pytest.approx(float(theirs), rel=1e-12)


# -- the reference: near a point


def bessel_and_line(x, y):
    return mpmath.besselj(0, x * y) * x


def test_near_a_point_functions_that_are_imported_follow_their_rules(monkeypatch):
    program = read("j0(x*y)*x", functions=functions_of(BESSEL))
    level = Level(50)
    point = 1.1, 1.3
    exact = [
        mpmath.diff(bessel_and_line, point, order) for order in [(1, 0), (2, 0), (1, 1)]
    ]

    def found():
        return [
            oracle.slope(program, point, [(0, 1.0)], level) / 1.1,
            oracle.second_slope(program, point, 0, 0, level),
            oracle.second_slope(program, point, 0, 1, level),
        ]

    by_mpmath = found()
    monkeypatch.delitem(KNOWN, "scipy.special.j0")
    monkeypatch.delitem(KNOWN, "scipy.special.j1")
    by_rule = found()
    assert [float(one) for one in by_mpmath] == pytest.approx(exact, rel=1e-13)
    assert [float(one) for one in by_rule] == pytest.approx(exact, rel=1e-13)
    assert by_rule != by_mpmath  # in 50 digits they are not the same


def test_near_a_point_what_stop_gradient_is_given_is_as_it_is_there():
    program = read("stop_gradient(x)*x**3")
    level = Level(50)
    assert float(oracle.slope(program, [2.0], [(0, 1.0)], level) / 2) == 24
    assert float(oracle.second_slope(program, [2.0], 0, 0, level)) == 24
    assert float(oracle.value(program, [2.0], level)) == 16


# -- stop_gradient


@pytest.mark.parametrize("kind", ["value_and_grad", "hessian", "jvp", "vjp", "hvp"])
def test_derivatives_with_stop_gradient_are_proved(kind):
    d = adjoint.Derivative(HELD, kind)
    for report in (
        d.check(seconds=2),
        check_module(d.source, source_name="saved.py", points=20, seconds=2),
    ):
        assert report
        assert {one.status for one in report.components} == {PROVED}
        assert any("held fixed" in note for note in report.notes)


def test_a_derivative_of_the_whole_function_is_no_derivative_with_a_part_held():
    held = adjoint.value_and_grad(HELD)
    whole = adjoint.value_and_grad("(x*y + x*x)*y")
    body = whole.source.partition("def f_value_and_grad")[2]
    text = held.source.partition("def f_value_and_grad")[0]
    report = check_module(
        f"{text}def f_value_and_grad{body}", source_name="wrong.py", seconds=2
    )
    assert not report
    by_x, by_y = report.components
    assert by_x.status == WRONG
    assert by_y.status == PROVED
    x, y, is_, should = (
        float(found.rstrip(","))
        for found in re.findall(r"(?:=|is|be) (-?[\d.e-]+,?)", by_x.detail)
    )
    assert is_ == pytest.approx((y + 2 * x) * y, rel=1e-4)
    assert should == pytest.approx(y * y, rel=1e-4)


@pytest.mark.parametrize(("name", "how"), [("f", PROVED), ("g", SAMPLED)])
def test_functions_with_stop_gradient_are_read_from_the_docstring(tmp_path, name, how):
    (tmp_path / "model.py").write_text(WHOLE)
    d = adjoint.value_and_grad(f"{tmp_path / 'model.py'}:{name}", unroll=3)
    report = d.check(seconds=2)
    assert report
    assert report.components[0].status == how
    assert check_module(d.source, source_name="saved.py", points=20, seconds=2)
    right = {"f": "((t1 + 0.5)", "g": "2.0 * t2 * a[i]"}[name]
    assert right in d.source
    wrong = d.source.replace(right, right.replace(".", ".000001 + 0.", 1))
    assert not check_module(wrong, source_name="saved.py", points=20, seconds=2)


def test_a_docstring_that_says_too_little_is_refused(tmp_path):
    (tmp_path / "model.py").write_text(WHOLE)
    d = adjoint.value_and_grad(f"{tmp_path / 'model.py'}:h")
    assert d.check(seconds=1)
    with pytest.raises(AdjointError, match="check the function itself"):
        check_module(d.source, source_name="saved.py")
    cut = adjoint.grad("stop_gradient(x)*x").source.replace("stop_gradient(x)*x", "...")
    with pytest.raises(AdjointError, match="check the function itself"):
        check_module(cut, source_name="saved.py")


# -- functions that are imported


def test_a_composition_with_an_imported_function_is_proved_given_its_rule():
    d = adjoint.value_and_grad("j0(x*y) + x*quantile(y)", rules=[*BESSEL, NDTRI])
    report = d.check({"x": (0.2, 2.0), "y": (0.1, 0.9)}, seconds=2)
    assert report
    for one in report.components:
        assert one.status == PROVED
        assert one.detail.startswith("given the rules of scipy.special.")
    notes = " ".join(report.notes)
    assert "scipy.special.j0, scipy.special.j1: computed to 50 digits" in notes
    assert "scipy.special.ndtri: known in floats alone" in notes


def test_second_derivatives_follow_the_rules_of_the_rules():
    d = adjoint.hessian("j0(x*y)*x", rules=BESSEL)
    report = d.check({"x": (0.2, 2.0), "y": (0.2, 2.0)}, seconds=4)
    assert report
    text = d.source.replace("j1(t1)", "j1(t1*1.0000001)", 1)
    assert text != d.source
    assert not check_module(
        text, source_name="wrong.py", ranges={"x": (0.2, 2), "y": (0.2, 2)}, seconds=4
    )


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_saved_module_needs_no_rule_for_what_mpmath_knows(target):
    d = adjoint.value_and_grad("j0(x*y)*x", rules=BESSEL, target=target)
    report = check_module(d.source, source_name="saved.py", points=20, seconds=2)
    assert report
    assert {one.status for one in report.components} == {SAMPLED}
    own = [one.operation for one in BESSEL]
    report = check_module(d.source, source_name="saved.py", own=own, seconds=2)
    assert {one.status for one in report.components} == {PROVED}
    wrong = d.source.replace("j1(t1)", "(1.0000001*j1(t1))")
    assert wrong != d.source
    for rules in ([], own):
        report = check_module(wrong, source_name="saved.py", own=rules, seconds=2)
        assert [one.status for one in report.components] == [WRONG, WRONG]
        assert "should be" in report.components[0].detail


def test_a_saved_module_with_another_function_needs_its_rule(tmp_path, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as done:
            main([*arguments])
        return done.value.code, capsys.readouterr()

    rules = tmp_path / "my.toml"
    rules.write_text(
        '["quantile(p)"]\nvalue = "scipy.special.ndtri"\n'
        'p = "sqrt(2*pi)*exp(y*y/2)"\ndomain = {p = [0.1, 0.9]}\n'
    )
    saved = str(tmp_path / "saved.py")
    given = ["--rules", str(rules)]
    assert run("compile", "quantile(x*y)*x", "-o", saved, *given)[0] == 0
    code, said = run("check", saved)
    assert (code, said.out) == (2, "")
    assert "from scipy.special import ndtri\n    ^^^^" in said.err
    assert "--rules FILE" in said.err
    ranges = ["--range", "x=0.5:0.9", "--range", "y=0.5:0.9", "--seconds", "2"]
    code, said = run("check", saved, *given, *ranges)
    assert code == 0
    assert "given the rule of scipy.special.ndtri" in said.out
    text = (tmp_path / "saved.py").read_text()
    wrong = text.replace("* x", "* x * 1.0000001")
    assert wrong != text
    (tmp_path / "saved.py").write_text(wrong)
    code, said = run("check", saved, *given, *ranges)
    assert code == 1
    assert "should be" in said.out


def test_an_imported_function_that_fails_is_no_traceback():
    fails = adjoint.rule("fails(x)", "math.dist")
    report = adjoint.grad("fails(x)*y", "y", rules=[fails]).check(seconds=1)
    assert "no point was found" in str(report)


def test_functions_of_arrays_call_them_too():
    j0 = BESSEL[0]

    def f(a: "float[:]", n: int):
        total = 0.0
        for i in range(len(a)):
            total += NDTRI(a[i]) * adjoint.stop_gradient(a[i]) + j0(a[i]) ** 2
        return total

    d = adjoint.value_and_grad(f)
    report = d.check({"a": (0.1, 0.9)}, seconds=2)
    assert report
    assert "held fixed" in str(report)
    assert "known in floats alone" in str(report)
    sparse = adjoint.hessian(lambda x, y: adjoint.stop_gradient(x) * x * y, sparse=True)
    assert sparse.check(seconds=1)


def test_the_rules_of_the_users_are_as_right_as_mpmath_says():
    """A rule may be a little wrong where only differences in floats stood for it."""
    slightly = adjoint.rule("j0(x)", "scipy.special.j0", x="-j1(x)*(1 + 1e-9)")
    report = adjoint.grad("j0(x)", rules=[slightly]).check({"x": (0.5, 3)}, seconds=1)
    assert not report
