"""The options of the command ``adjoint``, and how what is typed there is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from adjoint.errors import OptionError

_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*")
_QUOTED = re.compile(r"(['\"])(.*)\1", re.DOTALL)
_WORDS = {"True": True, "False": False, "None": None}


def static_value(text: str) -> tuple[str, float | int | bool | str | None]:
    """The name and the value of ``N=3`` or ``KIND=word``.

    What may be read as a number is a text in quotes. Raises OptionError for what is not
    like it.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise OptionError(f"{text!r} is not of the form N=3")
    if value in _WORDS:
        return name.strip(), _WORDS[value]
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        return name.strip(), quoted[2]
    if value.isidentifier() and not _is_float(value):
        return name.strip(), value
    whole = _WHOLE.fullmatch(value)
    return name.strip(), int(value) if whole else _number(value, text)


def interval(text: str) -> tuple[str, tuple[float, float]]:
    """The name and the bounds of ``X=LOW:HIGH``.

    Raises OptionError for what is not like it, and for an interval that is empty.
    """
    name, _, bounds = text.partition("=")
    low, colon, high = bounds.partition(":")
    if not colon:
        raise OptionError(f"{text!r} is not of the form X=LOW:HIGH")
    found = _number(low, text), _number(high, text)
    if not found[0] <= found[1]:
        raise OptionError(f"the range {text!r} is empty")
    return name.strip(), found


def _number(digits: str, text: str) -> float:
    if not _is_float(digits):
        raise OptionError(f"{digits!r} in {text!r} is not a number")
    return float(digits)


def _is_float(digits: str) -> bool:
    try:
        float(digits)
    except ValueError:
        return False
    return True


def _states(text: str | None) -> str | int | None:
    """A number of states as a number; words are left to `with_checkpoints`."""
    return int(text) if text is not None and text.isdigit() else text


def _named(read: Callable[[str], tuple[str, Any]]) -> Callable[..., Any]:
    """Have an option that may be given again and again read to a table by name."""
    return lambda _context, _option, texts: dict(map(read, texts))


def ranges(help: str) -> Callable[..., Any]:
    """The option ``--range``, by what a range is for."""
    return click.option(
        "--range",
        "ranges",
        multiple=True,
        callback=_named(interval),
        metavar="X=LOW:HIGH",
        help=help,
    )


def format(default: str, help: str) -> Callable[..., Any]:
    """The option ``--format``, by the formats that there are."""
    return click.option(
        "--format", default=default, show_default=True, metavar="FORMAT", help=help
    )


output = click.option(
    "-o", "--output", metavar="FILE", help="Write there; default: standard output."
)
at = click.option(
    "--at",
    multiple=True,
    metavar="X1=1,X2=pi/2",
    help="A point: a number for each parameter.",
)
target = click.option(
    "--target",
    metavar="LANGUAGE",
    help="python, numpy or c; by default numpy for functions of arrays, else python.",
)
signature = click.option(
    "--signature",
    metavar='"x: float, n: int"',
    help="Types of a function's parameters.",
)
static = click.option(
    "--static",
    multiple=True,
    callback=_named(static_value),
    metavar="N=3",
    help="Give a function's parameter its value now.",
)
unroll = click.option(
    "--unroll",
    default=0,
    metavar="N",
    help="Unroll a function's loops of up to N iterations.",
)
_wrt = click.option(
    "--wrt", metavar="X1,X2", help="Parameters to differentiate by; default: all."
)
_name = click.option("--name", metavar="NAME", help="What to call the function.")
_kind = click.option(
    "--derivative",
    "kind",
    default="value_and_grad",
    show_default=True,
    metavar="KIND",
    help="grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp, sparse_jacobian, "
    "sparse_hessian; or several, value,grad,hessian.",
)
_mode = click.option(
    "--mode",
    metavar="forward|reverse",
    help="How to compute a Jacobian; default: by the sizes.",
)
_checkpoint = click.option(
    "--checkpoint",
    callback=lambda _context, _option, text: _states(text),
    metavar="sqrt|N",
    help="How many states each long loop may save; the rest is computed again.",
)
_rules_file = click.option(
    "--rules",
    metavar="FILE",
    help="Functions with derivatives of your own: a .toml or .py file.",
)


def _all(options: Sequence[Callable[..., Any]]) -> Callable[[Any], Any]:
    """The options as one decorator, which lists them in their order."""

    def decorated(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


#: What is differentiated, and how it is read.
differentiated = _all(
    (_kind, _mode, _wrt, _name, signature, static, unroll, _checkpoint, _rules_file)
)
#: What looks at a function at a point.
looked_at = _all((at, _wrt, _name, signature, static, unroll, _rules_file, output))
