"""Random functions of a vector, a matrix and a number, and a point for them."""

from __future__ import annotations

import random

import numpy as np

SIGNATURE = "x: float[:], A: float[:, :], c: float"

#: Of what is known of a rank, expressions of that rank; {} is replaced.
_VECTORS = (
    "np.sin({v})", "{v} * {v}", "{v} + {s}", "{m} @ {v}", "{v} @ {m}", "{m}[{i}]",
    "{m}[:, {i}] - {v}", "np.tanh({v})[::-1]", "np.sum({m}, axis={a})", "np.roll({v}, 1)",
    "np.concatenate(({v}[1:], {v}[:1]))", "np.where({v} > 0.1, {v}, np.exp({v}))",
    "np.diag({m})", "{v} / (2.5 + np.cos({v}))", "np.cumsum({v}) * 0.5", "{v}.copy()",
    "np.linalg.solve({m} * 0.1 + 3 * np.eye(3), {v})", "np.maximum({v}, {s})", "{v}[[2, 0, 1]]",
)  # fmt: skip
_MATRICES = (
    "np.outer({v}, {v})", "{m}.T", "{m} * {v}", "{m} @ {m} * 0.3", "np.cos({m})",
    "{m} + {v}[:, None]", "{m} - {m}.mean(axis={a}, keepdims=True)", "np.tril({m}) * {s}",
    "np.stack(({v}, {v} * 2, np.sin({v})), axis={a})", "{m}.copy()",
)  # fmt: skip
_NUMBERS = (
    "np.sum({v})", "{v} @ {v} * 0.2", "np.mean({m})", "{v}[{i}]", "{m}[{i}, {i}] * {s}",
    "np.sin({s})", "np.linalg.norm({v})", "np.max({v})", "np.prod({v})", "np.std({m})",
)  # fmt: skip
_STORES = (
    "{w}[{i}] = {s}", "{w}[1:] += {v}[:-1]", "{w}[{i}] *= {s}", "{w}[:2] = {v}[1:]",
)  # fmt: skip


class Writer:
    """Writes a random function ``f(x, A, c)``; the seed says which."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = {"v": ["x"], "m": ["A"], "s": ["0.5", "c"]}
        self.stored = []
        self.count = 0

    def pick(self, template):
        while "{" in template:
            kind = template[template.index("{") + 1]
            if kind == "i":
                one = str(self.random.randrange(3))
            elif kind == "a":
                one = str(self.random.randrange(2))
            elif kind == "w":
                one = self.random.choice(self.stored)
            else:
                one = self.random.choice(self.names[kind])
            template = template.replace(f"{{{kind}}}", one, 1)
        return template

    def statement(self, indent, new=True):
        kind = self.random.choice("vvms")
        table = {"v": _VECTORS, "m": _MATRICES, "s": _NUMBERS}[kind]
        if self.stored and self.random.random() < 0.25:
            return [indent + self.pick(self.random.choice(_STORES))]
        expression = self.pick(self.random.choice(table))
        if new:
            self.count += 1
            name = f"{kind}{self.count}"
        else:
            name = self.random.choice(
                [n for n in self.names[kind] if n not in ("0.5",)]
            )
        line = f"{indent}{name} = {expression}"
        if new:
            self.names[kind].append(name)
            if kind == "v" and ".copy()" in expression:
                self.stored.append(name)
        return [line]

    def row_of_row(self):
        """A copy of a row is filled by elements of the row, and takes its place."""
        name = self.random.choice(self.stored)
        number, other = self.pick("{s}"), self.random.choice(self.names["v"])
        return [
            f"        row = {name}.copy()",
            "        for j in range(1, 3):",
            f"            row[j] = {name}[j] * {number} + {name}[3 - j] * {other}[0]",
            f"        row[i] += 0.1 * {number}",
            f"        {name} = row",
        ]

    def function(self):
        lines = ["    w = x * 1.0"]
        self.names["v"].append("w")
        self.stored.append("w")
        for _ in range(4):
            lines += self.statement("    ")
        lines.append("    for i in range(2):")
        for _ in range(2):
            lines += self.statement("        ", new=False)
        if self.random.random() < 0.5:
            lines += self.row_of_row()
        lines.append(f"    if {self.random.choice(self.names['s'][1:])} > 0.2871:")
        lines += self.statement("        ", new=False)
        lines.append("    else:")
        lines += self.statement("        ", new=False)
        for _ in range(2):
            lines += self.statement("    ")
        total = [f"np.sum(np.sin({n}))" for kind in "vm" for n in self.names[kind]]
        total += [f"np.sin({n})" for n in self.names["s"][1:]]
        lines.append("    return " + " + ".join(total))
        return "import numpy as np\n\n\ndef f(x, A, c):\n" + "\n".join(lines) + "\n"


POINT = (
    np.array([0.3, -0.7, 1.1]),
    np.array([[0.4, -0.2, 0.9], [0.8, 0.35, -0.5], [-0.65, 0.15, 0.55]]),
    0.42,
)


def copies():
    """The point, with arrays that a function may do with what it likes."""
    return [np.array(a) if isinstance(a, np.ndarray) else a for a in POINT]
