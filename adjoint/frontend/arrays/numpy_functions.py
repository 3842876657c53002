"""What a name of NumPy or SciPy stands for, and what its call gives."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path

from adjoint.frontend.arrays import (
    creation,
    elementwise,
    linalg,
    orders,
    parts,
    products,
    reductions,
    shapes,
    ufuncs,
)
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import BROUGHT, NONE, Builtin, Item, Method
from adjoint.ir.builder import Builder
from adjoint.rules import helpers

_CONSTANTS = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "euler_gamma": 0.5772156649015329,
}


#: What `finfo` says of floats.
_FLOATS = {
    "eps": sys.float_info.epsilon,
    "tiny": sys.float_info.min,
    "smallest_normal": sys.float_info.min,
    "max": sys.float_info.max,
    "min": -sys.float_info.max,
    "resolution": 1e-15,
}

#: The files of the library, and what they define for others.
LIBRARIES = tuple(
    Path(helpers.__file__).with_name(name)
    for name in ("numpy_library.py", "numpy_places.py", "numpy_powers.py")
)
_DEFINED = re.compile(r"^def ([a-z]\w*)", re.MULTILINE)

#: The types of elements that are Python's own.
_TYPES = {"float64": "float", "double": "float", "int64": "int", "bool_": "bool"}


def of_numpy(builder: Builder, module: str, name: str) -> Item | None:
    """``numpy.name``, or that of another module; None where it is not supported."""
    inner = BROUGHT.get(f"{module}.{name}")
    if inner is not None:
        return inner
    if module == "numpy.finfo()":
        return builder.constant(_FLOATS[name]) if name in _FLOATS else None
    if module == "numpy" and name == "newaxis":
        return NONE
    if module == "numpy" and name in _CONSTANTS:
        named = name if name in ("pi", "e", "inf", "nan") else None
        return builder.constant(_CONSTANTS[name], named)
    if module == "numpy" and name in _TYPES:
        return Builtin("builtins", _TYPES[name])
    return Builtin(module, name) if name in names_of(module) else None


def names_of(module: str) -> Collection[str]:
    """The names of the functions that are supported."""
    if module == "numpy.finfo()":
        return _FLOATS.keys()
    known = FUNCTIONS.get(module, {}).keys()
    return known | in_library() if module == "numpy" else known


@cache
def in_library() -> frozenset[str]:
    """The names of the functions of NumPy that the library says in others."""
    texts = [path.read_text(encoding="utf-8") for path in LIBRARIES]
    names = [name for text in texts for name in _DEFINED.findall(text)]
    return frozenset(name.replace("__", ".") for name in names)


def result(call: Call, function: Builtin) -> Item:
    """What the call of a function of NumPy gives."""
    call.lowering.context.numpy = True
    return FUNCTIONS[function.module][function.name](call)


def method(call: Call, called: Method) -> Item:
    """What the call of a method of an array gives."""
    return METHODS[called.name](replace(call, arguments=(called.of, *call.arguments)))


#: The functions of each module, and how each is lowered.
FUNCTIONS: dict[str, dict[str, Lower]] = {
    "numpy": {
        **elementwise.FUNCTIONS,
        **reductions.FUNCTIONS,
        **shapes.FUNCTIONS,
        **orders.FUNCTIONS,
        **parts.FUNCTIONS,
        **ufuncs.FUNCTIONS,
        **creation.FUNCTIONS,
        **products.FUNCTIONS,
    },
    "numpy.linalg": linalg.FUNCTIONS,
    "scipy": {},
    "scipy.linalg": linalg.SCIPY,
    "scipy.special": {**elementwise.SPECIAL, **reductions.SPECIAL},
}

#: The methods of arrays, which are the functions of the same name.
METHODS: dict[str, Lower] = {
    **elementwise.METHODS,
    **reductions.METHODS,
    **shapes.METHODS,
    **orders.METHODS,
    **creation.METHODS,
    **products.METHODS,
}
