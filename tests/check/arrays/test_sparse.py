"""The evidence for sparse derivatives of arrays, and that it notices what is wrong."""

from dataclasses import replace

import pytest

import adjoint
from tests.transform.sparse.test_arrays import HESSIANS, JACOBIANS, _signature, saved

KINDS = [("jacobian", name) for name in ("tridiagonal", "grid", "upwind", "fluxes")]
KINDS += [("hessian", name) for name in HESSIANS]


def derivative(kind, name, tmp_path, target):
    text, point, wrt = (JACOBIANS if kind == "jacobian" else HESSIANS)[name]
    return adjoint.Derivative(
        saved(text, tmp_path),
        f"sparse_{kind}",
        wrt,
        target=target,
        signature=_signature(text, point),
    )


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_it_is_right(kind, name, target, tmp_path):
    report = derivative(kind, name, tmp_path, target).check(seconds=5)
    assert report and report.points, str(report)
    assert "entries" in str(report)


@pytest.mark.parametrize(("kind", "name"), [KINDS[0], KINDS[-1]])
def test_what_is_wrong_is_noticed(kind, name, tmp_path):
    """A row and a column exchanged, an entry left out, another function."""
    d = derivative(kind, name, tmp_path, "python")
    right = d._pattern_compiled
    for changed in (
        lambda *args: (right(*args)[0], [0] * len(right(*args)[0])),
        lambda *args: tuple(part[1:] for part in right(*args)),
    ):
        d.__dict__["_pattern_compiled"] = changed
        assert not d.check(seconds=5)
    d.__dict__["_pattern_compiled"] = right
    entries = d.function
    d.__dict__["function"] = lambda *args: [2.0 * v for v in entries(*args)]
    assert not d.check(seconds=5)
    other = derivative("jacobian", "arrow", tmp_path, "python")
    wrong = derivative("jacobian", "tridiagonal", tmp_path, "python")
    wrong._calling = replace(other.primal)
    assert not wrong.check(seconds=5)
