"""Each example runs by itself, and prints what is known from elsewhere to be right."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def output_of(name: str, folder: Path) -> str:
    """What an example prints when it is run as its docstring says, elsewhere."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert list(folder.iterdir()) == []  # nothing is left behind
    return done.stdout


def numbers(text: str) -> list[float]:
    return [float(digits) for digits in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_worked_example(tmp_path: Path) -> None:
    printed = output_of("worked_example.py", tmp_path)
    assert "def f_value_and_grad(x1, x2):" in printed
    rows = [line for line in printed.splitlines() if re.match("value  |deriv", line)]
    found = [numbers(row)[-2:] for row in rows]
    # (1 - 2)^2 + cos 3 and (-2 - sin 3, 2 - sin 3), to 15 digits
    expected = [0.0100075033995546, -2.14112000805987, 1.85887999194013]
    assert len(found) == len(expected)
    for (ours, by_hand), number in zip(found, expected, strict=True):
        assert math.isclose(ours, number, rel_tol=1e-14, abs_tol=1e-15)
        assert math.isclose(by_hand, number, rel_tol=1e-14, abs_tol=1e-15)


MINIMA = {
    "himmelblau": (0.0, (3.0, 2.0)),
    # an equilateral triangle of side 2^(1/6), each side with energy -1
    "energy": (-3.0, (2 ** (1 / 6), 2 ** (1 / 6) / 2, 3**0.5 / 2 * 2 ** (1 / 6))),
    "decay": (0.0, (3.0, 0.5)),
}


def test_minimize_with_scipy(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    lines = output_of("minimize_with_scipy.py", tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == list(MINIMA)
    for line, (minimum, place) in zip(lines, MINIMA.values(), strict=True):
        found, *rest = numbers(line)
        *where, evaluations = rest
        assert math.isclose(found, minimum, abs_tol=1e-6)
        assert where == pytest.approx(place, abs=1e-5)
        assert evaluations < 100


def test_compare_with_sympy(tmp_path: Path) -> None:
    head, _, *rows = output_of("compare_with_sympy.py", tmp_path).splitlines()
    assert head.split() == ["gradients", "operations", "nanoseconds"]
    assert len(rows) == 6
    for row in rows:
        assert "agree" in row
        ours, theirs = numbers(row.split("agree")[1])[:2]
        assert 0 < ours <= 5 * theirs
    # the gradient of a product of n: 3 n - 5 multiplications, value included
    assert numbers(rows[-1].split("agree")[1])[0] <= 3 * 12 - 5
