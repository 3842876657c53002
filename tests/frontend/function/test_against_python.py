"""The formula language beside Python itself: its grammar, and its values bit for bit.

Texts are random; what they mean is what Python's `ast` and `eval` say. (The tests
evaluate texts that they have written themselves.)
"""

from __future__ import annotations

import ast
import itertools
import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from adjoint.errors import AdjointError, Source
from adjoint.frontend.formula.parser import ExpressionParser
from adjoint.frontend.formula.read import read_formula
from adjoint.frontend.formula.tokens import tokenize
from adjoint.ir.interpret import run
from adjoint.rules import helpers
from tests.support import examples

pytestmark = pytest.mark.filterwarnings(
    "ignore:invalid .* literal", "ignore::SyntaxWarning"
)

# --- the grammar

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not"}
LOGIC = {ast.And: "and", ast.Or: "or"}


class OutsideTheSubset(Exception):
    """Python, but nothing that formulas have."""


def pythons_tree(text):
    """The tree that Python sees, as nested tuples; None where it refuses the text."""
    try:
        return tuples_of_python(ast.parse(text, mode="eval").body)
    except (SyntaxError, OutsideTheSubset):
        return None


def tuples_of_python(node):
    each = tuples_of_python
    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return "number", repr(number)
        case ast.Name(id=name):
            return "name", name
        case ast.UnaryOp(op=op, operand=a) if type(op) in UNARY:
            return "unary", UNARY[type(op)], each(a)
        case ast.BinOp(left=a, op=op, right=b) if type(op) in BINARY:
            return "binary", BINARY[type(op)], each(a), each(b)
        case ast.BoolOp(op=op, values=values):
            return "logic", LOGIC[type(op)], *map(each, values)
        case ast.Compare(left=a, ops=ops, comparators=rest) if {*map(type, ops)} <= {
            *COMPARE
        }:
            signs = tuple(COMPARE[type(op)] for op in ops)
            return "compare", signs, each(a), *map(each, rest)
        case ast.IfExp(test=c, body=a, orelse=b):
            return "choice", None, each(c), each(a), each(b)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return "call", name, *map(each, arguments)
    raise OutsideTheSubset


def our_tree(text):
    """The tree that we see, as nested tuples; None where we refuse the text."""
    source = Source(text)
    try:
        tokens = tokenize(source)
        parser = ExpressionParser(source, tokens)
        node = parser.parse()
    except AdjointError:
        return None
    return tuples(node) if parser.position == len(tokens.kinds) - 1 else None


def tuples(node):
    if node.kind == "number":
        return node.kind, repr(node.value)
    if node.kind == "name":
        return node.kind, node.value
    return node.kind, node.value, *map(tuples, node.parts)


WORDS = "x 2 + - * ** ( ) , < == not and or if else f(".split()


@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_short_sequence_of_words(length):
    for words in itertools.product(WORDS, repeat=length):
        text = " ".join(words)
        assert our_tree(text) == pythons_tree(text), text


@given(
    st.lists(st.sampled_from([*WORDS, ">=", "/", "//", "%", "True", ".5"]), min_size=4)
)
@settings(max_examples=examples(200))
def test_random_sequences_of_words(words):
    text = " ".join(words)
    assert our_tree(text) == pythons_tree(text)


NUMBERS = "2 0 1. .5 1e3 1E-3 2.5e+1_0 0x1F 0o17 0b101 1_000 00 0_0 1_0.0_1".split()


def joined(*parts):
    return st.tuples(*parts).map("".join)


def extended(text):
    sign = st.sampled_from([*BINARY.values(), *COMPARE.values(), " and ", " or "])
    space = st.sampled_from(["", " ", "  "])
    comma = st.sampled_from([",", ", ", " , "])
    return st.one_of(
        joined(text, space, sign, space, text),
        joined(text, sign, text, sign, text),
        joined(st.sampled_from(["-", "+", "not ", "--"]), text),
        joined(st.just("("), text, st.just(")")),
        joined(text, st.just(" if "), text, st.just(" else "), text),
        joined(st.just("f("), text, st.sampled_from([")", ",)"])),
        joined(st.just("g ("), text, comma, text, st.just(")")),
    )


texts = st.recursive(
    st.sampled_from(["x", "y1", "θ", *NUMBERS]), extended, max_leaves=15
)


