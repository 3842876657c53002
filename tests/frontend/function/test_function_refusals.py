"""What is outside the language is refused: where, and what to do instead."""

import pytest

from adjoint import value_and_grad
from adjoint.errors import AdjointError, OptionError, SourceError
from adjoint.frontend.function.read import read_function
from tests.support_functions import define

#: The body of a function of x and n, what the carets are under, a part of the message.
REFUSED = [
    ("try:\n        y = x\n    except ValueError:\n        y = 0.0", "try:", "caught"),
    ("with open(x) as y:\n        pass", "with open(x) as y:", "`with`"),
    ("yield x", "yield x", "generators"),
    ("yield from x", "yield from x", "generators"),
    ("global G", "global G", "globals"),
    ("nonlocal_ = 1\n    del nonlocal_", "del nonlocal_", "`del`"),
    ("class A:\n        pass", "class A:", "classes"),
    ("match x:\n        case [1, 2]:\n            pass", "[1, 2]", "this pattern"),
    ("x.y = 1.0", "x.y", "attributes cannot be assigned"),
    ("y = x.real", "x.real", "attributes are not supported"),
    ("y = x.summ()", "x.summ", "`summ` of an array is not supported"),
    ("y = (x, x)\n    y[0] = 1.0", "y[0]", "a tuple, it cannot be changed"),
    ("y = (1 + 2)[0]", "(1 + 2)[0]", "a number has no items"),
    ("y = (x, (x, x))[n]", "(x, (x, x))[n]", "index of a tuple"),
    ("y = (x, x)[2]", "2", "no item 2"),
    ("y = (x, x)[0:n]", "(x, x)[0:n]", "one index, or one slice"),
    ("y = {'about': x}['abut']", "'abut'", "there is no 'abut'"),
    ("y = {1: x, 2: x}[n]", "n", "a text or a number that is known here"),
    ("y = {x: 1}[x]", "x", "a text or a number that is known here"),
    ("y = {**x}", "x", "behind `**` stands a dictionary"),
    ("y = {1: x}.pop(1)", "{1: x}.pop", "this is a dictionary"),
    ("y = {1: x}\n    y[n] = x", "n", "a text or a number that is known here"),
    ("y = {1: x}\n    y[2] += x", "2", "there is no 2 in this dictionary"),
    ("return {1: x}", "def", "returns a dictionary"),
    ("y = n in {1: x}", "n in {1: x}", "a key has to be known"),
    ("y = {x}", "{x}", "sets"),
    ("y = [x] - [x]", "[x] - [x]", "`-` is not of a list"),
    ("y = [x] * 2.0", "2.0", "whole number"),
    ("y = [x] + (x,)", "[x] + (x,)", "cannot be joined"),
    ("y = [[x] * 2] * n", "[[x] * 2] * n", "are one list"),
    ("y = [x].insert(0, x)", "[x].insert", "`insert` of a list"),
    ("[x].sort()", "[x].sort()", "a list that has a name"),
    ("y = any([x] * n)", "any([x] * n)", "`any` of a list"),
    ("y = [x]\n    y[n] = [x]", "y[n]", "a number is expected"),
    ("y = [x]\n    y.append((x, x))", "y.append((x, x))", "a number is expected"),
    ("y = [x]\n    y *= n", "y *= n", "`y` is a list"),
    ("y = max([x] for i in range(n))", "max([x] for i in range(n))", "rows"),
    ("y = x + 'text'", "'text'", "not a text"),
    ("y = math.sin('text')", "'text'", "not a text"),
    ("for i in 'text':\n        pass", "'text'", "a text, it has no items"),
    ("y = f'{x}'", "f'{x}'", "strings"),
    ("y = 2j", "2j", "complex"),
    ("y = x * NOTHING", "NOTHING", "`NOTHING` is None here"),
    ("y = max(x, None)", "max(x, None)", "not None"),
    ("y = -None", "None", "not None"),
    ("y = None == x == n", "None", "not None"),
    ("y = 'a' < 'b'", "'a'", "not a text"),
    ("y = None if x > 0 else x", "None if x > 0 else x", "None and a number"),
    ("z = None\n    if x > 0:\n        z = x\n    y = z", "z", "two kinds"),
    (
        "y = z = None\n    for i in range(n):\n        if y is None or x < y:\n            y = x",
        "for i in",
        "`y` is None, and changes in this loop",
    ),
    ("y = x @ x", "x @ x", "whether `x` is an array"),
    ("y = x is n", "x is n", "`is`"),
    ("y = x is 3", "x is 3", "`is`"),
    ("y = x in range(n)", "range(n)", "`in`"),
    ("y = x < 2 in (n, n)", "x < 2 in (n, n)", "between other comparisons"),
    ("y = x and (z := x)", "z := x", "`:=`"),
    ("y = [(z := v) for v in (x, x)]", "z := v", "in a comprehension"),
    ("y, z, *w = (x,)", "y, z, *w", "1 items cannot be unpacked to 3 names"),
    ("y = max(*x)", "x", "a number, it has no items"),
    ("y = [*range(n)]", "range(n)", "have to be known"),
    ("y = math.sin(*(x, x))", "math.sin(*(x, x))", "takes 1 argument, not 2"),
    ("y = max(**x)", "**x", "`**`"),
    ("y, z = x * 2", "y, z", "whether `x` is an array"),
    ("y, z = 2.5", "y, z", "unpacked"),
    ("y, z = (x, x, x)", "y, z", "3 items"),
    ("y = print(x)", "print(x)", "reads nor writes"),
    ("print(z := x)", "print(z := x)", "reads nor writes"),
    ("z = [x, x]\n    print(z.pop())", "print(z.pop())", "reads nor writes"),
    ("y = unknown(x)", "unknown", "unknown function"),
    ("y = sine", "sine", "unknown name"),
    ("y = helpr(x)", "helpr", "unknown function"),
    ("y = x(2)", "x(2)", "cannot be called"),
    ("y = z\n    z = x", "z", "before anything is assigned"),
    ("y = len(x + n)", "len(x + n)", "tuple"),
    ("y = (x, x) + 1.0", "(x, x) + 1.0", "cannot be joined"),
    ("y = math.frexp(x)", "math.frexp", "not supported"),
    ("y = math.sin(x, x)", "math.sin(x, x)", "takes 1 argument"),
    ("y = round(x, n)", "round(x, n)", "digits"),
    ("y = max((x, n), key=x)", "max((x, n), key=x)", "cannot be called"),
    ("y = max(x, n, default=x)", "max(x, n, default=x)", "by name"),
    ("for i in range(0.5):\n        pass", "0.5", "whole number"),
    ("for i in range(x * 1.5):\n        pass", "x * 1.5", "whole number"),
    ("for i in range(n, 5, 0):\n        pass", "range(n, 5, 0)", "cannot be 0"),
    ("for i in x + 1.0:\n        pass", "x + 1.0", "no items"),
    ("for i in zip(range(n), ((x,),)):\n        pass", "range(n)", "have to be known"),
    ("raise Custom('a')", "Custom('a')", "Python's own"),
    ("raise ValueError('%g' % x)", "'%g' % x", "a text or a number"),
    ("raise ValueError(str(x))", "str(x)", "a text or a number"),
    ("raise ValueError('a') from x", "raise ValueError('a') from x", "only"),
    ("raise", "raise", "only"),
    ("y = recursive(x)", None, "decided at run time"),
    ("y = deep(x, 300)", None, "do not end"),
    ("y = many(u=1.0)", "many(u=1.0)", "by any name"),
    ("y = helper()", "helper()", "without its parameter `u`"),
    ("y = helper(x, x, x)", "helper(x, x, x)", "takes 2 arguments"),
    ("g = lambda t: t\n    y = g(x, x)", "g(x, x)", "takes 1 argument, not 2"),
    ("y = helper(x, w=x)", "helper(x, w=x)", "does not have"),
    ("y = helper(x, u=x)", "helper(x, u=x)", "twice"),
    ("if x > 0:\n        return x", "def f(x, n):", "without a `return`"),
    ("if x > 0:\n        return x, x", "def f(x, n):", "two kinds"),
    ("if x > 0:\n        g = helper\n    return g(x)", "g", "one side"),
    (
        "p = x\n    for i in range(n):\n        p = (p, x)",
        "for i in",
        "changes its kind",
    ),
    ("y = (x * 0.5) << 2", "x * 0.5", "whole number"),
    ("return helper", "def", "returns the function"),
    ("return", "def", "returns nothing"),
    ("import pandas", None, None),
]

