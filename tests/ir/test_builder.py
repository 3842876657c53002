"""The builder: numbering, folding, identities, blocks."""

import math

import pytest

from adjoint.errors import AdjointError
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.builder import Builder
from adjoint.ir.interpret import run
from adjoint.ir.printer import print_program
from adjoint.ir.program import operation_count
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.ir.validate import validate


def lines(formula):
    program = read_formula(formula)
    validate(program)
    return print_program(program)


def test_a_repeated_expression_is_one_value():
    assert lines("sin(x*y) + sin(x*y)") == [
        "t1 = x * y",
        "t2 = sin(t1)",
        "value = t2 + t2",
        "return value",
    ]


def test_commuted_operands_are_the_same_value():
    assert operation_count(read_formula("x*z + z*x").body) == 2
    assert operation_count(read_formula("(x - z)*(z - x)").body) == 3


def test_literals_fold_where_ieee_fixes_the_result():
    assert lines("1/3*x")[0] == f"y = {1 / 3!r} * x"
    assert lines("2**10*x")[0] == "y = 1024.0 * x"
    assert lines("-3*x")[0] == "y = -3.0 * x"


def test_library_functions_of_constants_are_left_to_the_machine_that_runs_them():
    assert lines("sin(1)*x") == ["t1 = sin(1)", "y = t1 * x", "return y"]
    assert operation_count(read_formula("sin(1)*x").body) == 1


@pytest.mark.parametrize(
    ("formula", "kept"),
    [
        ("x + 0", "y = x + 0.0"),  # -0.0 + 0 is 0.0
        ("0*x", "y = 0.0 * x"),  # inf, nan, -0.0
        ("x - x", "y = x - x"),
        ("x/x", "y = x / x"),
        ("0 - x", "y = 0.0 - x"),
    ],
)
def test_what_is_not_exact_is_kept(formula, kept):
    assert lines(formula)[0] == kept


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("x*1", "x"),
        ("x/1", "x"),
        ("--x", "x"),
        ("x**1", "x"),
        ("x - 0", "x"),
        ("x**0", "1.0"),
    ],
)
def test_exact_identities(formula, result):
    assert lines(formula)[-1] == f"return {result}"


@pytest.mark.parametrize("word", ["and", "or"])
def test_a_condition_joined_with_itself_is_itself(word):
    assert lines(f"(x < y) {word} (x < y)") == lines("x < y")


@pytest.mark.parametrize("x", [1.0, 3.0])
@pytest.mark.parametrize("other", ["1 < 2", "2 < 1"])
@pytest.mark.parametrize("form", ["x < 2 and {}", "{} and x < 2", "x < 2 or {}"])
def test_what_is_known_of_a_condition_is_not_joined_to_it(form, other, x):
    formula = form.format(other)
    assert not any(" and " in one or " or " in one for one in lines(formula))
    assert run(read_formula(formula), [x]) == (eval(formula, {"x": x}),)


@pytest.mark.parametrize("x", [1.0, 2.0, math.nan])
@pytest.mark.parametrize(
    ("formula", "shorter"),
    [
        ("not x == 1", "x != 1"),
        ("not x != 1", "x == 1"),
        ("not not x < 1", "x < 1"),
    ],
)
def test_negations_that_have_a_word_of_their_own(formula, shorter, x):
    computed, returned = lines(shorter)
    assert computed in lines(formula) and lines(formula)[-1] == returned
    assert run(read_formula(formula), [x]) == (eval(formula, {"x": x}),)


@pytest.mark.parametrize("x", [0.0, -0.0, 1.5, -3.25, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize(
    "formula",
    ["x*1", "x/1", "--x", "x - 0", "x + -(x*x)", "x - -(x*x)", "-1*x", "x*-1", "x/-1"],
)
def test_identities_keep_every_bit(formula, x):
    (ours,) = run(read_formula(formula), [x])
    assert repr(ours) == repr(eval(formula, {"x": x}))


def test_types_widen_as_in_python():
    builder = Builder()
    x, n = builder.parameter("x", FLOAT), builder.parameter("n", INT)
    true = builder.emit("lt", x, n)
    assert true.type == BOOL
    assert builder.emit("add", n, n).type == INT
    assert builder.emit("add", true, true).type == INT
    assert builder.emit("mul", x, true).type == FLOAT
    assert builder.emit("div", n, n).type == FLOAT
    assert builder.emit("floor", x).type == INT


@pytest.mark.parametrize(
    "formula",
    ["9**9**9", "x*2**100000000", "x + 10**400", "10**400", "(10**4000)**4000"],
)
def test_hostile_constants_are_refused_at_once(formula):
    with pytest.raises(AdjointError, match=r"constant .*too large"):
        read_formula(formula)


def test_large_whole_numbers_may_cancel():
    assert lines("2**2000/2**1999*x")[0] == "y = 2.0 * x"


def test_values_of_a_branch_are_not_known_behind_it():
    program = read_formula("(sin(x) if x > 0 else 1.0) + sin(x)")
    validate(program)
    assert sum("sin" in line for line in print_program(program)) == 2


def test_values_before_a_branch_are_known_in_it():
    program = read_formula("sin(x) + (sin(x) if x > 0 else 1.0)")
    assert sum("sin" in line for line in print_program(program)) == 1


def test_a_condition_with_one_outcome_builds_one_side():
    assert lines("sin(x) if 1 < 2 else log(x)") == ["y = sin(x)", "return y"]


def test_an_attempt_that_fails_leaves_nothing():
    class NotWanted(Exception):
        pass

    builder = Builder()
    x = builder.parameter("x")
    first = builder.emit("sin", x)

    def build(fails):
        builder.emit("cos", x)
        builder.open()
        builder.emit("exp", x)
        if fails:
            raise NotWanted
        builder.close()
        kept.append(builder.emit("sin", x))

    kept = []
    assert not builder.attempt(lambda: build(True), NotWanted)
    assert builder.depth == 0
    assert [op.operation.name for op in builder.block.ops] == ["sin"]
    cosine = builder.emit("cos", x)  # a new one, not that of the attempt
    assert cosine.op is builder.block.ops[-1]
    assert builder.attempt(lambda: build(False), NotWanted)
    assert kept == [first]
    assert [op.operation.name for op in builder.block.ops] == ["sin", "cos"]
    with pytest.raises(NotWanted):
        builder.attempt(lambda: build(True), KeyError)
