"""Puts the page together: template, style, scripts, data and code in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from adjoint._version import __version__
from adjoint.errors import OptionError, did_you_mean
from adjoint.explain.page.model import Model, Range, describe
from adjoint.ir.program import Program
from adjoint.target.javascript import helper_functions

#: What `adjoint page` shows by itself.
DEMONSTRATION = (
    "x^2+z^2",
    "0.2*relu(x*z)+sin(x+z)",
    "(x-z)^2+cos(x+z)",
    "sin(x*z)+0.15*(x^2+z^2)",
    "0.20*(x^2+z^2)+sin(x+z)",
)

#: The page's own scripts, in the order in which they use each other.
_SCRIPTS = """
format graph steps plot descent state actions words build render ui
""".split()

#: A page is not larger than this, in bytes.
_LARGEST = 400_000

_HERE = Path(__file__).parent


def page(
    programs: Sequence[Program],
    point: Mapping[str, float] | None = None,
    ranges: Mapping[str, Range] | None = None,
) -> str:
    """The text of a page for one function or several, a picker among them.

    ``point`` says where inputs begin, ``ranges`` between which numbers they are moved;
    both are for all functions that have an input of the name. Raises OptionError for
    functions that cannot be shown, for a name that none of them has, for an empty range
    and where the page would be too large.
    """
    point, ranges = dict(point or {}), dict(ranges or {})
    known = dict.fromkeys(n for program in programs for n in program.parameter_names)
    for name in (*point, *ranges):
        if name not in known:
            hint = did_you_mean(name, known) or f"there is: {', '.join(known)}"
            raise OptionError(f"{name!r} is no input; {hint}")
    for name, (low, high) in ranges.items():
        if not low < high:
            raise OptionError(f"the range of {name!r} is empty")
    models = [describe(program, point, ranges) for program in programs]
    text = _filled(_read("page.html"), _parts(models))
    size = len(text.encode("utf-8"))
    if size > _LARGEST:
        raise OptionError(
            f"the page would have {size // 1000:,} KB, more than {_LARGEST // 1000}; "
            "give it fewer functions"
        )
    return text


def _parts(models: Sequence[Model]) -> dict[str, str]:
    """What stands at each mark of the template."""
    data = {"version": __version__, "functions": [model.data for model in models]}
    return {
        "style": _read("style.css"),
        "data": _as_json(data),
        "code": _code(models),
        "scripts": "\n".join(_read(f"{name}.js") for name in _SCRIPTS),
    }


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with each ``/* name */`` replaced; what is put in is left alone."""
    pieces = template.split("/* ")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition(" */")
        filled += [parts[name], rest]
    return "".join(filled)


def _as_json(data: object) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _code(models: Sequence[Model]) -> str:
    """The functions of each model, in the order of the data."""
    helpers = helper_functions(p for model in models for p in model.programs)
    entries = [",\n".join(model.functions) for model in models]
    listed = ",\n".join(f"[\n{entry},\n]" for entry in entries)
    return f"{helpers}\nreturn [\n{listed},\n];"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
