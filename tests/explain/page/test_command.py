"""`adjoint page`, as it is typed."""

import json
import re
import subprocess
import sys

import pytest

from adjoint.cli import main
from adjoint.explain.page.assemble import DEMONSTRATION


@pytest.fixture
def run(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["page", *arguments])
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return call


def functions(text):
    data = re.search(r'<script type="application/json" id="data">(.*)</script>', text)
    return json.loads(data.group(1))["functions"]


def test_without_a_formula_it_is_the_demonstration(run, tmp_path):
    path = tmp_path / "page.html"
    assert run("-o", str(path)) == (0, "", "")
    text = path.read_text(encoding="utf-8")
    assert [f["text"] for f in functions(text)] == list(DEMONSTRATION)


def test_formulas_and_functions_with_points_and_ranges(run, tmp_path):
    path = tmp_path / "own.py"
    path.write_text("def area(r: float, h: float = 2.0):\n    return 3.0*r*r*h\n")
    options = ["--at", "x=pi/4,r=2", "--range", "r=0:10", "--range", "x=-1:1"]
    code, out, err = run("-x**2 + sin(x)", f"{path}:area", *options)
    assert (code, err) == (0, "")
    formula, area = functions(out)
    assert abs(formula["inputs"][0]["value"] - 0.7853981633974483) < 1e-15
    assert (area["name"], area["inputs"][0]["value"]) == ("area", 2)
    assert area["inputs"][1]["value"] == 2  # the default
    assert (area["inputs"][0]["low"], area["inputs"][0]["high"]) == (0, 10)
    assert area["text"].startswith("def area(r: float, h: float = 2.0):")


def test_loops_that_are_unrolled(run, tmp_path):
    path = tmp_path / "loop.py"
    path.write_text(
        "from math import sin\n\ndef f(x: float):\n    for i in range(40):\n        x = sin(x)\n    return x\n"
    )
    code, _, err = run(f"{path}:f")
    assert code == 2 and "loops" in err and "--unroll" in err
    code, out, _ = run(f"{path}:f", "--unroll", "40")
    assert code == 0 and len(functions(out)[0]["nodes"]) == 41


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x +"], "formula:1:4: a value is missing"),
        (["x*y", "--at", "z=1"], "'z' is no input"),
        (["x*y", "--at", "x"], "is no part of a point"),
        (["x*y", "--range", "x=2:1"], "is empty"),
        (["x*y", "--range", "x=0:inf"], "finite"),
        (["2*pi"], "no parameters"),
        (["no_such.py:f"], "cannot read"),
        (["x", "-o", "/no/such/folder/page.html"], "cannot write"),
    ],
)
def test_errors_are_one_message_and_leave_no_file(run, tmp_path, arguments, message):
    path = tmp_path / "page.html"
    path.write_text("mine")
    output = [] if "-o" in arguments else ["-o", str(path)]
    code, out, err = run(*arguments, *output)
    assert (code, out) == (2, "") and message in err and "Traceback" not in err
    assert path.read_text() == "mine"


def test_a_page_needs_no_sympy_and_no_numpy(tmp_path):
    path = tmp_path / "page.html"
    script = (
        "import sys\nfrom adjoint.cli import main\n"
        f"try:\n    main(['page', 'sin(x)*y', '-o', {str(path)!r}])\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code\n"
        "    assert not {'sympy', 'numpy'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stderr == "" and path.exists()
