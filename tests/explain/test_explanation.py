"""What a reader sees of an explanation, in each format, and what a point may be."""

import html
import json
import math
import re
import sys

import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.explain.explanation import FORMATS, show_on_terminal
from adjoint.explain.point import parse_point
from adjoint.explain.write_text import aligned
from tests.support import load_formulas

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"

#: The walkthrough as the design has it, word for word.
DESIGN = """
t1 = x1 - x2    t2 = t1^2    t3 = x1 + x2    t4 = cos(t3)    y = t2 + t4
Forward at (1, 2): t1 = -1, t2 = 1, t3 = 3, t4 = cos 3 = -0.98999, y = 0.01001.
Reverse: g_y = 1; g_t2 += 1; g_t4 += 1; g_t1 += g_t2 * 2 t1 = -2;
g_t3 += g_t4 * (-sin t3) = -0.14112;
g_x1 += g_t1 * 1; g_x2 += g_t1 * (-1); g_x1 += g_t3; g_x2 += g_t3.
Result: (-2.14112, 1.85888) = (-2 - sin 3, 2 - sin 3).
"""


def explain(formula, **point):
    return adjoint.grad(formula).explain(at=point)


def near(shown, printed):
    """Whether a number that is shown rounds to one that the design prints."""
    digits = len(printed.partition(".")[2])
    return f"{float(shown):.{digits}f}" == f"{float(printed):.{digits}f}"


def test_the_text_has_the_walkthrough_of_the_design_in_its_order():
    text = str(explain(WORKED, x1=1, x2=2))
    forward, _, reverse, gradient = re.split(r"\n(?=\S.*\n  [a-z]+   )", text)[1:]

    operations = re.findall(r"(\w+ = .*?)    ", DESIGN.splitlines()[1] + "    ")
    shown = re.findall(r"^  (\w+ = \S+(?: [-+] \S+)?) +(\S+)$", forward, re.M)
    assert [one for one, _ in shown] == [one.replace("^", "**") for one in operations]
    values = re.findall(
        r"\w+ = (?:cos 3 = )?([-.\d]*\d)(?=[,.])", DESIGN.splitlines()[2]
    )
    for (_, number), printed in zip(shown, values, strict=True):
        assert near(number, printed)

    steps = re.search(r"Reverse: (.*?)\.\n", DESIGN, re.S).group(1).split(";")
    lines = [line for line in reverse.splitlines() if " += " in line or " = 1" in line]
    assert len(steps) == len(lines) == 9
    for step, line in zip(steps, lines, strict=True):
        target, _, rest = step.strip().partition(" ")
        assert re.search(rf" {target} \+?= ", line)
        amount = re.search(r"= (-?\d\.?\d*)$", rest)
        if amount:
            assert near(line.split()[-1], amount.group(1))
    assert "g_t1 += g_t2 * 2*t1" in reverse
    assert "g_t3 += g_t4 * (-sin(t3))" in reverse
    assert re.search(r"g_x1 \+= g_t3 \* 1 +.*= +-0\.14112 +-> -2\.14112", reverse)

    result = re.search(r"Result: \((\S+), (\S+)\)", DESIGN).groups()
    rows = re.findall(r"^  (x\d) +(\S+) +(\S+) +(\S.*)$", gradient, re.M)
    assert [row[0] for row in rows] == ["x1", "x2"]
    for (_, sweep, sympy, _), printed in zip(rows, result, strict=True):
        assert near(sweep, printed) and near(sympy, printed)
    assert rows[0][3] == "2*x1 - 2*x2 - sin(x1 + x2)"


