"""The operation behind `adjoint.stop_gradient`: its argument, held fixed."""

from __future__ import annotations

from adjoint.ir.builder import Builder
from adjoint.ir.program import Program
from adjoint.rules.operation import OwnOperation


def _identity() -> Program:
    builder = Builder()
    return builder.finish("stop_gradient", builder.parameter("x"))


STOP_GRADIENT = OwnOperation(
    "stop_gradient",
    ("x",),
    (),
    "own.stop_gradient",
    raises=False,
    value=_identity(),
    derivatives=(None,),
    stops=True,
)
