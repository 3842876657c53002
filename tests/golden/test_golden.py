"""Generated modules under review: no change of the output goes unseen."""

import difflib
import runpy
from pathlib import Path

import black
import pytest

HERE = Path(__file__).parent
MODULES = runpy.run_path(str(HERE / "regenerate.py"))["modules"]()
AGAIN = "python tests/golden/regenerate.py"


@pytest.mark.parametrize("name", MODULES)
def test_as_reviewed(name):
    reviewed = (HERE / name).read_text(encoding="utf-8")
    if reviewed != MODULES[name]:
        lines = reviewed.splitlines(), MODULES[name].splitlines()
        changes = "\n".join(
            difflib.unified_diff(*lines, "reviewed", "now", lineterm="")
        )
        pytest.fail(
            f"{name} has changed; read this, then run `{AGAIN}`\n{changes}",
            pytrace=False,
        )


@pytest.mark.parametrize("name", MODULES)
def test_as_black_would_write_it(name):
    mode = black.Mode(target_versions={black.TargetVersion.PY311})
    assert black.format_str(MODULES[name], mode=mode) == MODULES[name]


def test_nothing_else_is_under_review():
    found = {path.name for path in HERE.glob("*.py")}
    assert found == {*MODULES, "regenerate.py", "test_golden.py"}


def test_the_length_does_not_depend_on_the_number_of_steps():
    assert len(MODULES["rk4_lotka_volterra.py"].splitlines()) < 120
