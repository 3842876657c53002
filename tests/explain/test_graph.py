"""Graphs as SVG, DOT and Mermaid: what is drawn, and that every text is sound."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.explain import write_svg
from adjoint.explain.graph import INPUT, RESULT
from tests.support import load_formulas

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(formula, **point):
    return adjoint.grad(formula).graph(point or None)


def test_the_worked_example_has_the_numbers_of_the_design():
    graph = drawn(WORKED, x1=1, x2=2).graph
    assert [node.lines for node in graph.nodes] == [
        ("x1", "v = 1", "g = -2.14112"),
        ("x2", "v = 2", "g = 1.85888"),
        ("t1 = x1 - x2", "v = -1", "g = -2"),
        ("t2 = t1**2", "v = 1", "g = 1"),
        ("t3 = x1 + x2", "v = 3", "g = -0.14112"),
        ("t4 = cos(t3)", "v = -0.989992", "g = 1"),
        ("y = t2 + t4", "v = 0.0100075", "g = 1"),
    ]
    assert [(e.source, e.target, e.label) for e in graph.edges] == [
        (0, 2, "1"),
        (1, 2, "-1"),
        (2, 3, "2*t1 = -2"),
        (0, 4, "1"),
        (1, 4, "1"),
        (4, 5, "-sin(t3) = -0.14112"),
        (3, 6, "1"),
        (5, 6, "1"),
    ]
    kinds = [node.kind for node in graph.nodes]
    assert kinds[:2] == [INPUT, INPUT] and kinds[-1] == RESULT


def test_without_a_point_there_are_no_numbers():
    graph = drawn(WORKED).graph
    assert [node.lines for node in graph.nodes][:3] == [
        ("x1",),
        ("x2",),
        ("t1 = x1 - x2",),
    ]
    assert {edge.label for edge in graph.edges} == {""}


def test_branches_need_a_point_and_then_show_what_is_run():
    branched = "sqrt(x) if x > 0 else x*x"
    with pytest.raises(OptionError, match="give one"):
        drawn(branched)
    lines = [node.lines[0] for node in drawn(branched, x=4.0).graph.nodes]
    assert lines == ["x", "y = sqrt(x)"]


def test_an_operand_that_stands_twice_has_one_edge():
    (edge,) = drawn("atan2(x, x)", x=2.0).graph.edges
    assert edge.label.count(" and ") == 1


def test_what_leads_nowhere_is_not_drawn():
    nodes = drawn("a = sin(x); b = cos(x); b", x=1.0).graph.nodes
    assert [node.lines[0] for node in nodes] == ["x", "b = cos(x)"]


CASES = load_formulas()[::11]
LONG = "θ*hypot(sin(c*omega), exp(-r/Ef)) + (1/2*epsilon*c*Ef**2)*(omega**4/(omega**2 - c**2)**2)"


def pictures():
    yield drawn(WORKED, x1=1, x2=2)
    yield drawn(WORKED)
    yield drawn("f(x, z) = 3", x=1, z=2)
    yield drawn("f(x) = x", x=1)
    yield drawn(
        LONG,
        **dict(
            zip(
                ["θ", "c", "omega", "r", "Ef", "epsilon"],
                [1, 2, 3, 4, 5, 6],
                strict=True,
            )
        ),
    )
    for case in CASES:
        yield adjoint.grad(case.formula).graph(case.point())


@pytest.mark.parametrize("drawing", list(pictures()), ids=repr)
def test_an_svg_is_sound_and_readable(drawing):
    graph, text = drawing.graph, drawing.to("svg")
    root = ElementTree.fromstring(text)
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.find(f"{SVG}title").text == graph.title
    assert root.find(f"{SVG}desc").text == graph.description
    assert root.get("role") == "img" and "prefers-color-scheme: dark" in text

    kinds = {"input", "operation", "result"}
    boxes = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        if rect.get("class") not in kinds:
            continue
        x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        boxes.append((x, y, w, h))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        for line in group.findall(f"{SVG}text"):
            assert x < float(line.get("x")) and y < float(line.get("y")) - 9
            assert float(line.get("x")) + len(line.text) * 7.83 < x + w
            assert float(line.get("y")) + 3 < y + h
    assert len(boxes) == len(graph.nodes)
    for (x, y, w, h), (u, v, s, t) in combinations(boxes, 2):
        assert x + w < u or u + s < x or y + h < v or v + t < y
    assert len(root.findall(f"{SVG}path")) == len(graph.edges)
    labels = [one for one in root.iter(f"{SVG}text") if one.get("class") == "label"]
    assert len(labels) == sum(bool(edge.label) for edge in graph.edges)


def test_hostile_names_and_long_formulas_are_escaped_and_cut():
    drawing = drawn("(x < 1)*x + abs(x)", x=2.0)
    for format in ("svg", "mermaid"):
        assert "x < 1" not in drawing.to(format)
    many = "max(" + ", ".join(f"variable{k}" for k in range(9)) + ")"
    drawing = drawn(many, **{f"variable{k}": k for k in range(9)})
    (result,) = (one for one in drawing.graph.nodes if one.kind == RESULT)
    root = ElementTree.fromstring(drawing.to("svg"))
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert any(text.endswith("...") for text in texts)
    assert any(result.lines[0] in one.text for one in root.iter(f"{SVG}title"))


def test_a_picture_has_a_limit_and_dot_has_none(monkeypatch):
    monkeypatch.setattr(write_svg, "MOST_NODES", 5)
    drawing = drawn(WORKED)
    with pytest.raises(OptionError, match="a picture of 7 nodes"):
        drawing.to("svg")
    assert drawing.to("dot").count("->") == 8


@pytest.mark.parametrize("drawing", list(pictures()), ids=repr)
def test_dot_and_mermaid_have_each_node_and_edge(drawing):
    graph = drawing.graph
    string = r'"(?:[^"\\]|\\.)*"'
    dot = drawing.to("dot")
    assert len(re.findall(rf"^    n\d+ \[label={string}, .*\];$", dot, re.M)) == len(
        graph.nodes
    )
    edge = rf"^    n\d+ -> n\d+( \[label={string}\])?;$"
    assert len(re.findall(edge, dot, re.M)) == len(graph.edges)
    assert re.sub(string, "", dot).count("{") == re.sub(string, "", dot).count("}")

    mermaid = drawing.to("mermaid")
    inside = r'"[^"<>|{}()\[\]*]*(?:<br/>[^"<>|{}()\[\]*]*)*"'
    node = rf"^    n\d+\(?\[{inside}\]\)?:::\w+$"
    assert len(re.findall(node, mermaid, re.M)) == len(graph.nodes)
    edge = rf"^    n\d+ --> (\|{inside}\| )?n\d+$"
    assert len(re.findall(edge, mermaid, re.M)) == len(graph.edges)


def test_formats_and_notebooks():
    drawing = drawn("x*x")
    assert drawing._repr_svg_() == drawing.to("svg") == drawn("x*x").to("svg")
    with pytest.raises(OptionError, match="did you mean `mermaid`"):
        drawing.to("mermade")
    assert repr(drawing) == "<graph of f(x)>"
