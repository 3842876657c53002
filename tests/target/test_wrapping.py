"""Statements that are too long, as black lays them out."""

import black
import pytest

from adjoint.target.layout import Wrapper

LONG = ", ".join(f"a_rather_long_name_{i}" for i in range(8))


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize(
    "statement",
    [
        f"total = f({LONG})",
        f"for {LONG} in reversed(saved):",
        f"if f({LONG}):",
        f"elif f({LONG}) > 0:",
        f"while f({LONG}):",
        f"saved.append(({LONG}))",
    ],
)
def test_as_black_would(statement, depth):
    lines = Wrapper().wrapped("    " * depth + statement)
    assert len(lines) > 1
    heads = [f"{'    ' * i}if x:" for i in range(depth)]
    inner = "    " * depth
    if statement.startswith("elif"):
        heads += [f"{inner}if x:", f"{inner}    pass"]
    body = [f"{inner}    pass"] if statement.endswith(":") else []
    text = "\n".join([*heads, *lines, *body, ""])
    assert black.format_str(text, mode=black.Mode()) == text
