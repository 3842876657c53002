"""Random functions of lists: they change, grow, and are joined, in loops and branches.

The value is Python's own, the gradient that of differences; what is refused is so
because a change might be seen under another name.
"""

import random

import black
import numpy as np
import pytest

import adjoint
from tests.support import examples
from tests.support_arrays import agrees
from tests.support_functions import define

_NUMBERS = (
    "{l}[{i}]", "{l}[-1] * {s}", "math.sin({s})", "sum({l})", "max({l})", "min({l}) * 0.5",
    "sum(v * v for v in {l})", "sum(v * {s} for v in {l} if v > 0.1)", "math.fsum({l})",
    "sum([u * v for u, v in zip({l}, {l})])", "{s} * 0.7 + {l}[0]", "len({l}) * {s}",
    "sum({l}[1:])", "max(abs(v - {s}) for v in {l})", "math.prod({l}[:3])",
    "sum(u * v for u in {l} for v in {l}[:2])", "sorted({l})[1]", "{l}[k % len({l})]",
)  # fmt: skip
_LISTS = (
    "[v * {s} for v in {l}]", "[math.cos(v) for v in {l} if v < 0.9] + [{s}]", "{l}[:]",
    "[{s}, {l}[{i}], 0.25]", "{l}[1:] + [{s}]", "[0.0] * (n + 2)", "list({l})",
    "[{l}[i] * i for i in range(len({l}))]", "{l}.copy()", "[{s}] * 3", "{l}[::-1]",
    "[0] * len({l}) + [{s}]", "sorted({l})", "{l}[:2] + {l}[-2:]", "[{s}, {s}]",
)  # fmt: skip
_CHANGES = (
    "{l}[{i}] = {s}", "{l}[{i}] += {s}", "{l}.append({s})", "{l}[-1] *= {s}",
    "{l} += [{s}, 0.5]", "{l}.extend([v * 0.5 for v in {l}[:2]])", "{l}[:2] = [{s}, 0.3]",
    "{l}[n % len({l})] = {s}", "if len({l}) > 3: {n} = {l}.pop()",
    "if len({l}) > 3: {l}.pop()", "{l}, {l} = {l}, {l}",
)  # fmt: skip


class _Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = {"l": ["x"], "s": ["c", "0.5"]}
        self.count = 0

    def pick(self, template):
        while "{" in template:
            kind = template[template.index("{") + 1]
            if kind == "i":
                one = str(self.random.randrange(2))
            elif kind == "n":
                one = self.random.choice(self.names["s"][2:] or ["c"])
            else:
                one = self.random.choice(self.names[kind])
            template = template.replace(f"{{{kind}}}", one, 1)
        return template

    def statement(self, indent, new):
        roll = self.random.random()
        if roll < 0.45:
            return self.change(indent)
        kind = "l" if roll < 0.7 else "s"
        table = _LISTS if kind == "l" else _NUMBERS
        expression = self.pick(self.random.choice(table))
        if kind == "s":
            expression = f"math.tanh({expression})"
        if new:
            self.count += 1
            name = f"{kind}{self.count}"
        else:
            name = self.random.choice(self.names[kind][2 if kind == "s" else 1 :])
        if new:
            self.names[kind].append(name)
        return [f"{indent}{name} = {expression}"]

    def change(self, indent):
        template = self.random.choice(_CHANGES)
        own = [name for name in self.names["l"] if name != "x"]
        for place in ("{l}[", "{l}.", "{l} ", "{l},"):
            if template.startswith(place):
                template = self.random.choice(own) + template[3:]
        if "pop" in template:
            name = self.random.choice(own)
            return [f"{indent}{self.pick(template.replace('{l}', name))}"]
        if ", {l} =" in template:
            a, b = self.random.choice(own), self.random.choice(own)
            return [f"{indent}{a}, {b} = {b}, {a}"]
        return [indent + self.pick(template)]

    def block(self, indent, count):
        lines = []
        for _ in range(count):
            roll = self.random.random()
            if roll < 0.2 and len(indent) < 12:
                head = self.random.choice(
                    ("for i in range(n):", "for v in list({l}):", "while len({l}) < 7:")
                )
                lines.append(indent + self.pick(head))
                inner = indent + "    "
                if head.startswith("while"):
                    name = self.random.choice(
                        [name for name in self.names["l"] if name != "x"]
                    )
                    lines[-1] = f"{indent}while len({name}) < 7:"
                    lines.append(f"{inner}{name}.append({self.pick('{s}')} * 0.5)")
                    number = self.pick(self.random.choice(_NUMBERS))
                    lines.append(f"{inner}s1 = math.tanh({number})")
                    lines.append(f"{inner}if s1 > 0.9371:")
                    lines.append(f"{inner}    break")
                else:
                    lines += self.block(inner, 2)
            elif roll < 0.35 and len(indent) < 12:
                lines.append(f"{indent}if {self.pick('{s}')} > 0.2871:")
                lines += self.block(indent + "    ", 2)
                lines.append(f"{indent}else:")
                lines += self.block(indent + "    ", 1)
            else:
                lines += self.statement(indent, new=False)
        return lines

    def function(self):
        lines = ["    l1 = [v * 0.9 for v in x]", "    s1 = c * x[0]"]
        self.names["l"].append("l1")
        self.names["s"].append("s1")
        for _ in range(3):
            lines += self.statement("    ", new=True)
        lines += self.block("    ", 5)
        total = [f"math.sin(sum({n}))" for n in self.names["l"]]
        total += [f"math.sin({n})" for n in self.names["s"][2:]]
        lines.append("    k = 1")
        lines.insert(0, lines.pop())
        lines.append("    return " + " + ".join(total))
        return "import math\n\n\ndef f(x, c, n):\n" + "\n".join(lines) + "\n"


