"""Those functions of NumPy that `rules.numpy_library` says in others."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_functions import LIBRARY
from adjoint.frontend.function.file_scope import FileScope, open_file
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item


def library_function(call: Call, name: str) -> Item:
    """The function, to be written out where it is called, as one of the user's is."""
    call.lowering.context.numpy = True
    name = name.replace(".", "__")  # maximum.accumulate
    return library_scope().find(name, call.lowering, call.node)


def library_scope() -> FileScope:
    """The file that the functions stand in; it is read, and never imported."""
    return open_file(LIBRARY, LIBRARY.name)
