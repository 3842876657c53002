"""The table of rules, for people."""

from __future__ import annotations

from adjoint.rules.operation import Operation
from adjoint.rules.table import DEFINITIONS, FUNCTIONS, OPERATIONS, WRITTEN_OUT


def rules_table() -> list[str]:
    """One line an operation: its spelling, its partial derivatives, other names."""
    rows = [("operation", "partial derivatives", "other names")]
    rows += [
        _row(operation)
        for operation in OPERATIONS.values()
        if operation.name != "power"
    ]
    rows += map(_row, WRITTEN_OUT.values())
    defined = {(entry.name, entry.operands): entry for entry in DEFINITIONS.values()}
    for entry in defined.values():
        called = f"{entry.name}({', '.join(entry.operands)})"
        rows.append(
            (called, f"written out as {entry.formula}", ", ".join(entry.aliases))
        )
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    rows.insert(1, ("-" * widths[0], "-" * widths[1], "-" * len(rows[0][2])))
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]


def written(operation: Operation) -> str:
    """The operation in its operands, as the table names them: ``a - b``, ``sin(a)``."""
    if not operation.called and not operation.written:
        return operation.python
    operands = "a, b, ..." if operation.variadic else ", ".join(operation.operands)
    return f"{operation.name}({operands})"


def _row(operation: Operation) -> tuple[str, str, str]:
    partials = "; ".join(operation.partials)
    if operation.written:
        alone = "" if operation.name in FUNCTIONS else "in rules alone, "
        partials += f"; {alone}written out as {operation.written}"
    return written(operation), partials, ", ".join(operation.aliases)
