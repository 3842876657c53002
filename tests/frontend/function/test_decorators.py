"""Decorators in files: those that save values or give derivatives change nothing."""

from __future__ import annotations

import pytest

import adjoint

HEAD = """\
import functools as tools
from functools import lru_cache, wraps
import adjoint
from adjoint import rule as with_rule
"""


def gradient_of(tmp_path, head, decorator):
    path = tmp_path / "m.py"
    path.write_text(
        f"{HEAD}{head}\n\n@{decorator}\ndef f(x):\n    return x * x * x\n\n\n"
        "def g(x):\n    return 2.0 * f(x)\n"
    )
    return [adjoint.grad(f"{path}:{name}") for name in "fg"]


@pytest.mark.parametrize(
    "decorator",
    [
        "lru_cache",
        "lru_cache(maxsize=None)",
        "tools.cache",
        "adjoint.rule(x='3*x**2')",
        "with_rule(x='3*x**2')",
    ],
)
def test_these_change_nothing(decorator, tmp_path):
    f, g = gradient_of(tmp_path, "", decorator)
    assert (f(3.0), g(3.0)) == (27.0, 54.0)


TWICE = """

def {name}(f):
    return lambda x: 2.0 * f(x)
"""


@pytest.mark.parametrize(
    ("head", "decorator"),
    [
        # what counts is where the name comes from, and not how it is spelled
        (TWICE.format(name="cache"), "cache"),
        (TWICE.format(name="rule"), "rule"),
        ("from elsewhere import cache\n", "cache"),
        ("from .functools import cache\n", "cache"),
        ("if True:\n    from elsewhere import lru_cache\n", "lru_cache"),
        ("cache = 1.0\n", "cache"),
        ("", "wraps(adjoint)"),
        ("", "unknown"),
        ("", "tools.partial"),
    ],
)
def test_others_are_refused(head, decorator, tmp_path):
    with pytest.raises(adjoint.AdjointError, match="`f` has a decorator"):
        gradient_of(tmp_path, head, decorator)
