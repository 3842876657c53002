"""(c) How many elementary operations the generated code holds, counted in its text."""

from __future__ import annotations

import ast
import re

import adjoint
from tests.bench.report import Measure, show_table
from tests.bench.timing import geometric_mean
from tests.support import load_formulas


def ratios() -> list[Measure]:
    """Operations of value and gradient over those of the function, for each formula."""
    print("\n(c) elementary operations: the function; its value and gradient\n")
    rows, found = [], []
    for case in load_formulas():
        source = adjoint.value_and_grad(case.formula).source
        primal, both = (
            count_operations(source, name) for name in ("f", "f_value_and_grad")
        )
        found.append((both / primal, case.id))
        rows.append([case.id, str(primal), str(both), f"{both / primal:.2f}"])
        said = re.search(r"Operations: (\d+) for f, (\d+) for", source)
        if said is None or said.groups() != (str(primal), str(both)):
            rows[-1][0] += f" (its docstring says {said and said.groups()})"
    rows.sort(key=lambda row: -float(row[3]))
    show_table(("operations", "f", "value and gradient", "ratio"), rows)
    worst, worst_id = max(found)
    mean = geometric_mean(ratio for ratio, _ in found)
    return [
        Measure(f"(c) operations, worst ratio ({worst_id})", worst, 5),
        Measure("(c) operations, geometric mean", mean, 2.5),
    ]


def second_derivatives() -> list[Measure]:
    """Operations of the Hessian over n times the function's, and of its product."""
    print("\n(s) operations: Hessian over n times the function's, product over them\n")
    rows, hessians, products = [], [], []
    for case in load_formulas():
        hessian, product = adjoint.hessian(case.formula), adjoint.hvp(case.formula)
        function = count_operations(hessian.source, "f")
        n = len(hessian.wrt)
        entries = count_operations(hessian.source, "f_hessian")
        vector = count_operations(product.source, "f_hvp")
        hessians.append((entries / (n * function), case.id))
        products.append((vector / function, case.id))
        counts = [str(number) for number in (n, function, entries, vector)]
        shown = [f"{found[-1][0]:.2f}" for found in (hessians, products)]
        rows.append([case.id, *counts, *shown])
    rows.sort(key=lambda row: -float(row[-2]))
    head = ("operations", "n", "f", "Hessian", "product", "Hessian/(n f)", "product/f")
    show_table(head, rows)
    measures = []
    for what, found, limit in (("Hessian", hessians, 4), ("product", products, 10)):
        worst, worst_id = max(found)
        over = sum(ratio > limit for ratio, _ in found)
        print(f"{what}: {over} of {len(found)} over {limit}")
        measures.append(Measure(f"(s) {what}, worst ratio ({worst_id})", worst, limit))
        mean = sum(ratio for ratio, _ in found) / len(found)  # some are 0
        measures.append(Measure(f"(s) {what}, mean", mean, limit))
    return measures


def count_operations(source: str, name: str) -> int:
    """The operators and calls in a function; of a condition, the dearer side."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return sum(map(_cost, node.body))
    raise LookupError(name)


def _cost(node: ast.AST) -> int:
    if isinstance(node, ast.IfExp):
        return _cost(node.test) + max(_cost(node.body), _cost(node.orelse))
    if isinstance(node, ast.If):
        sides = (sum(map(_cost, side)) for side in (node.body, node.orelse))
        return _cost(node.test) + max(sides)
    inner = sum(map(_cost, ast.iter_child_nodes(node)))
    if isinstance(node, ast.UnaryOp):
        return inner + (not isinstance(node.operand, ast.Constant))
    elementary = (ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.AugAssign)
    return inner + isinstance(node, elementary)