def test_json_has_every_digit_and_its_indices_hold():
    document = json.loads(explain(WORKED, x1=1, x2=2).to("json"))
    sin3, cos3 = math.sin(3), math.cos(3)
    assert document["value"] == 1 + cos3
    assert document["point"] == {"x1": 1, "x2": 2}
    gradient = {row["parameter"]: row for row in document["gradient"]}
    assert gradient["x1"]["value"] == -2 - sin3
    assert gradient["x2"]["sympy"] == pytest.approx(2 - sin3, rel=1e-15)
    locals_ = document["local_derivatives"]
    for visit in document["reverse"]:
        for step in visit["contributions"]:
            local = locals_[step["local_derivative"]]
            assert (local["of"], local["by"]) == (visit["node"], step["to"])
            assert step["amount"] == visit["adjoint"] * local["value"]
            assert step["sum"] == (step["before"] or 0) + step["amount"]


@pytest.mark.parametrize("case", load_formulas()[::7], ids=lambda case: case.id)
def test_sympy_agrees_on_the_formulas(case):
    explanation = adjoint.grad(case.formula).explain(case.point())
    assert "They agree" in str(explanation)
    for format in FORMATS:
        assert explanation.to(format).strip()


@pytest.mark.parametrize(
    "formula, point, gradient",
    [
        ("abs(x)*x", {"x": -2.0}, [4.0]),
        ("max(x, z)**2 + min(x, z)", {"x": 3.0, "z": 1.0}, [6.0, 1.0]),
        ("x*floor(x)", {"x": 2.5}, [2.0]),
        ("x % 2 + relu(x)", {"x": 3.5}, [2.0]),
        ("sqrt(x) if x > 1 else x**3", {"x": 0.5}, [0.75]),
    ],
)
def test_sympy_is_asked_for_the_side_that_is_run(formula, point, gradient):
    explanation = explain(formula, **point)
    assert list(explanation.walkthrough.gradient) == gradient
    assert list(explanation.symbolic.numbers) == pytest.approx(gradient, rel=1e-15)
    assert not explanation.symbolic.at_kink


def test_a_difference_from_sympy_is_said():
    explanation = explain("x**2", x=3)
    explanation.walkthrough.adjoints[explanation.walkthrough.inputs[0]] = 5.0
    assert "They differ" in str(explanation)


def test_kinks_and_what_sympy_cannot_do_are_said():
    assert "kink" in str(explain("max(x, z)", x=1, z=1))
    long = " + ".join(f"sin({k}*x)" for k in range(300))
    assert "too large for SymPy" in str(explain(long, x=0.5))


def test_latex_is_a_whole_document_with_balanced_braces():
    text = explain("theta_0*exp(-x1**2/2)/sqrt(2*pi*mu_drift)", **POINT).to("latex")
    assert text.startswith(r"\documentclass") and text.endswith(r"\end{document}")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert all(line.count("$") % 2 == 0 for line in text.splitlines())
    begun = re.findall(r"\\begin\{(\w+)\}", text)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert r"\frac{\partial t_{2}}{\partial t_{1}} = 2" not in text
    assert r"\theta_{0}" in text and r"\mu_{\mathrm{drift}}" in text


POINT = {"theta_0": 1.0, "x1": 2.0, "mu_drift": 3.0}


def test_markdown_tables_are_regular_and_bars_are_escaped():
    text = explain("x*abs(x)", x=2).to("markdown")
    blocks = re.findall(r"(?:^\|.*\|\n?)+", text, re.M)
    assert len(blocks) == 4
    for block in blocks:
        rows = block.splitlines()
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
        assert re.fullmatch(r"\|( -+:? \|)+", rows[1])


def test_a_notebook_shows_tables():
    explanation = explain("x < 1 and 2 or x*x", x=2)
    shown = explanation._repr_html_()
    assert shown.count("<table>") == shown.count("</table>") >= 3
    assert html.escape("x < 1") in shown and "x < 1" not in shown
    assert explanation._repr_markdown_() == explanation.to("markdown")


CYAN = "\x1b[36m"


