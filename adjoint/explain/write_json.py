"""A walkthrough as JSON, for programs.

The document is one object; numbers have all their digits::

    version     1
    function    the function's name
    formula     its source where it is a formula, else null
    point       {name: number} for each parameter
    value       the value of the function
    wrt         the names of the inputs of interest
    operations  [{name, operation, operands, formula, value}], in order of execution;
                operands are names, or numbers where they are constants
    result      the name of the operation (or input) that gives the value
    local_derivatives
                [{of, by, operand, rule, formula, value}]: of an operation by its
                operand number `operand` (from 0); the rule as it stands in the table
    reverse     [{node, adjoint, contributions}], one a visit, in order; contributions
                are [{to, local_derivative, amount, before, sum}], where
                local_derivative is an index into local_derivatives and before is null
                for the first one
    gradient    [{parameter, value, sympy, sympy_formula}]; the last two are null where
                SymPy has no answer
    note        what should be known about the comparison
"""

from __future__ import annotations

import json
from typing import Any

from adjoint.explain.nodes import Node
from adjoint.explain.notation import TEXT
from adjoint.explain.symbolic import SymbolicGradient
from adjoint.explain.walkthrough import Walkthrough

VERSION = 1


def to_json(
    walkthrough: Walkthrough,
    symbolic: SymbolicGradient,
    formula: str | None,
    note: str,
) -> str:
    """The document described above."""
    document = {
        "version": VERSION,
        "function": walkthrough.name,
        "formula": formula,
        "point": {node.name: node.number for node in walkthrough.inputs},
        "value": walkthrough.result.number,
        "wrt": [node.name for node in walkthrough.wrt],
        "operations": [_operation(node) for node in walkthrough.operations],
        "result": walkthrough.result.name,
        "local_derivatives": [
            {
                "of": c.child.name,
                "by": c.parent.name,
                "operand": c.local.at,
                "rule": c.local.rule,
                "formula": TEXT.formula(c.local.formula).text,
                "value": c.local.number,
            }
            for c in walkthrough.contributions
        ],
        "reverse": _reverse(walkthrough),
        "gradient": _gradient(walkthrough, symbolic),
        "note": note,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def _operation(node: Node) -> dict[str, Any]:
    assert node.operation is not None
    return {
        "name": node.name,
        "operation": node.operation.name,
        "operands": [o.number if o.is_constant else o.name for o in node.operands],
        "formula": TEXT.formula(node.formula).text,
        "value": node.number,
    }


def _reverse(walkthrough: Walkthrough) -> list[dict[str, Any]]:
    visits, index = [], 0
    for visit in walkthrough.visits:
        contributions = []
        for contribution in visit.contributions:
            contributions.append(
                {
                    "to": contribution.parent.name,
                    "local_derivative": index,
                    "amount": contribution.amount,
                    "before": contribution.before,
                    "sum": contribution.total,
                }
            )
            index += 1
        visits.append(
            {
                "node": visit.node.name,
                "adjoint": visit.adjoint,
                "contributions": contributions,
            }
        )
    return visits


def _gradient(
    walkthrough: Walkthrough, symbolic: SymbolicGradient
) -> list[dict[str, Any]]:
    known = not symbolic.why_not
    return [
        {
            "parameter": node.name,
            "value": walkthrough.gradient[at],
            "sympy": symbolic.numbers[at] if known else None,
            "sympy_formula": str(symbolic.formulas[at]) if known else None,
        }
        for at, node in enumerate(walkthrough.wrt)
    ]
