"""The README keeps its promises: its snippets run, its output is what comes out."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import adjoint
from adjoint.cli import _commands
from adjoint.rules.table import FUNCTION_NAMES

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FORMULA = "(x1 - x2)**2 + cos(x1 + x2)"

#: The commands whose output stands in the README, by the comment before it.
SHOWN = {
    "worked example": ["compile", FORMULA, "--name", "f"],
    "show": ["show", FORMULA, "--at", "x1=1,x2=2"],
    "check": ["check", FORMULA],
}


def block_after(comment: str) -> str:
    found = re.search(rf"<!-- {comment} -->\n```\w*\n(.*?)```", README, re.DOTALL)
    assert found, comment
    return found.group(1)


@pytest.mark.parametrize("comment", SHOWN)
def test_the_output_is_what_comes_out(comment):
    result = CliRunner().invoke(_commands, SHOWN[comment], standalone_mode=False)
    lines = [line.rstrip() for line in result.stdout.rstrip().splitlines()]
    assert block_after(comment).rstrip().splitlines() == lines


@pytest.mark.parametrize(
    "snippet", re.findall(r"(?<!-->\n)```python\n(.*?)```", README, re.DOTALL)
)
def test_the_snippets_run(snippet):
    exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})


def test_the_c_is_what_comes_out():
    source = adjoint.value_and_grad(FORMULA, target="c").source
    assert source.endswith(block_after("C"))


def test_the_walkthrough_is_what_comes_out():
    command = ["explain", FORMULA, "--at", "x1=1,x2=2"]
    result = CliRunner().invoke(_commands, command, standalone_mode=False)
    assert block_after("explain") in result.stdout


@pytest.mark.parametrize(
    ("name", "derivative", "options"),
    [
        ("rosenbrock", adjoint.value_and_grad, {"signature": "x: float[:]"}),
        ("series", adjoint.value_and_grad, {}),
        (
            "chain",
            adjoint.hessian,
            {"signature": "x: float[:]", "sparse": True, "target": "python"},
        ),
    ],
)
def test_the_derivative_of_a_function_is_what_comes_out(
    tmp_path, name, derivative, options
):
    file = tmp_path / f"{name}.py"
    imports = "import numpy as np\n\n\n" if "np." in block_after(name) else ""
    file.write_text(imports + block_after(name), encoding="utf-8")
    written = derivative(f"{file}:{name}", **options)
    assert written.source.endswith(block_after(f"{name} derivative"))


def test_the_functions_of_the_table_exist():
    table = README.split("| functions | |")[1].split("`adjoint rules`")[0]
    named = set(
        re.findall(r"[a-z]\w*(?=[ `(])", " ".join(re.findall(r"`[^`]+`", table)))
    )
    assert named - {"c", "a", "b"} <= FUNCTION_NAMES
    assert len(named) > 50
