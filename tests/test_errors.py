"""The family of errors, and how they point into a source."""

import pickle

import pytest

import adjoint
from adjoint.errors import AdjointError, OptionError, Source, SourceError, did_you_mean
from tests.support_functions import define


def test_one_family():
    assert issubclass(SourceError, AdjointError) and issubclass(
        OptionError, AdjointError
    )
    assert adjoint.AdjointError is AdjointError


def test_an_error_says_where_and_what():
    source = Source("a = 1\nb = sinn(a)\n", "wave")
    error = source.error(10, 14, "unknown function `sinn`", "did you mean `sin`?")
    assert (error.source, error.line, error.column) == ("wave", 2, 5)
    assert error.message == "unknown function `sinn`"
    assert error.hint == "did you mean `sin`?"
    assert str(error).splitlines() == [
        "wave:2:5: unknown function `sinn`",
        "    b = sinn(a)",
        "        ^^^^",
        "    did you mean `sin`?",
    ]


def test_without_a_hint_there_is_no_line_for_it():
    assert str(Source("x +").error(3, 4, "what?")).splitlines() == [
        "formula:1:4: what?",
        "    x +",
        "       ^",
    ]


def test_an_error_can_be_sent_to_another_process():
    error = Source("x ! y").error(2, 3, "what?", "that")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) and type(copy) is SourceError
    assert (copy.line, copy.column, copy.hint) == (1, 3, "that")


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("", 0, (1, 1)),
        ("x", 1, (1, 2)),
        ("x\ny", 1, (1, 2)),
        ("x\ny", 2, (2, 1)),
        ("\n\n\nabc", 5, (4, 3)),
        ("x\n", 2, (2, 1)),
    ],
)
def test_lines_and_columns_count_from_one(text, offset, place):
    assert Source(text).line_and_column(offset) == place


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "marks"),
    [
        ("x + y", 4, 5, "x + y", "    ^"),
        ("x + y", 0, 5, "x + y", "^^^^^"),
        ("x + y", 5, 6, "x + y", "     ^"),
        ("x\nab\ny", 2, 6, "ab", "^^"),  # to the end of the line and no further
        ("\tx\ty", 3, 4, "\tx\ty", "\t \t^"),  # tabs stay, so that it lines up
        ("a\0\x1b[1mb", 6, 7, "a\ufffd\ufffd[1mb", "      ^"),
        ("θ²", 1, 2, "θ²", " ^"),
        ("", 0, 0, "", "^"),
    ],
)
def test_excerpts(text, start, end, line, marks):
    assert Source(text).excerpt(start, end) == (f"    {line}", f"    {marks}".rstrip())


@pytest.mark.parametrize("at", [0, 1, 29, 30, 31, 50, 75, 76, 77, 150, 199, 200])
def test_a_long_line_is_cut_around_the_place(at):
    text = "".join(chr(ord("a") + i % 26) for i in range(200))
    shown, marks = Source(text).excerpt(at, at + 1)
    assert len(shown) <= 4 + 76 + 6
    assert shown[marks.index("^") :][:1].strip(".") == text[at : at + 1]
    assert shown.strip(" .") in text
    assert shown.startswith("    ...") == (at > 30)
    assert shown.endswith("...") == (text[-1:] != shown[-1:])


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sinn", "sin"),
        ("Sin", "sin"),
        ("SQRT", "sqrt"),
        ("sqr", "sqrt"),
        ("arctn", "arctan"),
        ("lg", "log"),
        ("frobnicate", None),
        ("print", None),
    ],
)
def test_did_you_mean(name, near):
    known = ["sin", "sqrt", "arctan", "arctan2", "log", "expit", "print_nothing_else"]
    assert did_you_mean(name, known) == (near and f"did you mean `{near}`?")


@pytest.mark.parametrize(
    ("body", "place", "what"),
    [
        ("    return x * 2.0\n", "x * 2.0", "an array"),
        ("    y = x + 1.0\n    return x[0], x[1] * y[0]\n", "x[0]", "a tuple"),
    ],
)
def test_what_is_no_number_is_shown(body, place, what):
    text = f'def f(x: "float[:]"):\n{body}'
    with pytest.raises(adjoint.AdjointError, match=f"f returns {what}") as caught:
        adjoint.grad(define(text))
    _, line, caret, hint = str(caught.value).split("\n")
    assert line[caret.index("^") :].startswith(place)
    assert "jacobian and vjp are for" in hint
