"""Which derivatives there are, by name, and what is asked for: one, or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.form import Form, flattened, nested, tuple_of
from adjoint.ir.program import Program
from adjoint.kinds.parts import PARTS, Outputs
from adjoint.transform.derivation import Derivation

#: The kinds of derivatives: the parts that each returns.
KINDS = {
    "value": ("value",),
    "grad": ("gradient",),
    "value_and_grad": ("value", "gradient"),
    "jvp": ("value", "tangent"),
    "vjp": ("value", "cotangents"),
    "jacobian": ("jacobian",),
    "hessian": ("hessian",),
    "hvp": ("product",),
    "sparse_jacobian": ("sparse_jacobian",),
    "sparse_hessian": ("sparse_hessian",),
}


def kinds_named(kind: str) -> list[str]:
    """The kinds of a list such as "value,grad,hessian".

    Raises OptionError for a kind that does not exist, or stands twice.
    """
    names = [name.strip() for name in kind.split(",")]
    for at, name in enumerate(names):
        if name not in KINDS:
            hint = did_you_mean(name, KINDS) or f"one of {', '.join(KINDS)} is expected"
            raise OptionError(f"there is no derivative {name!r}; {hint}")
        if name in names[:at]:
            raise OptionError(f"the derivative {name!r} is asked for twice")
    return names


def kinds_of_name(suffix: str) -> list[str]:
    """The kinds that the name of a generated function ends with; none for others.

    >>> kinds_of_name("value_grad_hessian")
    ['value', 'grad', 'hessian']
    """
    found: list[str] = []
    rest = f"{suffix}_"
    while rest:
        fitting = [kind for kind in KINDS if rest.startswith(f"{kind}_")]
        if not fitting:
            return []
        found.append(max(fitting, key=len))
        rest = rest[len(found[-1]) + 1 :]
    return found


@dataclass(frozen=True)
class Request:
    """What is to be returned: one kind, or a tuple of several."""

    kinds: Sequence[str]

    @property
    def parts(self) -> list[str]:
        """The parts of all kinds, one after another."""
        return [part for kind in self.kinds for part in KINDS[kind]]

    def nested(self, parts: Sequence[Any]) -> Any:
        """The parts in tuples, one for each kind that has several."""
        found = iter(parts)
        items = [
            nested(tuple_of(len(KINDS[kind])), [next(found) for _ in KINDS[kind]])
            for kind in self.kinds
        ]
        return items[0] if len(items) == 1 else tuple(items)

    def outputs(self, derivation: Derivation) -> Outputs:
        """The form of it all, and the values."""
        by_part = {
            part: PARTS[part].outputs(derivation)
            for part in PARTS
            if part in self.parts
        }
        found = [by_part[part] for part in self.parts]
        values = list(chain.from_iterable(values for _, values in found))
        return self.nested([form for form, _ in found]), values

    def form(self, program: Program, wrt: Sequence[str]) -> Form:
        """The form of it all, for a primal and its parameters of interest."""
        forms = []
        for name in self.parts:
            part = PARTS[name]
            if part.form is None:
                forms.append(flattened(part.words(program, wrt))[0])
            else:
                forms.append(part.form(program.form, program.form_of(wrt)))
        form: Form = self.nested(forms)
        return form

    def words(self, program: Program, wrt: Sequence[str]) -> Any:
        """What is returned, in words, nested as it is."""
        return self.nested([PARTS[part].words(program, wrt) for part in self.parts])
