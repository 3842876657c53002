"""Statements that are too long, as black lays them out."""

import ast
from keyword import iskeyword

import black
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adjoint.target.layout import Wrapper, returned
from tests.support import examples

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


names = st.text("abcdefgh", min_size=1, max_size=30).filter(
    lambda name: not iskeyword(name)  # such as `def`
)
returns = st.recursive(
    names, lambda inner: st.lists(inner, min_size=1, max_size=12).map(tuple)
)


@settings(max_examples=examples(80))
@given(returns)
def test_a_return_of_nested_tuples_is_laid_out_as_by_black(item):
    text = "\n".join(["def f():", *returned("    ", item), ""])
    assert black.format_str(text, mode=black.Mode()) == text
    assert ast.unparse(ast.parse(text).body[0].body[0].value) == repr(item).replace(
        "'", ""
    )
