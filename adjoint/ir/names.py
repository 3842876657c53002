"""Names that do not clash."""

from __future__ import annotations

from collections.abc import Iterable

#: What a result is called, the first that the user has not taken.
RESULT_NAMES = ("y", "value", "result")


class Names:
    """The names of one scope; what has been taken is not given again."""

    def __init__(self, taken: Iterable[str] = ()):
        self._taken = set(taken)
        self._count = 0
        self._suffix: dict[str, int] = {}

    def take(self, *candidates: str) -> str:
        """The first candidate that is free, else the first with a number behind it."""
        for candidate in candidates:
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate
        base = candidates[0]
        count = self._suffix.get(base, 1)
        while True:
            count += 1
            name = f"{base}_{count}"
            if name not in self._taken:
                self._suffix[base] = count
                self._taken.add(name)
                return name

    def take_all(self, names: Iterable[str]) -> None:
        """Give none of these names."""
        self._taken.update(names)

    def temporary(self) -> str:
        """The next of t1, t2, ..."""
        while True:
            self._count += 1
            name = f"t{self._count}"
            if name not in self._taken:
                self._taken.add(name)
                return name