_MODULE = """\
import math

NOTHING = None

def helper(u, v=1.0):
    return u * v

def recursive(u):
    if u > 1.0:
        return recursive(u / 2)
    return u

def deep(u, k):
    return u if k == 0 else deep(u, k - 1)

def many(**u):
    return 1.0

def f(x, n):
    {}
    {}
"""


@pytest.mark.parametrize(("body", "place", "message"), REFUSED)
def test_refused(body, place, message):
    returns = body.startswith(("return", "if x > 0:\n        return x"))
    end = "return y" if body == "import pandas" else "return x"
    if returns and "else" not in body and "x, x" not in body:
        end = ""
    text = _MODULE.format(body, end)
    if body == "import pandas":
        text = text.replace("return y", "return pandas.sin(x)")
        place, message = "pandas", "`pandas` is not supported"
    with pytest.raises(SourceError) as caught:
        read_function(define(text))
    shown = str(caught.value).splitlines()
    assert message in shown[0]
    if place is not None:
        under = shown[1][shown[2].index("^") : shown[2].rindex("^") + 1]
        assert under.startswith(place) or place.startswith(under)


@pytest.mark.parametrize("head", ["def f(*x):", "def f(**x):", "def f(x: str):"])
def test_parameters_refused(head):
    with pytest.raises(SourceError):
        read_function(define(f"{head}\n    return 1.0\n"))


