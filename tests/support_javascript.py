"""Runs generated JavaScript under Node.js, where there is one."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from adjoint.ir.program import Program, Value
from adjoint.target.javascript import function_text, helper_functions

NODE = shutil.which("node") or shutil.which("nodejs")

needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")

_RUN = """
const numbers = (array) => array.map((x) => (typeof x === "number" ? String(x) : x ?? null));
console.log(JSON.stringify(
  calls.map(([f, points]) => points.map((point) => numbers(f(...point))))));
"""


def run_javascript(
    calls: Sequence[tuple[Program, Sequence[Sequence[float]]]],
    recorded: Sequence[Sequence[Value]] = (),
):
    """The results of each program at each of its points; all of them in one process.

    ``recorded`` are the values of each program that are wanted besides.
    """
    texts = [helper_functions(program for program, _ in calls)]
    entries = []
    for at, (program, points) in enumerate(calls):
        shown = json.dumps([list(point) for point in points])
        text = function_text(program, recorded[at] if recorded else ())
        entries.append(f"[{text}, {shown}]")
    texts += [f"const calls = [{','.join(entries)}];", _RUN]
    done = subprocess.run(
        [str(NODE), "-"],
        input='"use strict";\n' + "\n".join(texts),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [
        [[_number(x) for x in result] for result in results]
        for results in json.loads(done.stdout)
    ]


def _number(shown: str | bool | None) -> float | bool | None:
    return float(shown) if isinstance(shown, str) else shown


def close(ours: float, theirs: float, relative: float = 1e-12) -> bool:
    """Whether two numbers agree; not a number agrees with itself."""
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or abs(ours - theirs) <= relative * abs(theirs)
