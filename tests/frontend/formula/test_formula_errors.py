"""What a user is told: the place, what is wrong, what was probably meant."""

from __future__ import annotations

import pytest

from adjoint.errors import SourceError
from adjoint.frontend.formula.read import read_formula


def refusal(text):
    with pytest.raises(SourceError) as caught:
        read_formula(text)
    return caught.value


def told(text):
    """The message without the name of the source, and the hint."""
    error = refusal(text)
    assert str(error).startswith(
        f"formula:{error.line}:{error.column}: {error.message}\n"
    )
    return f"{error.line}:{error.column} {error.message}", error.hint


KEYWORD = "`{0}` is a Python keyword and cannot be a name"
ELSE = "write `a if condition else b`"
HEADER = "a header is written `f(x) = ...`"
INDEX = "lists and indices are not supported in formulas"

WRONG = [
    # a value or an operator is missing
    ("x = ", "1:4 a value is missing after `=`", None),
    ("a = b = ", "1:8 a value is missing after `=`", None),
    ("x +", "1:4 a value is missing after `+`", None),
    ("x +\n y", "1:4 a value is missing after `+`", None),
    ("x + # and so on", "1:4 a value is missing after `+`", None),
    ("x +* y", "1:4 a value is missing before `*`", None),
    ("x ** ** y", "1:6 a value is missing before `**`", None),
    ("x; = 3", "1:4 a value is missing before `=`", None),
    ("a and", "1:6 a value is missing after `and`", None),
    ("and a", "1:1 a value is missing before `and`", None),
    ("x < or y", "1:5 a value is missing before `or`", None),
    ("not", "1:4 a value is missing after `not`", None),
    ("2x", "1:2 an operator is missing before `x`", "did you mean `2*x`?"),
    ("x y", "1:3 an operator is missing before `y`", "did you mean `x*y`?"),
    ("3 4", "1:3 an operator is missing before `4`", "did you mean `3*4`?"),
    ("2(x + 1)", "1:2 an operator is missing before `(`", "did you mean `2*(...)`?"),
    ("(x)(y)", "1:4 an operator is missing before `(`", "did you mean `(x)*(...)`?"),
    ("(x + 1)y", "1:8 an operator is missing before `y`", "did you mean `(x + 1)*y`?"),
    ("f(x) = sin(x) cos(x)", "1:15 an operator is missing before `cos`", None),
    ("sin x", "1:5 an operator is missing before `x`", "did you mean `sin(x)`?"),
    ("ln 2", "1:4 an operator is missing before `2`", "did you mean `ln(2)`?"),
    ("sin^2 x", "1:7 an operator is missing before `x`", "did you mean `sin(x)**2`?"),
    ("cos**2(x)", "1:7 an operator is missing before `(`", "did you mean `cos(...)**2`?"),
    ("x not y", "1:3 an operator is missing before `not`", None),
    # parentheses and commas
    ("(x", "1:1 this parenthesis is never closed", None),
    ("2*(x + sin(y", "1:11 this parenthesis is never closed", None),
    ("ln(x; y", "1:3 this parenthesis is never closed", None),
    ("a = (x + 1\nb = 2*a", "1:5 this parenthesis is never closed", None),
    ("a = sin(x\n2", "1:8 this parenthesis is never closed", None),
    ("x \\\n y", "2:2 an operator is missing before `y`", "did you mean `x*y`?"),
    ("x)", "1:2 this parenthesis was never opened", None),
    ("x + )", "1:5 this parenthesis was never opened", None),
    ("()", "1:2 a value is missing between these parentheses", None),
    ("2*()", "1:4 a value is missing between these parentheses", None),
    ("(x, y)", "1:3 one value is expected in these parentheses", None),
    ("x, y", "1:2 one result is expected, not several", None),
    ("y = 1,5", "1:6 one result is expected, not several", "did you mean `1.5`?"),
    ("max(x,, y)", "1:7 a value is missing before `,`", None),
    ("sin(,x)", "1:5 a value is missing before `,`", None),
    # calls
    ("sinn(x)", "1:1 unknown function `sinn`", "did you mean `sin`?"),
    ("2*Sin(x)", "1:3 unknown function `Sin`", "did you mean `sin`?"),
    ("math.sinus(x)", "1:6 unknown function `sinus`", "did you mean `sin`?"),
    ("math.PI*x", "1:6 unknown constant `PI`", "did you mean `pi`?"),
    ("print(x)", "1:1 unknown function `print`", None),
    ("factorial(x)", "1:1 unknown function `factorial`", "the factorial of n is `gamma(n + 1)`"),
    ("a(b)", "1:1 unknown function `a`", "did you mean `a*(...)`?"),
    ("x = 3; x(2)", "1:8 `x` is a variable, not a function", "did you mean `x*(...)`?"),
    ("f(x) = 2*f(x - 1)", "1:10 `f` cannot be used to define itself", None),
    ("sin()", "1:1 `sin` takes 1 argument, not 0", None),
    ("atan2(x)", "1:1 `atan2` takes 2 arguments, not 1", None),
    ("log(x, 2, 3)", "1:1 `log` takes 1 or 2 arguments, not 3", None),
    ("x + min()", "1:5 `min` takes at least 1 argument, not 0", None),
    ("where(x, 1)", "1:1 `where` takes 3 arguments, not 2", None),
    ("pow(x)", "1:1 `pow` takes 2 arguments, not 1", None),
    ("sec(x, y)", "1:1 `sec` takes 1 argument, not 2", None),
    ("max(x=1)", "1:6 `=` cannot stand inside an expression", "to compare, write `==`"),
    ("polygamma(x, y)", "1:11 `polygamma` needs a whole number written here", None),
    ("polygamma(1000000000, x)", "1:11 this number is too large for `polygamma`", None),
    ("round(x, 0.5)", "1:10 `round` needs a whole number written here", None),
    # names
    ("lambda + 1", f"1:1 {KEYWORD.format('lambda')}", "write the expression alone, or `f(x) = ...`"),
    ("x*for", f"1:3 {KEYWORD.format('for')}", "another name is needed, `for_` for instance"),
    ("class = 3", f"1:1 {KEYWORD.format('class')}", "another name is needed, `class_` for instance"),
    ("f(x, while) = x", f"1:6 {KEYWORD.format('while')}", "another name is needed, `while_` for instance"),
    ("def(x) = x", f"1:1 {KEYWORD.format('def')}", "write `f(x) = ...`"),
    ("None", f"1:1 {KEYWORD.format('None')}", "leave it out"),
    ("True = 3", f"1:1 {KEYWORD.format('True')}", None),
    ("𝐢𝐟 + 1", "1:1 a value is missing before `if`", ELSE),
    ("return x", f"1:1 {KEYWORD.format('return')}", "leave it out: the last value is the result"),
    ("import math", f"1:1 {KEYWORD.format('import')}", "leave it out: the functions of `math` are known"),
    ("f(x) = y", "1:8 `y` is not a parameter of the header, nor assigned before", None),
    ("f(alpha) = alhpa", "1:12 `alhpa` is not a parameter of the header, nor assigned before", "did you mean `alpha`?"),
    ("f(x) = x*sin", "1:10 `sin` is not a parameter of the header, nor assigned before", "to call the function, write `sin(...)`"),
    ("f(x) = a = b; b = x; a", "1:12 `b` is not a parameter of the header, nor assigned before", None),
    ("f(x) = x if 1 else y", "1:20 `y` is not a parameter of the header, nor assigned before", None),
    # headers and assignments
    ("f(x, x) = x", "1:6 the parameter `x` stands twice", None),
    ("f(x y) = x", "1:5 `,` is missing before `y`", None),
    ("f(x,, y) = x", "1:5 a parameter's name is expected, not `,`", HEADER),
    ("f(2) = 3", "1:3 a parameter's name is expected, not `2`", HEADER),
    ("f(x) = ", "1:7 the formula is empty", None),
    ("f(x) = x; g(y) = y", "1:11 only a name can stand left of `=`", "a header stands once, at the beginning"),
    ("3 = x", "1:1 only a name can stand left of `=`", None),
    ("x + 1 = 3", "1:1 only a name can stand left of `=`", None),
    ("f(x) += 3", "1:6 only one name can stand left of `+=`", None),
    ("a = b += 1", "1:7 only one name can stand left of `+=`", None),
    ("f(x): x", "1:5 `:` is not an operator here", HEADER),
    ("f(x) -> x", "1:6 `->` is not an operator here", HEADER),
    ("a := b", "1:3 `:=` is not an operator here", "write `a = b` as a statement of its own"),
    # conditionals
    ("if x", "1:1 a value is missing before `if`", ELSE),
    ("x if y", "1:7 `else` is missing", ELSE),
    ("(x if y)", "1:8 `else` is missing", ELSE),
    ("max(x if y, z)", "1:11 `else` is missing", ELSE),
    ("x if y else", "1:12 a value is missing after `else`", None),
    ("x else y", "1:3 this `else` has no `if`", ELSE),
    ("a if b if c else d else e", "1:8 put the condition `a if b else c` in parentheses", None),
    ("1 + not x", "1:5 put `not ...` in parentheses here", None),
    ("x ? y : z", "1:3 `?` is not an operator here", "write `b if a else c`"),
    # other languages, and what formulas have not
    ("x & y", "1:3 `&` is not an operator here", "write `and`"),
    ("x && y", "1:3 `&&` is not an operator here", "write `and`"),
    ("x || y", "1:3 `||` is not an operator here", "write `or`; the absolute value is `abs(...)`"),
    ("|x|", "1:1 `|` is not an operator here", "write `or`; the absolute value is `abs(...)`"),
    ("!x", "1:1 `!` is not an operator here", "write `not`"),
    ("x! + 1", "1:2 `!` is not an operator here", "the factorial of n is `gamma(n + 1)`"),
    ("~x", "1:1 `~` is not an operator here", "write `not`"),
    ("x <> y", "1:3 `<>` is not an operator here", "write `!=`"),
    ("x => y", "1:3 `=>` is not an operator here", "write `>=`"),
    ("x === y", "1:3 `===` is not an operator here", "write `==`"),
    ("A @ x", "1:3 `@` is not an operator here", "write `*`"),
    ("1 << 10000000000", "1:3 `<<` is not an operator here", "write `* 2**n`"),
    ("x is y", "1:3 `is` is not supported in formulas", "write `==`"),
    ("x in y", "1:3 `in` is not supported in formulas", None),
    ("x[0]", f"1:2 {INDEX}", None),
    ("[x, y]", f"1:1 {INDEX}", None),
    ("{x}", f"1:1 {INDEX}", None),
    ('"text"', "1:1 text is not supported in formulas", None),
    ("x.real", "1:2 attributes are not supported in formulas", None),
    ("1j", "1:2 complex numbers are not supported", None),
    # numbers
    ("012", "1:1 a whole number cannot begin with 0", "write `12`"),
    ("1__0", "1:2 `1__0` is not a number", None),
    ("1_", "1:2 `1_` is not a number", None),
    ("0x", "1:2 `0x` is not a number", None),
    ("0b12", "1:4 `0b12` is not a number", None),
    ("1.5.2", "1:4 `1.5.2` is not a number", None),
    ("1" * 5000, "1:1 this number has too many digits", None),
    # characters
    ("x×y", "1:2 the character `×` has no meaning in a formula", "write `*`"),
    ("x·y", "1:2 the character `·` has no meaning in a formula", "write `*`"),
    ("x − y", "1:3 the character `−` has no meaning in a formula", "write `-`"),
    ("x÷y", "1:2 the character `÷` has no meaning in a formula", "write `/`"),
    ("x ≤ y", "1:3 the character `≤` has no meaning in a formula", "write `<=`"),
    ("x1²", "1:3 the character `²` has no meaning in a formula", "write `**2`"),
    ("x₁", "1:2 the character `₁` has no meaning in a formula", "write `1`"),
    ("√2", "1:1 the character `√` has no meaning in a formula", "write `sqrt(...)`"),
    ("（x）", "1:1 the character `（` has no meaning in a formula", "write `(`"),
    ("∑x", "1:1 the character `∑` has no meaning in a formula", None),
    ("x $ y", "1:3 the character `$` has no meaning in a formula", None),
    ("x \\ y", "1:3 the character `\\` has no meaning in a formula", None),
    ("x\N{NO-BREAK SPACE}+ y", "1:2 the character U+00A0 (no-break space) has no meaning in a formula", "write a plain space"),
    ("x\0y", "1:2 the character U+0000 (control character) has no meaning in a formula", None),
    ("x + \N{ZERO WIDTH SPACE}y", "1:5 the character U+200B (zero width space) has no meaning in a formula", None),
    # nothing at all, and other lines
    ("", "1:1 the formula is empty", None),
    ("   \n\t\n", "3:1 the formula is empty", None),
    ("# only a comment", "1:1 the formula is empty", None),
    (";;", "1:3 the formula is empty", None),
    ("a = 1\n\nb = a +\n", "3:8 a value is missing after `+`", None),
    ("a = 1\r\nb = a +* 2\r\n", "2:8 a value is missing before `*`", None),
    ("a = 1\rb = a +* 2", "2:8 a value is missing before `*`", None),
    ("\tx + )", "1:6 this parenthesis was never opened", None),
    ("\ufeffx +* y", "1:4 a value is missing before `*`", None),
    # constants without bounds
    ("9**9**9", "1:1 this constant is too large to compute", None),
    ("x * 2**100000000", "1:5 this constant is too large to compute", None),
    ("x + 10**400", "1:1 this constant is too large for a float", None),
    ("10**400", "1:1 the result is a constant too large for a float", None),
    ("(2**9999)*(2**9999)*x", "1:1 this constant is too large for a float", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "hint"), WRONG, ids=[repr(text)[1:25] for text, _, _ in WRONG]
)
def test_what_is_told(text, message, hint):
    assert told(text) == (message, hint)


def test_the_whole_message():
    text = "a = sin(x)\nb = 2*sinn(a)  # oops\n"
    assert str(refusal(text)).splitlines() == [
        "formula:2:7: unknown function `sinn`",
        "    b = 2*sinn(a)  # oops",
        "          ^^^^",
        "    did you mean `sin`?",
    ]


def test_the_name_of_the_source_stands_before_the_place():
    with pytest.raises(SourceError, match=r"^wave\.txt:1:2: this parenthesis"):
        read_formula("x)", source_name="wave.txt")


@pytest.mark.parametrize("count", [10, 1000, 100_000])
def test_a_long_line_is_cut_to_the_place(count):
    text = "x + " * count + ")" + " + x" * count
    _, shown, carets = str(refusal(text)).splitlines()
    assert len(shown) < 100 and shown.rstrip("\n")[carets.index("^")] == ")"


def test_carets_end_with_the_line():
    text = "atan2(x" + " + x" * 50 + ")"
    _, shown, carets = str(refusal(text)).splitlines()
    assert carets.strip("^ ") == "" and len(carets) <= len(shown)