SIGNATURE = "x: list[float], c: float, n: int"
_DIRECTION = ([0.3, -0.9, 0.2, 0.6], 0.7)
_POINT = ([0.83, -0.61, 1.13, 0.37], 0.42, 3)
#: So small that no condition comes out otherwise; the second where it swings fast.
_STEPS = (2.0**-17, 2.0**-21)
_REFUSED = ("may be", "is changed", "changes in a loop")


def target_of(seed):
    return "python" if seed % 3 else "numpy"


def read(seed):
    """The text of a random function, the function, and its derivative if there is one."""
    text = _Writer(seed).function()
    function = define(text)
    try:
        d = adjoint.value_and_grad(
            function,
            signature=SIGNATURE,
            target=target_of(seed),
        )
    except adjoint.AdjointError as error:
        assert any(words in str(error) for words in _REFUSED), (text, str(error))
        d = None
    return text, function, d


@pytest.mark.parametrize("seed", range(examples(30)))
def test_random_function(seed):
    text, function, d = read(seed)
    if d is None:
        return

    def primal(x, c, n):
        return function([float(v) for v in x], float(c), n)

    arguments = ([*_POINT[0]], *_POINT[1:])
    try:
        primal(*_POINT)
    except (IndexError, ValueError) as raised:
        with pytest.raises(type(raised)):
            d(*arguments)
        return
    value, gradients = d(*arguments)
    if target_of(seed) == "python":
        assert value == primal(*_POINT), text
    else:  # NumPy's sine is not Python's
        assert value == pytest.approx(primal(*_POINT), rel=1e-13), text
    assert arguments == _POINT
    for at, gradient in enumerate(gradients):
        assert agrees(gradient, primal, _POINT, at, 1e-6, _STEPS), text
    jvp = adjoint.jvp(function, signature=SIGNATURE, target=target_of(seed))
    same, tangent = jvp(*arguments, *_DIRECTION)
    slope = np.dot(gradients[0], _DIRECTION[0]) + gradients[1] * _DIRECTION[1]
    assert same == value and np.isclose(tangent, slope, rtol=1e-10, atol=1e-10), text
    assert black.format_str(d.source, mode=black.Mode()) == d.source


def test_few_are_refused():
    assert sum(read(seed)[-1] is not None for seed in range(30)) > 15
