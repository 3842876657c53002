"""Each example runs by itself, and prints what is known from elsewhere to be right."""

import importlib.util
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adjoint.cli import main
from tests.support_c import needs_compiler

EXAMPLES = Path(__file__).parents[2] / "examples"

#: What the page of the examples shows.
PAGE = (
    "(x1 - x2)^2 + cos(x1 + x2)",
    "(1 - x)^2/4 + (y - x^2)^2",
    "0.2*relu(x*z) + sin(x + z)",
    "exp(-((t - mu)/sigma)^2/2) / (sqrt(2*pi)*sigma)",
)


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


@needs_compiler
def test_shooting_in_c(tmp_path: Path) -> None:
    in_c, closed_form = output_of("shooting_in_c.py", tmp_path).splitlines()
    # k 10 / (1 - exp(-2 k)) for k = 0.3
    across = 10 * 0.3 / (1 - math.exp(-0.6))
    for ours, exact in zip(numbers(in_c), numbers(closed_form), strict=True):
        assert math.isclose(ours, exact, abs_tol=2e-6)
    assert math.isclose(numbers(in_c)[0], across, abs_tol=2e-6)


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


def module_from(path: Path):
    """A module, imported from its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


#: A function of a file: the parameters to differentiate by, all the arguments.
FUNCTIONS = {
    "lotka_volterra.py:final_prey": (6, (10.0, 5.0, 1.1, 0.4, 0.4, 0.1, 300, 0.01)),
    "binomial_tree.py:call_price": (5, (100.0, 95.0, 0.03, 0.2, 1.5, 50)),
    "kepler.py:eccentric_anomaly": (2, (2.5, 0.6, 1e-13)),
    "survival.py:log_likelihood": (2, (0.2, 3.1)),
    "kalman.py:negative_log_likelihood": (4, (0.3, -1.4, 10.0, 4.0)),
}


def difference(function, point, at, scale=1e-3):
    """The derivative by one argument, by central differences of eighth order."""
    step = scale * max(1e-2, abs(point[at]))

    def moved(k):
        return function(*point[:at], point[at] + k * step, *point[at + 1 :])

    weights = ((1, 672), (2, -168), (3, 32), (4, -3))
    return sum(w * (moved(k) - moved(-k)) for k, w in weights) / (840 * step)


@pytest.mark.parametrize("source", FUNCTIONS)
def test_compiled_function(source: str, tmp_path: Path) -> None:
    count, point = FUNCTIONS[source]
    file, name = source.split(":")
    function = getattr(module_from(EXAMPLES / file), name)
    path = tmp_path / f"{name}_grad.py"
    wrt = ",".join(function.__code__.co_varnames[:count])
    options = ["--derivative", "value_and_grad", "--wrt", wrt, "-o", str(path)]
    with pytest.raises(SystemExit) as done:
        main(["compile", f"{EXAMPLES / file}:{name}", *options])
    assert done.value.code == 0
    generated = module_from(path)
    assert getattr(generated, name)(*point) == function(*point)
    value, gradient = getattr(generated, f"{name}_value_and_grad")(*point)
    assert value == function(*point)
    assert len(gradient) == count
    for at, number in enumerate(gradient):
        expected = difference(function, point, at)
        assert number == pytest.approx(expected, rel=1e-8, abs=1e-9)


def columns(output: str, start: str) -> list[float]:
    """The numbers of the line that starts so."""
    (line,) = [line for line in output.splitlines() if line.startswith(start)]
    return numbers(line[len(start) :])


def test_lotka_volterra(tmp_path: Path) -> None:
    printed = output_of("lotka_volterra.py", tmp_path)
    for name in ("prey  ", "predators", "birth", "hunt", "death", "growth"):
        ours, theirs = columns(printed, name)
        assert math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-12)


def test_binomial_tree(tmp_path: Path) -> None:
    printed = output_of("binomial_tree.py", tmp_path)
    assert columns(printed, "price") == pytest.approx([14.5937, 14.5957], abs=1e-4)
    for name in ("spot", "strike", "rate", "volatility", "years"):
        ours, differences, limit = columns(printed, f"by {name}")
        assert ours == pytest.approx(differences, rel=1e-6)
        assert ours == pytest.approx(limit, rel=0.03)


def test_kepler(tmp_path: Path) -> None:
    _, *rows = output_of("kepler.py", tmp_path).splitlines()
    assert len(rows) == 3
    for row in rows:
        *_, by_mean, by_eccentricity, implicit_mean, implicit_eccentricity = numbers(
            row
        )
        assert by_mean == pytest.approx(implicit_mean, rel=1e-12)
        assert by_eccentricity == pytest.approx(implicit_eccentricity, rel=1e-12)


def test_survival(tmp_path: Path) -> None:
    _, *lines = output_of("survival.py", tmp_path).splitlines()
    assert len(lines) == 4
    for ours, formula in ((lines[0], lines[1]), (lines[2], lines[3])):
        assert numbers(ours)[-2:] == pytest.approx(numbers(formula), abs=2e-9)
    # as published: shape 1.35, scale 33.8
    assert numbers(lines[2])[:2] == pytest.approx([1.354, 33.77], abs=0.01)


def test_kalman(tmp_path: Path) -> None:
    _, *lines = output_of("kalman.py", tmp_path).splitlines()
    assert len(lines) == 4
    for by_filter, by_vector in ((lines[0], lines[1]), (lines[2], lines[3])):
        assert numbers(by_filter) == pytest.approx(numbers(by_vector), abs=1e-10)


#: The value of each minimum, and a coordinate of it (the same for all of them).
ARRAY_MINIMA = {
    "rosenbrock": (0.0, 1.0),
    "ackley": (0.0, 0.0),
    "griewank": (0.0, 0.0),
    "styblinski_tang": (-39.16616570377142 * 6, -2.903534027771177),
    "himmelblau": (0.0, None),
}


def test_optimise_arrays(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    lines = output_of("optimise_arrays.py", tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == list(ARRAY_MINIMA)
    for line, (value, coordinate) in zip(lines, ARRAY_MINIMA.values(), strict=True):
        found, *place = numbers(line.split(maxsplit=1)[1])
        assert math.isclose(found, value, abs_tol=1e-5)
        wanted = [3.0, 2.0] if coordinate is None else [coordinate] * len(place)
        for ours, right in zip(place, wanted, strict=True):
            assert math.isclose(ours, right, abs_tol=2e-4)


def test_black_body(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    lines = output_of("black_body.py", tmp_path).splitlines()
    assert lines[0] == "400000 points"
    rows = [numbers(line) for line in lines[2:]]
    assert len(rows) == 4
    for kelvin, peak, by_wien, power in rows:
        assert math.isclose(by_wien, 2897.771955 / kelvin, rel_tol=1e-3)
        assert math.isclose(peak, by_wien, rel_tol=3e-3)
        assert math.isclose(power, 4.0, rel_tol=2e-3)


def test_page() -> None:
    text = (EXAMPLES / "page.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 400_000
    data = re.search(r'<script type="application/json" id="data">(.*)</script>', text)
    assert data is not None
    functions = json.loads(data.group(1))["functions"]
    assert [f["text"] for f in functions] == list(PAGE)
    picture = (EXAMPLES / "page.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 150_000


def test_second_order(tmp_path: Path) -> None:
    lines = output_of("second_order.py", tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == ["newton", "trust-exact", "trust-ncg"]
    tolerances = (1e-9, 1e-5, 1e-3)
    for line, tolerance in zip(lines, tolerances, strict=True):
        place = numbers(line[line.index("[") : line.index("]")])
        assert place == pytest.approx([1.0] * 4, abs=tolerance)
        assert abs(float(line.split()[1])) < tolerance
    assert numbers(lines[0])[-1] < 12  # Newton's method converges quadratically


def test_second_order_arrays(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    lines = output_of("second_order_arrays.py", tmp_path).splitlines()
    assert numbers(lines[0])[0] < 10  # Newton's method converges quadratically
    assert float(lines[1].split()[-2]) < 1e-12  # X' D X, written out by hand
    assert abs(float(lines[2].split(" = ")[1].split(",")[0])) < 1e-15
    assert float(lines[2].split()[-3]) < 1e-7
    value, error = numbers(lines[5])
    assert abs(value - math.log(0.1)) < 3 * error  # the noise that was added
    assert 0.05 < error < 0.25  # about 1/sqrt(2*40)
