"""Those functions of NumPy that the libraries of `rules` say in others."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_functions import LIBRARIES
from adjoint.frontend.function.file_scope import FileScope, open_file
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item


def library_function(call: Call, name: str) -> Item:
    """The function, to be written out where it is called, as one of the user's is."""
    call.lowering.context.numpy = True
    name = name.replace(".", "__")  # maximum.accumulate
    (scope,) = [one for one in library_scopes() if name in one.functions]
    return scope.find(name, call.lowering, call.node)


def library_scopes() -> list[FileScope]:
    """The files that the functions stand in; they are read, and never imported."""
    return [open_file(path, path.name) for path in LIBRARIES]
