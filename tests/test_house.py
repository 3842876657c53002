"""Who imports whom: rooms import one way, and no two modules import each other.

And what is compiled to machine code is there.

Every import counts, also one in a function or for types alone.
"""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import adjoint

_ROOT = Path(adjoint.__file__).parent

#: The rooms that the modules of a room import, beside their own. What stands at the
#: top of the package is open to what looks from outside, `errors` to all.
_ROOMS = {
    "ir": "rules",  # the operations are those of the table
    "rules": "ir",  # lengths of axes alone
    "frontend": "ir rules frontend.formula frontend.function frontend.symbolic",
    "frontend.formula": "ir rules frontend",
    "frontend.symbolic": "ir rules frontend frontend.formula",
    "frontend.python": "ir rules frontend",
    "frontend.arrays": "ir rules frontend frontend.python",
    "frontend.function": "ir rules frontend frontend.python frontend.arrays",
    "transform": "ir rules frontend frontend.formula"  # rules are formulas
    " transform.algebra transform.arrays",
    "transform.algebra": "ir rules",
    "transform.arrays": "ir rules frontend frontend.formula transform.algebra",
    "transform.sparse": "ir rules transform transform.algebra",
    "target": "ir rules transform target.arrays target.c",
    "target.arrays": "ir rules transform target",
    "target.c": "ir rules transform target target.arrays",
    "kinds": "ir transform transform.sparse",
    "check": "ir rules transform transform.sparse target kinds check.text check.arrays",
    "check.text": "ir rules frontend frontend.formula frontend.python"
    " frontend.function transform transform.sparse target kinds check",
    "check.arrays": "ir rules transform kinds check check.text",
    "explain": "ir rules frontend.formula transform transform.algebra target check",
    "explain.page": "ir transform transform.algebra target explain",
}
#: What a module at the top of the package may be, for these to import it.
_OPEN = {
    "": {"errors", "_version", "files"},
    "explain.page": {"derivative"},
}

#: Imports for types that close a circle. Make it fewer, and no more.
_CLOSING = {
    ("ir.identities", "ir.builder"),
    ("ir.array_identities", "ir.builder"),
    ("target.branches", "target.statements"),
    ("target.exits", "target.statements"),
    ("target.loops", "target.statements"),
    ("target.straight", "target.statements"),
    ("transform.forward_blocks", "transform.forward"),
    ("transform.shared_tangents", "transform.forward"),
    ("transform.reverse_loop", "transform.reverse"),
}


def _modules() -> dict[str, Path]:
    found = {}
    for path in _ROOT.rglob("*.py"):
        parts = path.relative_to(_ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    del found["__init__"], found["__main__"]
    return found


@cache
def _imports() -> list[tuple[str, ast.Import | ast.ImportFrom]]:
    """Every import, with the module in which it stands."""
    trees = [
        (name, ast.parse(path.read_text(encoding="utf-8")))
        for name, path in _modules().items()
    ]
    return [
        (name, node)
        for name, tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def _arrows() -> set[tuple[str, str]]:
    """The pairs of modules of which the first imports the second."""
    modules, arrows = _modules(), set()
    for name, node in _imports():
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        package, _, module = node.module.partition(".")
        if package != "adjoint":
            continue
        for alias in node.names:
            inner = f"{module}.{alias.name}".lstrip(".")
            imported = inner if inner in modules else module
            arrows.add((name, imported))
    return arrows


def _room(module: str) -> str:
    return module.rpartition(".")[0]


def test_imports_are_written_as_the_test_reads_them() -> None:
    for name, node in _imports():
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, name
        else:
            assert not any(one.name.startswith("adjoint") for one in node.names)


def test_rooms_import_one_way() -> None:
    wrong = []
    for module, imported in _arrows():
        room, other = _room(module), _room(imported)
        if not room or other == room:
            continue
        if not other:
            known = imported in _OPEN[""] | _OPEN.get(room, set())
        else:
            known = other in _ROOMS[room].split()
        if not known:
            wrong.append((module, imported))
    assert sorted(wrong) == []


def test_no_circles() -> None:
    arrows = _arrows()
    assert arrows >= _CLOSING  # those that are mended leave the list
    below: dict[str, set[str]] = {}
    for module, imported in arrows - _CLOSING:
        below.setdefault(module, set()).add(imported)
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def _compiled() -> list[Path]:
    """The modules that are compiled to machine code."""
    top = Path(__file__).parents[1]
    text = (top / "pyproject.toml").read_text(encoding="utf-8")
    wheel = tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]
    return [top / path.lstrip("/") for path in wheel["hooks"]["mypyc"]["include"]]


def test_what_is_compiled_is_there() -> None:
    """The hook leaves out, without a word, what it does not find."""
    paths = _compiled()
    assert len(paths) == len(set(paths)) > 20
    assert [path for path in paths if not path.is_file()] == []


def test_what_is_compiled_caches_no_properties() -> None:
    """In machine code, a `functools.cached_property` is found anew each time."""
    texts = {path: path.read_text(encoding="utf-8") for path in _compiled()}
    assert [path for path, text in texts.items() if "cached_property" in text] == []
