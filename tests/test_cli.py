"""What a user types, in process (for speed) and once as a whole process."""

import io
import os
import re
import subprocess
import sys

import pytest

from adjoint.cli import main
from adjoint.kinds.request import KINDS

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"


@pytest.fixture
def run(capsys, monkeypatch):
    def call(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return stop.value.code, captured.out, captured.err

    return call


def module(text):
    space = {}
    exec(text, space)
    return space


def test_compile_writes_the_module_to_standard_output(run):
    code, out, err = run("compile", WORKED, "--name", "f")
    assert (code, err) == (0, "")
    value, gradient = module(out)["f_value_and_grad"](1.0, 2.0)
    assert f"{value:.5f}" == "0.01001"
    assert [f"{g:.5f}" for g in gradient] == ["-2.14112", "1.85888"]


def test_compile_options(run, tmp_path):
    path = tmp_path / "g.py"
    arguments = ["--derivative", "grad", "--wrt", "x2", "--name", "g", "-o", str(path)]
    code, out, _ = run("compile", WORKED, *arguments)
    assert (code, out) == (0, "")
    text = path.read_text(encoding="utf-8")
    assert f"{module(text)['g_grad'](1.0, 2.0):.5f}" == "1.85888"
    assert run("check", str(path))[0] == 0


def test_compile_from_standard_input(run):
    code, out, _ = run("compile", "-", stdin="# area\nf(r) = pi*r**2\n")
    assert code == 0
    assert module(out)["f"](2.0) == pytest.approx(12.566370614359172, rel=1e-15)


@pytest.mark.parametrize(
    "formula", ["-x**2", "-omega**2*z", "-o**2", "-1/x", "--x**2", "-h"]
)
def test_a_formula_may_begin_with_a_minus_sign(run, formula, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if formula in ("-h",):
        assert run("compile", formula)[0] == 0  # help, as everywhere
        return
    code, out, _ = run("compile", formula)
    assert code == 0
    assert f"    {formula}\n" in out
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_an_existing_file_as_it_was(run, tmp_path):
    path = tmp_path / "f.py"
    path.write_text("precious", encoding="utf-8")
    code, out, err = run("compile", "sinn(x)", "-o", str(path))
    assert (code, out) == (2, "")
    assert "did you mean `sin`?" in err
    assert path.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("command", ["compile", "graph"])
def test_the_output_is_not_the_source(run, tmp_path, command):
    path = tmp_path / "mine.py"
    path.write_text("def f(x):\n    return x*x\n", encoding="utf-8")
    same = tmp_path / "." / ".." / tmp_path.name / "mine.py"
    code, out, err = run(command, f"{path}:f", "-o", str(same))
    assert (code, out) == (2, "")
    assert "is the file of the function itself" in err
    assert path.read_text(encoding="utf-8").startswith("def f(x):\n")
    assert run(command, f"{path}:f", "-o", str(tmp_path / "other"))[0] == 0


def test_show_reproduces_the_worked_example(run):
    code, out, _ = run("show", WORKED, "--at", "x1=1,x2=2")
    assert code == 0
    rows = [" ".join(line.split()) for line in out.splitlines()]
    shown = " ".join(rows)
    for forward in (
        "t1 = x1 - x2 -1 ",
        "t2 = t1**2 1 ",
        "t3 = x1 + x2 3 ",
        "t4 = cos(t3) -0.989992 ",
        "y = t2 + t4 0.0100075 ",
    ):
        assert forward in shown
    for reverse in (
        "t1_bar = 2.0 * t1 -2 ",
        "t3_bar = -t5 -0.14112 ",
        "x1_bar = t3_bar + t1_bar -2.14112 ",
        "x2_bar = t3_bar - t1_bar 1.85888 ",
    ):
        assert reverse in shown


def test_check_says_so_and_exits_with_0_or_1(run, tmp_path):
    code, out, _ = run("check", WORKED)
    assert code == 0
    assert "proved" in out
    path = tmp_path / "f.py"
    run("compile", WORKED, "-o", str(path))
    wrong = path.read_text(encoding="utf-8").replace("-sin(", "sin(")
    path.write_text(wrong, encoding="utf-8")
    code, out, _ = run("check", str(path))
    assert code == 1
    assert "wrong" in out


def test_check_takes_ranges(run):
    code, out, _ = run(
        "check", "sqrt(x - 100)*y", "--range", "x=101:200", "--range", "y=1:2"
    )
    assert code == 0, out


def test_rules_prints_the_table(run):
    code, out, _ = run("rules")
    assert code == 0
    for line in (
        "sin(a)",
        "cos(a)",
        "tan(a)",
        "1 + y*y",
        "0.5/y",
        "written out as 1/cos(a)",
    ):
        assert line in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "x +"], "formula:1:4: a value is missing after `+`"),
        (["compile", "x", "--wrt", "q"], "'q' is not a parameter of f"),
        (["compile", "x", "--derivative", "gradd"], "there is no derivative 'gradd'"),
        (["compile", "x", "--target", "cobol"], "no target 'cobol'"),
        (["compile", "x", "--name", "a b"], "cannot be the name"),
        (["compile", "x", "--outptu", "f.py"], "No such option"),
        (["compile"], "Missing argument"),
        (["compil", "x"], "No such command"),
        (["compile", "file.py:function"], "cannot read"),
        (["check", "nosuch.py"], "cannot read 'nosuch.py'"),
        (["check", "x", "--range", "x=5:1"], "is empty"),
        (["check", "x", "--range", "x=a:1"], "is not a number"),
        (["check", "x", "--range", "x=1"], "'x=1' is not of the form X=LOW:HIGH"),
        (["compile", "a.py:f", "--static", "n"], "'n' is not of the form N=3"),
        (["compile", "file.py"], "say which function, as in file.py:f"),
        (["check", "x", "--range", "z=0:1"], "'z' is not a parameter"),
        (["show", "x", "--at", "y=1"], "'y' is not a parameter"),
        (["show", "log(x)", "--at", "x=-1"], "`log` of -1: math domain error"),
        (["compile", "x", "-o", "/no/such/folder/f.py"], "cannot write"),
    ],
)
def test_errors_are_one_message_and_exit_code_2(run, arguments, message):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert message in err