def test_rich_keeps_to_the_width_and_to_no_color(monkeypatch):
    rich = pytest.importorskip("rich.console")
    explanation = explain(WORKED, x1=1, x2=2)

    def printed(width, **options):
        console = rich.Console(width=width, **options)
        with console.capture() as captured:
            console.print(explanation)
        return captured.get()

    narrow = printed(60, color_system=None)
    assert max(map(len, narrow.splitlines())) <= 60
    assert "-2.14112" in narrow and "-0.989992" in narrow
    assert CYAN in printed(100, force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert CYAN not in printed(100, force_terminal=True, color_system="standard")


def test_rich_is_not_needed(monkeypatch, capsys):
    explanation = explain("x*x", x=3)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("adjoint.explain.explanation.find_spec", lambda name: None)
    assert not show_on_terminal(explanation)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert "g_x += g_y * 2*x" in str(explanation)
    assert capsys.readouterr().out == ""


def test_on_a_terminal_rich_prints_it(monkeypatch, capsys):
    pytest.importorskip("rich")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert show_on_terminal(explain("x*x", x=3))
    assert "g_x += g_y * 2*x" in capsys.readouterr().out


def test_numbers_stand_with_their_points_below_each_other():
    numbers = [-2.0, 0.25, None, 1e-07, 123456789.0, True]
    shown = aligned(numbers)
    assert [text.strip() for text in shown] == [
        "-2",
        "0.25",
        "",
        "1e-07",
        "1.23457e+08",
        "True",
    ]
    points = {text.index(".") for text in shown if "." in text}
    assert points == {len(shown[0].rstrip())}


@pytest.mark.parametrize(
    "texts, point",
    [
        (["x1=1,x2=-2.5e-3"], {"x1": 1.0, "x2": -2.5e-3}),
        (["x=pi/2", "y = atan2(1, 2)"], {"x": math.pi / 2, "y": math.atan2(1, 2)}),
        (["n=3,flag=True"], {"n": 3, "flag": True}),
        ([], {}),
    ],
)
def test_points_are_numbers_or_formulas_of_numbers(texts, point):
    assert parse_point(texts) == pytest.approx(point)


@pytest.mark.parametrize(
    "texts, message",
    [
        (["x"], "'x' is no part of a point"),
        (["x=1,,y=2"], "'1,' in 'x=1,' is not a number"),
        (["x=1", "x=2"], "two numbers for 'x'"),
        (["x=__import__('os')"], "is not a number"),
        (["x=y"], "'y' in 'x=y' is not a number"),
        (["x=1/0"], "is not a number"),
        (["=1"], "no part of a point"),
    ],
)
def test_points_that_are_none(texts, message):
    with pytest.raises(OptionError, match=re.escape(message)):
        parse_point(texts)


def test_a_point_by_position():
    d = adjoint.grad(WORKED)
    assert d.explain(at=(1, 2)).walkthrough.gradient == d(1.0, 2.0)
    with pytest.raises(OptionError, match="3 numbers, not 2"):
        d.explain(at=(1, 2, 3))
    with pytest.raises(OptionError, match="did you mean `markdown`"):
        d.explain(at=(1, 2)).to("mardown")


def test_a_users_name_like_that_of_an_adjoint():
    explanation = explain("x*g_x", x=2, g_x=3)
    assert "x_bar += y_bar * g_x" in str(explanation)
    assert r"\bar{x} \mathrel{+}= \bar{y} \cdot g_{x}" in explanation.to("latex")


def test_points_that_python_users_may_give():
    d = adjoint.grad(WORKED)
    assert d.explain("x1=1, x2=2").walkthrough.gradient == d(1.0, 2.0)
    with pytest.raises(OptionError, match="x2 = 'two': a number is expected"):
        d.explain((1, "two"))


def test_sympy_does_not_compute_huge_powers():
    explanation = explain("x**1000000000", x=1.00000001)
    assert explanation.symbolic.numbers == pytest.approx(
        explanation.walkthrough.gradient, rel=1e-6
    )


def test_of_a_long_formula_of_sympys_the_text_has_the_beginning():
    formula = "*".join(f"sin({k}*x)" for k in range(1, 9))
    explanation = explain(formula, x=0.3)
    assert max(map(len, str(explanation).splitlines())) < 200
    whole = json.loads(explanation.to("json"))["gradient"][0]["sympy_formula"]
    assert len(whole) > 400