@given(texts)
@settings(max_examples=examples(300))
@example("-x**2")
@example("2**-x**-y1")
@example("not x == y1 < 2 and not 0 or x")
@example("x if y1 else 2 if x else 0")
@example("(x if y1 else 2) if x else 0")
@example("x if (2 if y1 else x) else 0")
def test_trees_are_pythons(text):
    """An expression without regard to precedence: Python says what it means."""
    assert our_tree(text) == pythons_tree(text)


@given(texts, st.data())
@settings(max_examples=examples(250))
def test_trees_are_pythons_after_an_accident(text, data):
    """A word too many, or some characters too few."""
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 2))
    word = data.draw(st.sampled_from(["", " ", *WORDS, "==", "e", "_", "."]))
    text = (text[:at] + word + text[at + cut :]).strip()
    assert our_tree(text) == pythons_tree(text)


@pytest.mark.parametrize("digits", ["", *"0123456789_.eExXoObBaAfFjJ+-"])
def test_spellings_of_numbers(digits):
    """Whatever begins with two characters of numbers is a number here if it is there."""
    for tail in itertools.product("0129_.eExXobBaf+-j", repeat=2):
        for text in (digits + "".join(tail), "0" + digits + "".join(tail)):
            assert our_tree(text) == pythons_tree(text), text


def test_the_caret_is_a_power_and_nothing_else():
    assert our_tree("-x^2^y") == pythons_tree("-x**2**y")


# --- values


class Complex(Exception):
    """A power that is a complex number."""


def power(a, b):
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() * abs(b) > 10**5:
        raise Complex  # or takes too long
    result = a**b
    if isinstance(result, complex):
        raise Complex
    return result


def square(a):
    return a * a if isinstance(a, float) else power(a, 2)


class Powers(ast.NodeTransformer):
    """Powers become calls of `power`, those with the constant 2 of `square`."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return self.power(node.left, node.right)

    def visit_Call(self, node):
        self.generic_visit(node)
        return self.power(*node.args) if node.func.id == "pow" else node

    def power(self, base, exponent):
        name, parts = "power", [base, exponent]
        if is_constant(exponent) and pythons_value(ast.unparse(exponent), {}) == 2:
            name, parts = "square", [base]
        return ast.Call(ast.Name(name, ast.Load()), parts, [])


def is_constant(node):
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return not names & set("xyz")


FUNCTIONS_OF_ONE = """
    exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan asin acos atan sinh cosh tanh
    asinh acosh atanh erf erfc gamma lgamma degrees radians fabs floor ceil trunc
    abs round sign relu sigmoid softplus digamma sec csc cot ln arcsin arccosh
