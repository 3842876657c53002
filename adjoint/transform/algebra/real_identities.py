"""The algebra of derivative code, where real-number identities may be used.

The primal keeps every bit; a derivative only has to be accurate, so here constants are
gathered, signs are taken into sums, and ``x * (1/y)`` becomes ``x / y``. Each identity
takes a builder and the operands, and gives the simpler value, or None; the builder
itself puts them to work.
"""

from __future__ import annotations

from adjoint.ir.builder import Identity
from adjoint.ir.identities import EXACT_IDENTITIES
from adjoint.transform.algebra.negation import simpler_negative
from adjoint.transform.algebra.products import (
    outward_product,
    outward_quotient,
    simpler_power,
    simpler_product,
    simpler_quotient,
)
from adjoint.transform.algebra.sums import simpler_difference, simpler_sum

IDENTITIES: dict[str, Identity] = EXACT_IDENTITIES | {
    "add": simpler_sum,
    "sub": simpler_difference,
    "mul": simpler_product,
    "div": simpler_quotient,
    "neg": simpler_negative,
    "pow": simpler_power,
}

#: Those of tangents in one direction, which are sums of products.
OUTWARD: dict[str, Identity] = IDENTITIES | {
    "mul": outward_product,
    "div": outward_quotient,
}
