"""What `check` says of functions of arrays, right ones and wrong ones."""

import numpy as np
import pytest

import adjoint
from adjoint.check.batches import run


def in_numpy(formula, **options):
    return adjoint.value_and_grad(formula, target="numpy", **options)


def test_a_right_derivative_is_run_too():
    report = in_numpy("where(x > 0, log(x)*y, 0) + sin(x*y)").check()
    assert report
    assert "run with arrays of 100 points" in str(report)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda value, dx, dy: (value, (dx, dy + 1e-6)),
        lambda value, dx, dy: (value[::-1], (dx, dy)),
        lambda value, dx, dy: (value, (dx * np.where(dx > 0, 1, 1.001), dy)),
        lambda value, dx, dy: (value, (np.full_like(dx, np.nan), dy)),
    ],
)
def test_a_wrong_array_is_seen(spoilt):
    d = in_numpy("x*y + sin(x)*cos(y)")

    def wrong(*arrays):
        value, (dx, dy) = d(*arrays)
        return spoilt(value, dx, dy)

    assert run(d.program, d.function, {}).wrong == ""
    assert "the array holds" in run(d.program, wrong, {}).wrong


def test_a_report_of_a_wrong_function_is_false(monkeypatch):
    d = in_numpy("x*y")
    monkeypatch.setitem(
        d.__dict__, "function", lambda x, y: (np.multiply(x, y), (x, y))
    )
    report = d.check()
    assert not report
    assert "WRONG: 2 of 2 derivatives" in str(report)


def test_a_module_of_arrays_is_refused_with_a_hint(tmp_path, capsys):
    from adjoint.cli import main

    path = tmp_path / "f.py"
    in_numpy("x*y").save(path)
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path)])
    assert stopped.value.code == 2
    assert "--target numpy" in capsys.readouterr().err


def test_check_on_the_command_line(capsys):
    from adjoint.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["check", "exp(x)*y", "--target", "numpy"])
    assert stopped.value.code == 0
    assert "run with arrays" in capsys.readouterr().out
