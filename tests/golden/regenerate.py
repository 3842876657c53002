"""Write the generated modules under review again: ``python tests/golden/regenerate.py``.

And the page of the examples. Then read what ``git diff tests/golden`` shows: every change of the output is seen.
"""

from __future__ import annotations

from pathlib import Path

import adjoint
from adjoint.explain.page.assemble import page
from adjoint.frontend.read import read

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"

BLACK_SCHOLES = """\
call(S, K, r, sigma, T) = d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))
d2 = d1 - sigma*sqrt(T)
N1 = (1 + erf(d1/sqrt(2)))/2
N2 = (1 + erf(d2/sqrt(2)))/2
S*N1 - K*exp(-r*T)*N2
"""


#: What the page of the examples shows.
PAGE = (
    "(x1 - x2)^2 + cos(x1 + x2)",
    "(1 - x)^2/4 + (y - x^2)^2",
    "0.2*relu(x*z) + sin(x + z)",
    "exp(-((t - mu)/sigma)^2/2) / (sqrt(2*pi)*sigma)",
)


def newton_sqrt(a, tolerance=1e-15):
    """The square root of a, by Newton's method."""
    root = a if a > 1 else 1.0
    while abs(root * root - a) > tolerance * a:
        root = 0.5 * (root + a / root)
    return root


def modules() -> dict[str, str]:
    """The text of each module, by the name of its file."""
    state_and_parameters = ["prey", "predators", "birth", "hunt", "death", "growth"]
    made = {
        "worked_example": adjoint.value_and_grad("(x1 - x2)**2 + cos(x1 + x2)"),
        "rk4_lotka_volterra": adjoint.value_and_grad(
            f"{EXAMPLES / 'lotka_volterra.py'}:final_prey", wrt=state_and_parameters
        ),
        "newton_sqrt": adjoint.value_and_grad(newton_sqrt, wrt="a"),
        "black_scholes": adjoint.value_and_grad(BLACK_SCHOLES),
    }
    return {f"{name}.py": derivative.source for name, derivative in made.items()}


if __name__ == "__main__":
    for name, text in modules().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"{text.count(chr(10)):4} lines  {name}")
    example = page([read(formula) for formula in PAGE])
    (EXAMPLES / "page.html").write_text(example, encoding="utf-8")
