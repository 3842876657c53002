"""The validator finds what is broken."""

from dataclasses import replace

import pytest

from adjoint.frontend.formula.read import read_formula
from adjoint.ir.program import Block, Op, Value
from adjoint.ir.types import FLOAT
from adjoint.ir.validate import InvalidProgram, validate
from adjoint.rules.table import OPERATIONS


def broken(formula, change):
    program = read_formula(formula)
    ops = change(list(program.body.ops))
    return replace(program, body=Block(ops, program.body.results))


def test_a_good_program_passes():
    validate(read_formula("x*sin(x) if x > 0 else x**3"))


def test_use_before_definition():
    with pytest.raises(InvalidProgram, match="not defined"):
        validate(broken("sin(x)*z", lambda ops: ops[::-1]))


def test_a_result_that_is_never_defined():
    with pytest.raises(InvalidProgram, match="not defined"):
        validate(broken("sin(x)*z", lambda ops: ops[:-1]))


def test_a_value_defined_twice():
    with pytest.raises(InvalidProgram, match="defined twice"):
        validate(broken("sin(x)", lambda ops: ops + ops))


def test_a_wrong_number_of_operands():
    def add_one(ops):
        op = Op(OPERATIONS["add"], (ops[0].results[0],))
        op.results = (Value(FLOAT, None, op),)
        return [*ops, op]

    with pytest.raises(InvalidProgram, match="operands"):
        validate(broken("sin(x)", add_one))


def test_a_value_used_outside_its_branch():
    program = read_formula("sin(x)*x if x > 0 else 1.0")
    inner = program.body.ops[-1].blocks[0].ops[0].results[0]
    with pytest.raises(InvalidProgram, match="not defined"):
        validate(replace(program, body=Block(program.body.ops, (inner,))))
