"""Writing files so that a failure leaves what was there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from adjoint.errors import AdjointError


def write_atomically(path: str | Path, text: str) -> None:
    """Write the whole text, or leave the file as it was.

    Raises AdjointError where it cannot be written.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_text(text, encoding="utf-8")  # a terminal, a pipe
            return
        _replace(target.resolve(), text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AdjointError(f"cannot write {str(path)!r}: {reason}") from None


def _replace(target: Path, text: str) -> None:
    if target.is_dir():
        raise IsADirectoryError(None, "it is a directory")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
