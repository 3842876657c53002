"""What the docstring of a generated module says, read back."""

from __future__ import annotations

import ast
import re
import textwrap

from adjoint.errors import Source
from adjoint.frontend.function.annotations import signature_types
from adjoint.ir.types import Type
from adjoint.transform.writing_out import HELD_FIXED

_TEXT = r"^{}:\n\n((?:(?:    .*)?\n)+?)(?=\S|\Z)"
_TYPES = re.compile(r"^Types: (.*?)\.$", re.MULTILINE | re.DOTALL)
_CONSTANTS = re.compile(r"^Constants: (.*?)\.$", re.MULTILINE | re.DOTALL)
_NEXT = re.compile(r", (?=\w+ = )")
_CUT = " ..."


class Docstring:
    """The docstring of the module of that name; empty where it has none."""

    def __init__(self, module: ast.Module, name: str):
        self._text = ast.get_docstring(module, clean=False) or ""
        self._name = name

    @property
    def holds_fixed(self) -> bool:
        """Whether `stop_gradient` has a part in the derivative."""
        return HELD_FIXED in " ".join(self._text.split())

    @property
    def formula(self) -> Source | None:
        """The formula; None where it is cut or not there."""
        return self._source("Formula")

    @property
    def function(self) -> Source | None:
        """The text of the user's function; None where it is cut or not there."""
        return self._source("Function")

    @property
    def types(self) -> dict[str, Type]:
        """The types of the parameters, where they are said."""
        said = _TYPES.search(self._text)
        types = signature_types(" ".join(said[1].split())) if said else {}
        return {name: one for name, one in types.items() if isinstance(one, Type)}

    @property
    def constants(self) -> list[str]:
        """What was taken in from the user's module, each as ``name = ...``."""
        said = _CONSTANTS.search(self._text)
        return _NEXT.split(" ".join(said[1].split())) if said else []

    def returned(self, name: str) -> str:
        """What a function returns, in words."""
        sentence = re.compile(
            rf"^{name}\(.*?\)\s+returns\s+(.*?)\.$", re.DOTALL | re.MULTILINE
        )
        match = sentence.search(self._text)
        return " ".join(match[1].split()) if match else ""

    def _source(self, heading: str) -> Source | None:
        match = re.search(_TEXT.format(heading), self._text + "\n", re.MULTILINE)
        if match is None:
            return None
        text = textwrap.dedent(match[1]).strip("\n")
        if not text or text.endswith(_CUT):
            return None
        return Source(text, f"{self._name} ({heading.lower()})")
