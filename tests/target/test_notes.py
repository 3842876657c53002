"""The notes of a reverse sweep: beginnings of lines of the source, where they belong."""

import re

import black
import pytest

import adjoint
from tests.golden.regenerate import EXAMPLES
from tests.support_functions import define

SHORT = """\
def f(x, y):
    a = x * y  # a product
    b = a * a * (x + y)
    return b + y
"""
LONG = """\
def f(the_first_of_the_two_coordinates, the_second_of_the_two_coordinates):
    the_product_of_both = the_first_of_the_two_coordinates * the_second_of_the_two_coordinates * 2.5
    total = the_product_of_both * the_product_of_both * the_second_of_the_two_coordinates + 1.0
    total = total * total * the_product_of_both
    return total * the_first_of_the_two_coordinates
"""


def reverse_sweep(source):
    return source[source.index("# reverse sweep") :].split("\n")


def notes(lines):
    found = [re.fullmatch(r" *(.*?)(?:  |^ *)# (.*)", line) for line in lines]
    return [match[2] for match in found[1:] if match]


def lines_of(text):
    return [line.split("#")[0].strip() for line in text.split("\n")]


def test_each_run_of_statements_has_the_line_of_the_source_once():
    lines = reverse_sweep(adjoint.value_and_grad(define(SHORT)).source)
    assert notes(lines) == ["b = a * a * (x + y)"]
    assert lines[1].startswith("    a_bar =") and lines[1].endswith(
        "# b = a * a * (x + y)"
    )


def test_long_lines_are_cut_or_stand_above():
    source = adjoint.value_and_grad(define(LONG)).source
    lines = reverse_sweep(source)
    assert any(line.startswith("    # ") for line in lines[1:])
    assert all(len(line) <= 88 for line in lines)
    for note in notes(lines):
        start = note.removesuffix(" ...")
        assert any(line.startswith(start) for line in lines_of(LONG))


@pytest.mark.parametrize(
    "function",
    ["kalman.py:negative_log_likelihood", "lotka_volterra.py:final_prey"],
)
def test_notes_of_examples(function):
    source = adjoint.value_and_grad(f"{EXAMPLES / function}").source
    assert black.format_str(source, mode=black.Mode()) == source
    found = notes(reverse_sweep(source))
    text = (EXAMPLES / function.split(":")[0]).read_text(encoding="utf-8")
    starts = {note.removesuffix(" ...") for note in found}
    assert len(starts) >= 5
    for start in starts:
        assert any(line.startswith(start) for line in lines_of(text)), start


def test_formulas_have_none():
    lines = reverse_sweep(adjoint.value_and_grad("a = x*y; b = a*sin(a); b*b").source)
    assert not notes(lines)


GROWING = """\
import math


def f(x, y, n: int):
    NAME = [x, y]
    for i in range(2, n + 3):
        NAME.append(NAME[i - 1] * 0.5 + math.sin(NAME[i - 2]) * NAME[-1])
    return sum(a * b for a, b in zip(NAME, NAME[::2]))
"""


@pytest.mark.parametrize("letters", range(1, 12))
def test_what_is_taken_from_a_list_leaves_less_room(letters):
    function = define(GROWING.replace("NAME", "m" * letters))
    source = adjoint.value_and_grad(function).source
    assert black.format_str(source, mode=black.Mode()) == source
