"""Files are written whole or not at all."""

import os
import stat

import pytest

from adjoint.errors import AdjointError
from adjoint.files import write_atomically


def test_a_failure_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "f.py"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(AdjointError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.py"]


def test_the_mode_of_the_file_is_kept(tmp_path):
    path = tmp_path / "f.py"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text(encoding="utf-8") == "new"


def test_a_link_stays_a_link(tmp_path):
    target = tmp_path / "target.py"
    target.write_text("old", encoding="utf-8")
    link = tmp_path / "link.py"
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