def test_options_refused():
    function = define("def f(x, n):\n    return x\n")
    for options in (
        {"static": {"m": 1}},
        {"static": {"n": b"a"}},
        {"signature": "x: str"},
        {"signature": "x :: y"},
        {"signature": "z: int"},
    ):
        with pytest.raises(OptionError):
            read_function(function, **options)
    for thing in (3, max, "no file", "x*y"):
        with pytest.raises(AdjointError):
            read_function(thing)


def test_files_that_cannot_be_read(tmp_path):
    path = tmp_path / "a.py"
    with pytest.raises(AdjointError, match="cannot read"):
        read_function(f"{path}:f")
    path.write_text("def f(x):\n    return x\n")
    with pytest.raises(AdjointError, match="did you mean"):
        read_function(f"{path}:ff")
    path.write_text("def f(x:\n    return x\n")
    with pytest.raises(SourceError, match="not Python"):
        read_function(f"{path}:f")


def test_no_source():
    space = {}
    exec("def f(x):\n    return x\n", space)
    with pytest.raises(AdjointError, match="cannot be read"):
        read_function(space["f"])


def test_what_is_said_of_none_does_it():
    # the idiom of a first element, and what the message says to write for it
    def first(flag, test):
        return (
            f"def f(x: list[float]):\n    {flag}\n    for v in x:\n        {test}\n"
            "            c = v\n        else:\n            c = c * v + 1.0\n    return one(c)\n\n\n"
            "def one(c):\n    return c\n"
        )

    with pytest.raises(SourceError) as caught:
        read_function(define(first("c = None", "if c is None:")))
    hint = str(caught.value).rpartition("\n")[2]
    assert "`c, has_c = 0.0, False`" in hint and "`if not has_c:`" in hint
    text = first("c, has_c = 0.0, False", "if not has_c:")
    f = define(text.replace("c = v\n", "c, has_c = v, True\n"))
    slopes = [15.0, 10.0, 7.0]  # of (2 * 3 + 1) * 5 + 1
    assert value_and_grad(f)([2.0, 3.0, 5.0]) == (36.0, slopes)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("abs(complex(x, 1.0))", "the real and the imaginary part as two numbers"),
        ("abs(x + 1j)", "the real and the imaginary part as two numbers"),
        ("cmath.exp(x)", "the real and the imaginary part as two numbers"),
        ("x * np.random.normal()", "draw the numbers outside"),
        ("random.gauss(x, 1.0)", "draw the numbers outside"),
        ("integrate.quad(math.sin, 0.0, x)[0]", "a rule of its own"),
        ("brentq(math.sin, 1.0, x)", "a rule of its own"),
    ],
)
def test_what_to_do_without_a_module(text, hint, tmp_path):
    module = (
        "import cmath\nimport math\nimport random\n\nimport numpy as np\n"
        "from scipy import integrate\nfrom scipy.optimize import brentq\n\n\n"
        f"def f(x):\n    return {text}\n"
    )
    path = tmp_path / "model.py"
    path.write_text(module)
    for source in (define(module), f"{path}:f"):
        with pytest.raises(SourceError) as caught:
            read_function(source)
        lines = str(caught.value).split("\n")
        assert hint in lines[-1] and set(lines[2].strip()) == {"^"}


def test_a_list_of_tuples_that_is_returned():
    f = define(
        "def f(x, n: int):\n    s = []\n    for k in range(n):\n"
        "        s.append((x, x * k))\n    return s\n"
    )
    with pytest.raises(SourceError, match="return a tuple of lists"):
        read_function(f)


@pytest.mark.parametrize(
    ("caught", "hint"),
    [
        ("ZeroDivisionError", "`if d == 0: return ...`"),
        ("(TypeError, ValueError)", "`if u <= 0: return ...` in front of log(u)"),
        ("OverflowError as e", "`if u > 709: return ...` in front of exp(u)"),
        ("TypeError", "by `if` for what would raise it"),
    ],
)
def test_what_to_write_for_an_exception_that_is_caught(caught, hint):
    text = f"def f(x):\n    try:\n        return 1 / x\n    except {caught}:\n        return x\n"
    with pytest.raises(SourceError, match="cannot be caught") as refused:
        read_function(define(text))
    assert hint in str(refused.value)
