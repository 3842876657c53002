"""Derivatives of functions of arrays by differences, independent of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

#: Central differences of order eight, at multiples of the step.
_WEIGHTS = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
_STEP = 2.0**-9
#: Of a function with kinks: the second where there is one, or a fast swing, close by.
STEPS = (_STEP, 2.0**-20)


def differences(
    function: Callable[..., float],
    arguments: Sequence[Any],
    at: int,
    size: float = _STEP,
) -> Any:
    """The gradient by the argument ``at``; right to about ten digits where smooth."""
    array = np.array(arguments[at], dtype=float)
    result = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        step = size * max(1.0, abs(array[index]))
        for k, weight in _WEIGHTS.items():
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * k * step
                given = [*arguments[:at], moved, *arguments[at + 1 :]]
                result[index] += sign * weight * float(function(*given)) / step
    return result


def agrees(
    found: Any,
    function: Callable[..., float],
    arguments: Sequence[Any],
    at: int,
    tolerance: float,
    steps: Sequence[float] = STEPS,
) -> bool:
    """Whether a gradient is that of differences of one of these steps."""
    right = (differences(function, arguments, at, step) for step in steps)
    return any(np.allclose(found, one, tolerance, tolerance) for one in right)


def assert_right(
    derivative: Callable[..., Any],
    function: Callable[..., float],
    *given: Any,
    near: float = 1e-9,
) -> None:
    """The value is the function's own, and the gradient that of differences.

    ``derivative`` gives both, the gradient by each of several arrays.
    """
    value, gradient = derivative(*given)
    assert value == function(*map(np.copy, given))
    assert len(gradient) == len(given)
    for at, found in enumerate(gradient):
        expected = differences(function, given, at)
        assert found == pytest.approx(expected, rel=1e-9, abs=near)


def along(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    directions: Sequence[Any],
    size: float = _STEP,
) -> Any:
    """How what the function returns changes as the arguments move in directions."""
    result = 0.0
    for k, weight in _WEIGHTS.items():
        for sign in (1, -1):
            step = sign * k * size
            moved = [a + step * d for a, d in zip(arguments, directions, strict=True)]
            result = result + sign * weight * np.asarray(function(*moved)) / size
    return result
