"""The file: what it must hold, what it must not, and how large it may be."""

import html.parser
import json
import math
import re

import pytest

from adjoint.errors import OptionError
from adjoint.explain.page.assemble import DEMONSTRATION, page
from adjoint.explain.page.model import MOST_NODES, describe
from adjoint.frontend.read import read


class Parts(html.parser.HTMLParser):
    """The scripts and the elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.tags, self._inside = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag == "script"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.scripts.append(data)

    @property
    def data(self):
        return json.loads(self.scripts[0])


def test_one_file_that_needs_nothing_else():
    text = page([read(formula) for formula in DEMONSTRATION])
    assert len(text.encode()) < 400_000
    parts = Parts(text)
    for tag, attributes in parts.tags:
        assert tag not in ("iframe", "img", "object")
        assert not attributes.get("src") and "@import" not in text
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert "/*" not in "".join(parts.scripts[1:2])  # every mark is filled
    assert [f["text"] for f in parts.data["functions"]] == list(DEMONSTRATION)
    for function in parts.data["functions"]:
        for one in function["inputs"]:
            assert (one["low"], one["high"], one["step"]) == (-3, 3, 0.01)


def test_the_same_input_gives_the_same_bytes():
    sources = ["sin(x)*y + (x if y > 0 else exp(y))", "x**3"]
    assert page([read(s) for s in sources]) == page([read(s) for s in sources])


def test_what_the_user_writes_cannot_leave_its_place(tmp_path):
    path = tmp_path / "hostile.py"
    path.write_text(
        'def f(λ):\n    """</script><script>alert(1)</script><!-- /* code */ -->"""\n'
        "    größe = λ*λ  # </script>\n    return größe\n",
        encoding="utf-8",
    )
    text = page([read(f"{path}:f")])
    parts = Parts(text)
    assert len(parts.scripts) == 3 and "</script><script>alert" not in text
    (function,) = parts.data["functions"]
    assert "</script><script>alert(1)" in function["text"]
    assert function["nodes"][1]["name"] == "größe"


def test_what_is_no_text_is_no_trouble():
    text = page([read("x + 1  # \udcff")])
    assert text.encode("utf-8")
    assert Parts(text).data["functions"][0]["text"].endswith("\udcff")


def test_points_and_ranges():
    text = page([read("a*b"), read("b + c")], {"b": 7.5}, {"a": (1, 100), "c": (0, 1)})
    first, second = Parts(text).data["functions"]
    a, b = first["inputs"]
    assert (a["low"], a["high"]) == (1, 100) and 1 < a["value"] < 100
    assert b["value"] == 7.5 and b["high"] == 7.5
    assert math.isclose(second["inputs"][1]["step"], 0.001)
    assert second["inputs"][0]["value"] == 7.5


@pytest.mark.parametrize(
    ("point", "ranges", "message"),
    [
        ({"xx": 1}, {}, "did you mean `x`"),
        ({}, {"z": (0, 1)}, "no input"),
        ({}, {"x": (1, 1)}, "range"),
        ({"x": math.nan}, {}, "finite"),
        ({}, {"x": (0, math.inf)}, "finite"),
    ],
)
def test_what_does_not_fit(point, ranges, message):
    with pytest.raises(OptionError, match=message):
        page([read("xx = x*y; xx + 1")], point, ranges)


def test_whole_numbers(tmp_path):
    path = tmp_path / "whole.py"
    path.write_text("def f(x: float, n: int, b: bool):\n    return x**n if b else x\n")
    data = describe(read(f"{path}:f"), {"n": 2}, {}).data
    x, n, b = data["inputs"]
    assert not x["whole"] and n["whole"] and b["whole"]
    assert (n["value"], b["low"], b["high"]) == (2, 0, 1) and data["wrt"] == [0]
    with pytest.raises(OptionError, match="whole"):
        describe(read(f"{path}:f"), {"n": 2.5}, {})


def test_what_is_too_large_is_refused():
    formula = " + ".join(f"sin({k}*x)" for k in range(MOST_NODES))
    with pytest.raises(OptionError, match="operations"):
        page([read(formula)])
    half = " + ".join(f"sin({k}*x)/{k}" for k in range(1, MOST_NODES // 4))
    with pytest.raises(OptionError, match="KB"):
        page([read(half.replace("x", f"x{i}")) for i in range(2)])


def test_the_lines_of_the_source():
    data = describe(read("(x1 - x2)**2 + cos(x1 + x2)"), {}, {}).data
    lines = {node["name"]: i for i, node in enumerate(data["nodes"])}

    def of(name, sweep):
        at = data[sweep][lines[name]]
        at = at if isinstance(at, list) else [at]
        return [data["python"][i].strip() for i in at]

    assert of("t1", "forward") == ["t1 = x1 - x2"]
    assert of("t4", "forward") == of("y", "forward") == ["y = t1 * t1 + cos(t2)"]
    assert of("y", "reverse") == ["# reverse sweep"]
    assert of("t4", "reverse") == ["t2_bar = -sin(t2)"]
    assert of("t2", "reverse") == ["t1_bar = 2.0 * t1"]
    assert of("t1", "reverse") == ["return y, (t2_bar + t1_bar, t2_bar - t1_bar)"]


def test_no_network_in_the_scripts():
    text = page([read("x*y")])
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|sendBeacon", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