""".split()
FUNCTIONS_OF_TWO = "atan2 copysign fmod remainder hypot min max pow log".split()
FUNCTIONS_OF_THREE = "hypot min max".split()

MEANING = {name: getattr(math, name) for name in dir(math)}
MEANING |= {name: getattr(helpers, name) for name in dir(helpers)}
MEANING |= {"sec": lambda a: 1 / math.cos(a), "csc": lambda a: 1 / math.sin(a)}
MEANING |= {"cot": lambda a: 1 / math.tan(a)}
MEANING |= {"ln": math.log, "arcsin": math.asin, "arccosh": math.acosh}
MEANING |= {"square": square, "power": power}


def pythons_value(text, point):
    """What `eval` gives, or the type of the exception that it raises."""
    tree = ast.fix_missing_locations(Powers().visit(ast.parse(text, mode="eval")))
    try:
        return eval(compile(tree, "text", "eval"), MEANING | point)
    except (ArithmeticError, ValueError, TypeError) as error:
        return type(error)


def our_value(text, point):
    program = read_formula(f"f(x, y, z) = {text}")
    try:
        return run(program, [point[name] for name in "xyz"])[0]
    except (ArithmeticError, ValueError, TypeError) as error:
        return type(error)


def call(name, *arguments):
    commas = itertools.repeat(st.just(","))
    parts = [part for pair in zip(arguments, commas, strict=False) for part in pair]
    return joined(name, st.just("("), *parts[:-1], st.just(")"))


def numbers_from(text):
    """Larger expressions whose value is a float where those of the parts are."""
    infix = st.sampled_from(["+", "-", "*", "/", "+", "-", "*", "/", "//", "%"])
    sign = st.sampled_from([*COMPARE.values()])
    exponent = st.sampled_from("2 3 -1 0.5 0 x".split())
    choice = st.just("("), text, st.just(" if "), text, sign, text, st.just(" else ")
    return st.one_of(
        joined(text, infix, text),
        joined(text, infix, text, infix, text),
        joined(st.just("-"), text),
        joined(st.just("("), text, st.just(")")),
        joined(st.just("("), text, st.just(")**"), exponent),
        joined(*choice, text, st.just(")")),
        call(st.sampled_from(FUNCTIONS_OF_ONE), text),
        call(st.sampled_from(FUNCTIONS_OF_TWO), text, text),
        call(st.sampled_from(FUNCTIONS_OF_THREE), text, text, text),
    )


def anything_from(text):
    """Larger expressions; truth values may stand where numbers do."""
    sign = st.sampled_from([*COMPARE.values()])
    word = st.sampled_from([" and ", " or ", " and not "])
    return st.one_of(
        numbers_from(text),
        numbers_from(text),
        joined(st.just("("), text, sign, text, st.just(")")),
        joined(st.just("("), text, sign, text, sign, text, st.just(")")),
        joined(st.just("("), text, word, text, word, text, st.just(")")),
        joined(
            st.just("("),
            text,
            st.just(" if "),
            text,
            st.just(" else "),
            text,
            st.just(")"),
        ),
    )


def formulas(larger, *leaves):
    return st.recursive(st.sampled_from([*"xyzxyz", *leaves]), larger, max_leaves=10)


float_formulas = formulas(numbers_from, "0.5", "1.", "2.0", "1e-5", "0.", "pi", "1e200")
all_formulas = formulas(
    anything_from, "0", "1", "2", "-1", "True", "1_0", "0x10", "2.5"
)

reals = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1e200, -1e-200, 10.0]),
    st.sampled_from([math.inf, -math.inf, math.nan, 5e-324]),
    st.floats(-10, 10),
)
points = st.fixed_dictionaries({"x": reals, "y": reals, "z": reals})


def value_or_refusal(text, point):
    """Our value; hypothesis looks for another text where a constant is too large."""
    try:
        return our_value(text, point)
    except AdjointError as error:
        assert "too large" in str(error)
        assume(False)


def expected_value(text, point):
    try:
        return pythons_value(text, point)
    except Complex:
        assume(False)


@given(float_formulas, points)
@settings(max_examples=examples(350))
@example("-x*-y-(-z)", {"x": -0.0, "y": 0.0, "z": 0.0})
@example("x-0.-0.", {"x": -0.0, "y": 0.0, "z": 0.0})
@example("-x--0.", {"x": 0.0, "y": 0.0, "z": 0.0})
@example("x/1./-1.", {"x": 0.0, "y": 0.0, "z": 0.0})
@example("(x)**0*1.", {"x": math.nan, "y": 0.0, "z": 0.0})
def test_values_are_pythons_bit_for_bit(text, point):
    expected = expected_value(text, point)
    found = value_or_refusal(text, point)
    assert type(found) is type(expected) and repr(found) == repr(expected)


@given(all_formulas, points)
@settings(max_examples=examples(350))
@example("x<9007199254740993", {"x": 9007199254740992.0, "y": 0.0, "z": 0.0})
def test_values_with_whole_numbers_are_pythons(text, point):
    """Equal; a whole number may stand for the float, and an unsigned zero."""
    expected = expected_value(text, point)
    found = value_or_refusal(text, point)
    assert found == expected or (found != found and expected != expected)


@pytest.mark.parametrize(
    "text",
    ["x**2**3", "2**-x", "-x**-y", "x//y%z", "x/y/z", "x-y-z", "x-(y-z)", "x**y**z"],
)
def test_associativity(text):
    point = {"x": 2.5, "y": 1.5, "z": 0.75}
    assert our_value(text, point) == pythons_value(text, point)


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("1/(x - x)", ZeroDivisionError),
        ("x % (x - x)", ZeroDivisionError),
        ("log(x - x)", ValueError),
        ("sqrt(-x)", ValueError),
        ("asin(x + 1)", ValueError),
        ("exp(1000*x)", OverflowError),
        ("gamma(-x/x)", ValueError),
        ("(10*x)**400", OverflowError),
        ("0.0**-x", ZeroDivisionError),
        ("floor(x*1e308*10)", OverflowError),
        ("math.pow(-x, 0.5)", ValueError),
        ("digamma(0*x)", ValueError),
        ("log(x, 1)", ZeroDivisionError),
    ],
)
def test_what_python_raises_is_raised(text, raised):
    assert our_value(text, {"x": 1.0, "y": 0.0, "z": 0.0}) is raised
