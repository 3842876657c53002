"""The global names of a generated module: imports, constants, helper functions."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Sequence

from adjoint.errors import OptionError
from adjoint.ir.names import Names
from adjoint.ir.program import NOTHING, Op, Value
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.operation import CALLABLE, Operation, OwnOperation
from adjoint.target.language import PYTHON, Language
from adjoint.target.layout import WIDTH, Wrapper, bracketed, width
from adjoint.target.spelling import (
    SIGN,
    Calling,
    Speller,
    Text,
    literal,
    named_literal,
    operating,
    pairwise,
)

#: Constants that are longer, together, do not stand in one expression.
_LONGEST = 50
_LONGEST_NAME = 24

_DIGITS = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN"]
_DIGITS += ["EIGHT", "NINE", "TEN", "ELEVEN", "TWELVE", "THIRTEEN", "FOURTEEN"]
_DIGITS += ["FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN"]
_TENS = ["TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"]
#: What numbers and signs are called in the names of constants.
_WORDS = {str(number): word for number, word in enumerate(_DIGITS)}
_WORDS |= {str(10 * number): word for number, word in enumerate(_TENS, 2)}
_WORDS |= {
    "0.5": "HALF",
    "/": "OVER",
    "+": "PLUS",
    "-": "MINUS",
    "**": "TO_THE",
    "%": "MODULO",
}
_WORDS |= {"*": "", "//": "FLOOR_OVER"}

#: The modules that helpers name, by their names there.
_MODULES = {"np": "numpy", "math": "math"}


class _Spellers(dict[Operation, Speller]):
    """Spellers by operation, each made when it is first asked for."""

    def __init__(self, module: Globals, language: Language):
        self._module = module
        self._language = language

    def __missing__(self, operation: Operation) -> Speller:
        speller = self[operation] = self._module.speller(self._language, operation)
        return speller


class Globals:
    """Collects what the functions of one module need around them.

    ``user_names`` are the names that the user has brought, to be kept clear of. The
    constants are computed in Python, by `math`, whatever the language of the bodies.
    """

    def __init__(self, user_names: Iterable[str], language: Language = PYTHON):
        self.user_names = frozenset(user_names)
        self.language = language
        self._names = Names(self.user_names)
        #: how each operation is spelled in the bodies, and in the constants
        self.spellers = _Spellers(self, language)
        self._python = _Spellers(self, PYTHON)
        self._modules: dict[str, str] = {}
        self._others: dict[tuple[str, str], str] = {}
        self._imports: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._helpers: dict[tuple[Language, str], str] = {}
        self._constants: dict[str, str] = {}
        self._constant_of: dict[Value, Text] = {}
        self._nameless = 0

    # -- what the bodies ask for

    def speller(self, language: Language, operation: Operation) -> Speller:
        """How the operation is spelled in this module."""
        if isinstance(operation, ArrayOperation):
            raise OptionError("arrays are not supported by this target")
        function = self._called(language, operation)
        if function is None:
            return operating(language.spelling(operation))
        spell = Calling(function)
        return pairwise(spell) if operation.variadic and language.binary else spell

    def literal(self, value: Value) -> Text:
        """A number, or what a constant such as pi is called in this module."""
        assert value.number is not None
        if value.name == NOTHING:
            return Text(NOTHING)
        name = named_literal(value)
        if name is None:
            return literal(value.number)
        text = Text(self.of_math(name))
        return Text(f"-{text.text}", SIGN) if value.number < 0 else text

    def add_constant(self, op: Op) -> None:
        """Note an operation on constants, to be done once at the top of the module."""
        operands = [self._constant_text(operand) for operand in op.operands]
        length = sum([len(text.text) for text in operands])
        if length > _LONGEST or op.operation.repeats_operand:
            operands = [self._as_constant(text) for text in operands]
        self._constant_of[op.results[0]] = self._python[op.operation](operands)

    def constant(self, value: Value) -> Text:
        """The name of a constant that is computed at the top of the module."""
        return self._as_constant(self._constant_of[value])

    def in_python(self, operation: Operation, operands: Sequence[Text]) -> Text:
        """An operation as Python spells it, whatever the language of the bodies."""
        return self._python[operation](operands)

    def add_array(self, value: Value, text: str) -> None:
        """Note a constant array, to be made once at the top of the module."""
        if text not in self._constants:
            self._constants[text] = self._names.take(value.name or "ARRAY")
        self._constant_of[value] = Text(self._constants[text])

    def helper(self, name: str) -> str:
        """What a helper function of the language is called in this module."""
        return self._helper(self.language, name)

    # -- the text

    def import_lines(self) -> list[str]:
        """``from math import ...``, sorted; then NumPy, where it is used."""
        lines = self._math_lines()
        for name, alias in sorted(self._modules.items()):
            plain = f"import {name}" if name == alias else f"import {name} as {alias}"
            if name == "math":
                lines.insert(0, plain)
            else:
                lines += ["", plain] if lines else [plain]
        others = self._other_lines()
        return [*lines, "", *others] if lines and others else lines + others

    def _other_lines(self) -> list[str]:
        """The imports of functions with rules of the user's own."""
        by_module: dict[str, list[str]] = {}
        for (module, name), alias in sorted(self._others.items()):
            item = name if name == alias else f"{name} as {alias}"
            by_module.setdefault(module, []).append(item)
        return [
            line
            for module, items in by_module.items()
            for line in _from_import(module, items)
        ]

    def _math_lines(self) -> list[str]:
        items = [
            name if name == alias else f"{name} as {alias}"
            for name, alias in sorted(self._imports.items())
        ]
        return _from_import("math", items) if items else []

    def remarks(self) -> list[str]:
        """What the module's docstring has to say of its imports."""
        names = [f"{module}.{name}" for module, name in sorted(self._others)]
        return [f"It imports {', '.join(names)}."] if names else []

    def alias_lines(self) -> list[str]:
        """Other names for the builtins whose own names the user has taken."""
        return [f"{alias} = {name}" for name, alias in self._aliases.items()]

    def constant_lines(self) -> list[str]:
        """The constants, in the order of their use."""
        wrapper = Wrapper()
        lines = [f"{name} = {text}" for text, name in self._constants.items()]
        return [part for line in lines for part in wrapper.wrapped(line)]

    @property
    def constants_need_helpers(self) -> bool:
        """Whether a helper function is called at the top of the module."""
        text = " ".join(self._constants)
        names = map(re.escape, self._helpers.values())
        return any(re.search(rf"\b{name}\(", text) for name in names)

    def helper_texts(self) -> list[str]:
        """The text of each helper function that is used."""
        texts = []
        for (language, name), own in self._helpers.items():
            used = language.helpers.names_used(name)
            names = {name: own} | {n: self._global(language, n) for n in used}
            texts.append(language.helpers.text(name, names))
        return texts

    # -- inside

    def _constant_text(self, value: Value) -> Text:
        return self.literal(value) if value.op is None else self._constant_of[value]

    def _as_constant(self, text: Text) -> Text:
        if text.text in self._constants:
            return Text(self._constants[text.text])
        if re.fullmatch(r"[\w.]+|-[\d.]+(e-?\d+)?", text.text):
            return text
        name = _constant_name(text.text)
        if name is None:
            self._nameless += 1
            name = f"C{self._nameless}"
        name = self._constants[text.text] = self._names.take(name)
        return Text(name)

    def of_math(self, name: str) -> str:
        """What a name of `math` is called in this module."""
        if name not in self._imports:
            self._imports[name] = self._names.take(name, f"math_{name}")
        return self._imports[name]

    def builtin(self, name: str) -> str:
        """What a builtin function is called in this module."""
        if name not in self.user_names:
            return name
        if name not in self._aliases:
            self._aliases[name] = self._names.take(f"builtin_{name}")
        return self._aliases[name]

    def module(self, name: str, alias: str) -> str:
        """What an imported module is called in this one."""
        if name not in self._modules:
            self._modules[name] = self._names.take(alias, name)
        return self._modules[name]

    def _called(self, language: Language, operation: Operation) -> str | None:
        """What the operation's function is called here; None for an operator."""
        spelling = language.spelling(operation)
        if not CALLABLE.match(spelling):
            return None
        module, _, name = spelling.rpartition(".")
        if module == "math":
            return self.of_math(name)
        if isinstance(operation, OwnOperation):
            return self._own(module, name)
        if module == "numpy":
            return f"{self.module('numpy', 'np')}.{name}"
        return self._helper(language, name) if module else self.builtin(name)

    def _own(self, module: str, name: str) -> str:
        """What a function of another module is called in this one."""
        key = module, name
        if key not in self._others:
            self._others[key] = self._names.take(name, f"{name}_function")
        return self._others[key]

    def _helper(self, language: Language, name: str) -> str:
        key = language, name
        if key not in self._helpers:
            self._helpers[key] = self._names.take(name, f"{name}_function")
            for used in language.helpers.names_used(name):
                self._global(language, used)
        return self._helpers[key]

    def _global(self, language: Language, name: str) -> str:
        """A name that a helper uses: another helper, a module, a builtin, of math."""
        if name in language.helpers:
            return self._helper(language, name)
        if name in _MODULES:
            return self.module(_MODULES[name], name)
        return self.builtin(name) if hasattr(builtins, name) else self.of_math(name)


def _from_import(module: str, items: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(items)}"
    if width(line) <= WIDTH:
        return [line]
    return bracketed("", f"from {module} import (", items, ")")


def _constant_name(text: str) -> str | None:
    """A name for a constant, by its text: ``sqrt(2 * pi)`` is SQRT_TWO_PI."""
    text = re.sub(r"\b(\w+) \* \1\b", r"\1 squared", text)
    words = re.findall(r"[A-Za-z_]\w*|[\d.]+(?:e-?\d+)?|\*\*|//|[-+*/%]", text)
    parts = [_WORDS.get(word.removesuffix(".0"), word.upper()) for word in words]
    parts = [part.strip("_").removesuffix(".0") for part in parts if part]
    name = "_".join(parts).replace(".", "_")
    fits = len(name) <= _LONGEST_NAME and name.isidentifier() and name.isascii()
    return name if fits else None
