"""How Python spells lists of entries (`rules.entry_table`), with NumPy and without."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adjoint.ir.program import Op
from adjoint.target.globals import Globals
from adjoint.target.spelling import ATOM, PRODUCT, SUM, Text

Texts = Sequence[Text]

#: The operations that change a list in place.
ENTRY_STORES = frozenset(("append", "extend", "set_row", "add_row"))


def entry_statement(op: Op, name: str, indices: Sequence[str], value: str) -> str:
    """The statement of a change in place of the list of this name."""
    if op.operation.name == "append":
        return f"{name}.append({value})"
    if op.operation.name == "extend":
        return f"{name} += {value}"
    row = op.operands[1].op
    is_one = row is not None and row.operation.name == "row" and len(row.operands) == 1
    if op.operation.name == "add_row" and is_one and value.startswith("["):
        return f"{name}[{indices[0]}].append({value[1:-1]})"
    sign = "=" if op.operation.name == "set_row" else "+="
    return f"{name}[{indices[0]}] {sign} {value}"


def copied_entries(module: Globals, rank: int, text: str) -> str:
    """A copy of a row, or of an array of rows."""
    copy = module.builtin("list")
    return f"{copy}({text})" if rank == 1 else f"[{copy}(row) for row in {text}]"


def _no_rows(module: Globals, op: Op, texts: Texts) -> Text:
    if not texts:
        return Text("[[]]")
    if len(texts) == 1:
        count = texts[0].text
    else:
        count = " * ".join([text.at_least(PRODUCT) for text in texts])
    return Text(f"[[] for _ in {module.builtin('range')}({count})]")


def _row(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[{', '.join([text.text for text in texts])}]")


def _row_of(module: Globals, op: Op, texts: Texts) -> Text:
    rows, index = texts
    return Text(f"{rows.at_least(ATOM)}[{index.text}]")


def _scaled(module: Globals, op: Op, texts: Texts) -> Text:
    row, factor = texts
    if factor.text == "-1.0":
        return Text(f"[-item for item in {row.text}]")
    return Text(f"[{factor.at_least(PRODUCT)} * item for item in {row.text}]")


def _flat(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[item for row in {_joined(texts)} for item in row]")


def _row_numbers(module: Globals, op: Op, texts: Texts) -> Text:
    counted = f"{module.builtin('enumerate')}({_joined(texts)})"
    return Text(f"[at for at, row in {counted} for _ in row]")


def _joined(texts: Texts) -> str:
    return " + ".join([text.at_least(SUM) for text in texts])


Spelling = Callable[[Globals, Op, Texts], Text]

#: With lists alone.
ENTRY_TEXTS: dict[str, Spelling] = {
    "no_rows": _no_rows,
    "row": _row,
    "row_of": _row_of,
    "scaled": _scaled,
    "one_row": _row,
    "flat": _flat,
    "row_numbers": _row_numbers,
}


def _as_array(spell: Spelling) -> Spelling:
    def spelled(module: Globals, op: Op, texts: Texts) -> Text:
        np = module.module("numpy", "np")
        inner = spell(module, op, texts).text
        return Text(f"{np}.array({inner}, dtype={op.attributes[-1]})")

    return spelled


#: With results that are arrays of NumPy.
NUMPY_ENTRY_TEXTS: dict[str, Spelling] = {
    **ENTRY_TEXTS,
    "flat": _as_array(_flat),
    "row_numbers": _as_array(_row_numbers),
}
