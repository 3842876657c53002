"""What names in annotations mean: the classes of the user's, and names of types."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from adjoint.errors import SourceError
from adjoint.frontend.function.annotations import (
    UNTOLD,
    Declared,
    declared_type,
    type_written,
)
from adjoint.frontend.python.items import (
    Item,
    Module,
    RecordClass,
    Refused,
    Scope,
    tuple_of,
)
from adjoint.frontend.python.lowering import FunctionLowering


@dataclass(frozen=True)
class DeclaredIn:
    """What names in annotations mean in a scope.

    ``around`` are the names that it is asked for in turn: none is a part of itself.
    """

    scope: Scope | None
    lowering: FunctionLowering
    node: ast.AST
    around: tuple[str, ...] = ()

    def __call__(self, name: str) -> Declared | None:
        """The type that a name means; None for one that is not known."""
        if self.scope is None or name in self.around:
            return None
        alias = self.scope.annotation(name)
        if alias is not None:
            return declared_type(alias, self._inside(self.scope, name))
        kind = self._named(name)
        if not isinstance(kind, RecordClass):
            return None
        known = self._inside(kind.scope, name)
        parts = [_part_type(kind, field, known) for field in kind.fields]
        found = [one for one in parts if one is not None]
        return tuple_of(kind, found) if len(found) == len(parts) else None

    def refused(self, annotation: ast.expr) -> Refused | None:
        """Why the class that an annotation names is refused; None where it is not."""
        found = self._named(ast.unparse(type_written(annotation)))
        return found if isinstance(found, Refused) else None

    def with_classes(self, item: Item, annotation: ast.expr | None) -> Item:
        """The item, whose tuples are of the classes that an annotation says."""
        if type(item) is not tuple or annotation is None:
            return item
        written = type_written(annotation)
        name = ast.unparse(written)
        alias = None if self.scope is None else self.scope.annotation(name)
        if alias is not None and name not in self.around:
            return self._inside(self.scope, name).with_classes(item, alias)
        kind = self._named(name)
        if isinstance(kind, RecordClass) and len(kind.fields) == len(item):
            known = self._inside(kind.scope, kind.name)
            said = [kind.annotations.get(field) for field in kind.fields]
            return tuple_of(kind, map(known.with_classes, item, said))
        match written:
            case ast.Subscript(slice=ast.Tuple(elts=of)) if len(of) == len(item):
                return tuple(map(self.with_classes, item, of))
        return item

    def _inside(self, scope: Scope | None, name: str) -> DeclaredIn:
        return DeclaredIn(scope, self.lowering, self.node, (*self.around, name))

    def _named(self, name: str) -> Item | None:
        """What a name with dots stands for, as in ``model.State``."""
        first, *rest = name.split(".")
        if self.scope is None:
            return None
        try:
            item = self.scope.find(first, self.lowering, self.node)
        except SourceError:  # what it is assigned says nothing here
            return None
        for part in rest:
            within = item.scope if isinstance(item, Module) else None
            item = within and within.find(part, self.lowering, self.node)
        return item


def _part_type(kind: RecordClass, field: str, known: DeclaredIn) -> Declared | None:
    annotation = kind.annotations.get(field)
    return UNTOLD if annotation is None else declared_type(annotation, known)
