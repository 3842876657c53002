"""One measurement of growth, in a process of its own.

``python -m tests.bench.growth_one TOOL FAMILY N`` prints the seconds from the text of
a formula of N factors or terms to the text of its gradient: those of the processor, so
that other processes do not count.
"""

from __future__ import annotations

import random
import sys
import time


def product(n: int) -> tuple[str, list[str]]:
    """The product of n variables, and their names."""
    names = [f"x{i}" for i in range(1, n + 1)]
    return "*".join(names), names


def sines(n: int) -> tuple[str, list[str]]:
    """A sum of n terms ``c*sin(x_i*x_j)`` in at most n variables, and their names."""
    draw = random.Random(n)
    pairs = [(draw.randrange(n), draw.randrange(n)) for _ in range(n)]
    terms = [f"{draw.uniform(0.5, 2.0):.3f}*sin(x{i}*x{j})" for i, j in pairs]
    names = dict.fromkeys(f"x{i}" for pair in pairs for i in pair)
    return " + ".join(terms), list(names)


def adjoint_source(text: str, names: list[str]) -> str:
    """The module that adjoint writes."""
    import adjoint

    return adjoint.value_and_grad(text).source


def compiled_source(text: str, names: list[str]) -> str:
    """The module that adjoint writes, which has to be machine code itself."""
    from adjoint.ir import builder

    if builder.__file__.endswith(".py"):
        raise SystemExit("this adjoint is not compiled")
    return adjoint_source(text, names)


def sympy_source(text: str, names: list[str]) -> str:
    """The function that SymPy writes."""
    import inspect

    from tests.bench.contenders import by_sympy

    return inspect.getsource(by_sympy(text, names))


FAMILIES = {"product": product, "sines": sines}
TOOLS = {
    "compiled": compiled_source,
    "adjoint": adjoint_source,
    "sympy": sympy_source,
}


def seconds(tool: str, family: str, n: int) -> float:
    """The seconds for one formula, after a small one that loads what is needed."""
    write, generate = TOOLS[tool], FAMILIES[family]
    write(*generate(5))
    text, names = generate(n)
    begin = time.process_time()
    source = write(text, names)
    elapsed = time.process_time() - begin
    if len(source) < n:
        raise SystemExit("this is too short to be the derivative")
    return elapsed


if __name__ == "__main__":
    print(seconds(sys.argv[1], sys.argv[2], int(sys.argv[3])))