def test_help_names_every_kind_of_derivative_and_shows_examples(run):
    _, out, _ = run("compile", "--help")
    assert all(kind in out for kind in KINDS)
    assert 'adjoint compile "' in out


def test_input_that_is_no_text(run, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00")))
    with pytest.raises(SystemExit) as stop:
        main(["compile", "-"])
    assert stop.value.code == 2
    assert "not UTF-8" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix closes it")
def test_a_closed_standard_input_is_one_message():
    command = f"{sys.executable} -m adjoint compile - <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "adjoint: cannot read standard input: it is closed\n"


def test_python_minus_m_adjoint():
    done = subprocess.run(
        [sys.executable, "-m", "adjoint", "compile", "x*y"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "def f_value_and_grad(x, y):" in done.stdout


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m adjoint rules | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_full_disk_is_one_message():
    command = f"{sys.executable} -m adjoint rules > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("adjoint: cannot write the output")
    assert done.stderr.count("\n") == 1


def test_explain_at_a_point_in_each_format(run, tmp_path):
    code, out, err = run("explain", WORKED, "--at", "x1=1", "--at", "x2=4/2")
    assert (code, err) == (0, "")
    assert "-> -2.14112" in out and "\x1b" not in out
    for format, sign in [("markdown", "| --- |"), ("latex", "\\frac"), ("json", "{")]:
        path = tmp_path / format
        arguments = ["--at", "x1=1,x2=2", "--format", format, "-o", str(path)]
        assert run("explain", WORKED, *arguments) == (0, "", "")
        assert sign in path.read_text(encoding="utf-8")


def test_explain_by_one_parameter_of_a_function(run, tmp_path):
    path = tmp_path / "power.py"
    path.write_text(
        "def p(x, n=3):\n    y = x\n    for i in range(1, n):\n        y *= x\n    return y\n"
    )
    code, out, _ = run("explain", f"{path}:p", "--at", "x=2", "--wrt", "x")
    assert code == 0
    assert re.search(r"^  x +12 +12 +3\*x\*\*2$", out, re.M)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["x*y", "--at", "x=1"], "the point has no number for y"),
        (["x*y"], "it is written like --at x=1,y=1"),
        (["sqrt(x)", "--at", "x=0"], "0.5/y: float division by zero"),
        (
            ["1 + log(x)", "--at", "x=-1"],
            "formula:1:5: the function has no finite value at this point: `log` of -1",
        ),
        (["x", "--at", "x=1", "--format", "pdf"], "there is no format 'pdf'"),
        (["x", "--at", "x=1", "-o", "/"], "cannot write '/'"),
    ],
)
def test_explain_refuses_in_one_message(run, arguments, message):
    code, out, err = run("explain", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_graph_writes_each_format(run, tmp_path):
    code, out, err = run("graph", WORKED, "--format", "dot")
    assert (code, err) == (0, "") and out.startswith("digraph {")
    code, out, _ = run("graph", WORKED, "--format", "mermaid", "--at", "x1=1,x2=2")
    assert code == 0 and "g = -2.14112" in out
    path = tmp_path / "graph.svg"
    assert run("graph", WORKED, "-o", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["x if x > 0 else 1"], "give one (--at)"),
        (["x*y", "--at", "x=1"], "the point has no number for y"),
        (["x", "--format", "png"], "there is no format 'png'; there is: svg, dot"),
        (["sqrt(x)", "--at", "x=0"], "float division by zero"),
    ],
)
def test_graph_refuses_in_one_message(run, arguments, message):
    code, out, err = run("graph", *arguments)
    assert (code, out) == (2, "")
    assert message in err
