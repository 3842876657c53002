"""What stands in brackets is spaced as black spaces it."""

import itertools

import black
import pytest

from adjoint.ir.subscripts import subscript_text

_BOUNDS = ("", "1", "-1", "n", "n + 1", "len(a)", "x.shape[0]")


@pytest.mark.parametrize("parts", [2, 3])
def test_slices(parts):
    lines = []
    for bounds in itertools.product(_BOUNDS, repeat=parts):
        entry = ":".join(["a" if bound else "" for bound in bounds])
        given = [bound for bound in bounds if bound]
        lines.append(f"x[{subscript_text((entry, 'a'), [*given, 'i + 1'])}]\n")
        lines.append(f"x[{subscript_text((entry,), given)}]\n")
    text = "".join(lines)
    assert black.format_str(text, mode=black.Mode()) == text
