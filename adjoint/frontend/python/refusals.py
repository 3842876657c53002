"""What is not in the language of Python functions: what to say, and what to do."""

from __future__ import annotations

import ast

_CATCH = "ask beforehand by `if` for what would raise it, and `return` there"
#: By the exception that is caught: what to ask for, instead of waiting for it.
_ASKED = {
    "ZeroDivisionError": "`if d == 0: return ...` in front of a division by d",
    "ValueError": "as by `if u <= 0: return ...` in front of log(u)",
    "OverflowError": "as by `if u > 709: return ...` in front of exp(u)",
    "IndexError": "`if i < len(x):` in front of x[i]",
    "KeyError": "`if key in settings:`, or take `settings.get(key, ...)`",
}
_STATIC = "write tuples or lists, or one name for each number"
_CLASS = "make it a `NamedTuple` outside of the function, or use tuples"
_PARTS = "keep the real and the imaginary part as two numbers"
_DRAWS = "draw the numbers outside, and pass them to the function"
_METHOD = (
    "write the method as a loop, or give the function a rule of its own: adjoint.rule"
)

#: By the type of the statement: the message and the hint.
STATEMENTS: dict[str, tuple[str, str | None]] = {
    "With": ("`with` is not supported", "do this outside the function"),
    "AsyncWith": ("`with` is not supported", "do this outside the function"),
    "AsyncFor": ("asynchronous code is not supported", "write a plain `for`"),
    "AsyncFunctionDef": ("asynchronous code is not supported", "write a plain `def`"),
    "ClassDef": ("classes are not supported", _CLASS),
    "Global": ("a function cannot assign to globals", "return the value instead"),
    "Nonlocal": (
        "a function cannot assign to names of the function around it",
        "return the value instead",
    ),
    "Delete": (
        "`del` is not supported",
        "leave it out; without an item, a list is `x[:k] + x[k + 1:]`",
    ),
    "TypeAlias": ("type aliases are not supported", "leave it out"),
}

#: By the type of the expression.
EXPRESSIONS: dict[str, tuple[str, str | None]] = {
    "Set": ("sets are not supported", _STATIC),
    "SetComp": ("sets are not supported", _STATIC),
    "GeneratorExp": (
        "a generator is supported only as the argument of a call, as in `sum(...)`",
        "write a loop",
    ),
    "Await": ("asynchronous code is not supported", "write plain calls"),
    "Yield": ("generators are not supported", "return a tuple"),
    "YieldFrom": ("generators are not supported", "return a tuple"),
    "JoinedStr": ("strings are not data here", "leave it out"),
    "TemplateStr": ("strings are not data here", "leave it out"),
    "Slice": ("slices are not supported", "write the items one by one"),
}

#: By the type of a constant.
CONSTANTS: dict[type, tuple[str, str | None]] = {
    bytes: ("bytes are not data here", "leave it out"),
    complex: ("complex numbers are not supported", _PARTS),
    type(...): ("`...` is not a number", "write a number"),
}

#: Operators and comparisons.
SIGNS: dict[str, tuple[str, str | None]] = {
    "Is": ("`is` is not supported", "write `==`"),
    "IsNot": ("`is not` is not supported", "write `!=`"),
    "In": ("`in` is not supported between other comparisons", "write `and`"),
    "NotIn": ("`not in` is not supported between other comparisons", "write `and`"),
}

#: Builtin functions that are known, and not supported.
CALLS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(
        ("print", "input", "open"),
        ("a function that is differentiated neither reads nor writes", "leave it out"),
    ),
    **dict.fromkeys(
        ("eval", "exec", "compile", "getattr", "setattr", "globals", "locals"),
        ("code is not made at run time here", "write it out"),
    ),
    "complex": ("complex numbers are not supported", _PARTS),
    **dict.fromkeys(
        ("set", "str"),
        ("only tuples, lists and literals are supported", _STATIC),
    ),
    **dict.fromkeys(
        ("iter", "next"),
        ("iterators are not supported", "write a loop"),
    ),
}

#: Classes that are known, and not supported.
CLASSES: dict[str, str] = {
    "collections.deque": "write a list: `append`, and `pop(0)`",
    "collections.defaultdict": "write a dictionary, with all its keys",
    "collections.OrderedDict": "write a dictionary",
}

#: Modules that are known, and not supported: what to do instead of calling them.
MODULES: dict[str, str] = {
    "cmath": _PARTS,
    "random": _DRAWS,
    "numpy.random": _DRAWS,
    "scipy.integrate": _METHOD,
    "scipy.optimize": _METHOD,
    "scipy.interpolate": _METHOD,
    **CLASSES,
}

#: Methods of arrays that are known, and not supported: what to do.
METHODS: dict[str, str] = {
    "sort": "write `x = np.sort(x)`",
    "fill": "write `x[:] = ...`",
}


def module_refusal(name: str) -> tuple[str, str | None]:
    """What to say of a module that is not supported, or of what is in it."""
    parts = name.split(".")
    known = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    hint = next((MODULES[one] for one in known if one in MODULES), None)
    return f"the module `{name}` is not supported", hint


def statement_refusal(node: ast.stmt) -> tuple[str, str | None]:
    """What to say of a statement that is not supported."""
    if isinstance(node, ast.Try | ast.TryStar):
        return "exceptions cannot be caught", _instead_of(node)
    name = type(node).__name__
    return STATEMENTS.get(name, (f"{name} is not supported", None))


def _instead_of(node: ast.Try | ast.TryStar) -> str:
    """What to write in place of catching these exceptions."""
    for handler in node.handlers:
        names = ast.walk(handler.type) if handler.type else ()
        for one in names:
            if isinstance(one, ast.Name) and one.id in _ASKED:
                return f"ask beforehand: {_ASKED[one.id]}"
    return _CATCH


def none_refusal(name: str) -> tuple[str, str]:
    """What to say of a name that stands for nothing yet, and what to do instead."""
    flag = f"has_{name}"
    first = f"`{name}, {flag} = 0.0, False`"
    return (
        f"`{name}` is None here, and a number is expected",
        f"say by a truth value whether there is one: {first}, with an array of zeros "
        f"for 0.0 where it is an array; then `if not {flag}:` for `if {name} is None:`",
    )
