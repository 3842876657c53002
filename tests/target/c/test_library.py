"""Generated C, compiled and called from Python: what is refused, and what is checked."""

import pytest

import adjoint
from adjoint.check.batches import run
from adjoint.cli import main
from adjoint.errors import OptionError
from tests.support_c import needs_compiler

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"


def test_without_a_compiler_there_is_the_text_and_a_clear_error(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler --with-an-option")
    derivative = adjoint.value_and_grad(WORKED, target="c")
    assert "double f(" in derivative.source
    with pytest.raises(OptionError, match="there is no 'no-such-compiler'"):
        derivative(1.0, 2.0)


@needs_compiler
def test_what_the_compiler_refuses_is_said(monkeypatch):
    monkeypatch.setenv("CC", "cc -no-such-option")
    with pytest.raises(OptionError, match=r"cc does not compile it: .*no-such-option"):
        adjoint.value_and_grad(WORKED, target="c")(1.0, 2.0)


@needs_compiler
def test_check_runs_what_was_compiled():
    report = adjoint.value_and_grad(WORKED, target="c").check(seconds=5)
    assert report
    assert "note: compiled and run at 100 points, f is within" in str(report)


@needs_compiler
def test_a_wrong_number_is_seen():
    derivative = adjoint.value_and_grad(WORKED, target="c")

    def wrong(x1, x2):
        value, (by_x1, by_x2) = derivative(x1, x2)
        return value, (by_x1, by_x2 + 1e-6)

    assert run(derivative.program, derivative, {}, batches=False).wrong == ""
    assert "it gives" in run(derivative.program, wrong, {}, batches=False).wrong


def test_the_command_writes_it(tmp_path):
    path = tmp_path / "f.c"
    with pytest.raises(SystemExit) as stop:
        main(["compile", WORKED, "--target", "c", "-o", str(path)])
    assert stop.value.code == 0
    assert path.read_text() == adjoint.value_and_grad(WORKED, target="c").source


@needs_compiler
def test_the_command_checks_it_by_its_source(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", WORKED, "--target", "c", "--seconds", "5"])
    assert stop.value.code == 0
    assert "note: compiled and run at 100 points" in capsys.readouterr().out


def test_a_file_of_c_is_not_read_again(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", "f.c"])
    assert stop.value.code != 0
    assert "give what it was made from, and --target c" in capsys.readouterr().err
