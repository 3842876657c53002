"""The layout of graphs: what must hold of any picture, on random graphs."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from adjoint.explain.layered import layered, separated

GAP = 10.0


@st.composite
def graphs(draw):
    """Inputs, then nodes that are each computed from earlier ones."""
    inputs = draw(st.integers(1, 4))
    count = inputs + draw(st.integers(0, 14))
    edges = []
    for node in range(inputs, count):
        sources = draw(st.sets(st.integers(0, node - 1), max_size=3))
        edges += [(source, node) for source in sorted(sources)]
    heights = draw(
        st.lists(st.sampled_from([20.0, 50.0]), min_size=count, max_size=count)
    )
    return heights, edges, list(range(inputs))


@given(graphs())
def test_edges_go_to_the_right_and_nothing_overlaps(graph):
    heights, edges, first = graph
    layout = layered(heights, edges, first, GAP)
    assert {layout.layer[node] for node in first} == {0}
    for (source, target), route in zip(edges, layout.routes, strict=True):
        between = range(layout.layer[source] + 1, layout.layer[target])
        assert layout.layer[source] < layout.layer[target]
        assert [layer for layer, _ in route] == list(between)
    for a, b in combinations(range(len(heights)), 2):
        if layout.layer[a] == layout.layer[b]:
            apart = abs(layout.middle[a] - layout.middle[b])
            assert apart >= (heights[a] + heights[b]) / 2 + GAP - 1e-6
    for (source, _), route in zip(edges, layout.routes, strict=True):
        for layer, y in route:
            for node in range(len(heights)):
                if layout.layer[node] == layer and node != source:
                    assert abs(layout.middle[node] - y) >= heights[node] / 2


@given(graphs())
def test_crossings_are_those_of_the_picture(graph):
    heights, edges, first = graph
    layout = layered(heights, edges, first, GAP)
    pieces = set()
    for (source, target), route in zip(edges, layout.routes, strict=True):
        points = [
            (layout.layer[source], layout.middle[source]),
            *route,
            (layout.layer[target], layout.middle[target]),
        ]
        pieces |= set(pairwise(points))
    crossing = sum(
        a[0][0] == b[0][0] and (a[0][1] - b[0][1]) * (a[1][1] - b[1][1]) < -1e-9
        for a, b in combinations(sorted(pieces), 2)
    )
    assert layout.crossings == crossing


def test_a_planar_graph_is_drawn_without_crossings():
    # two chains whose inputs stand the wrong way round, and a node that joins them
    edges = [(1, 2), (0, 3), (2, 4), (3, 5), (4, 6), (5, 6)]
    assert layered([20.0] * 7, edges, [0, 1], GAP).crossings == 0


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(0, 20)), min_size=1, max_size=12)
)
def test_heights_are_the_least_squares_solution(pairs):
    wished = [wish for wish, _ in pairs]
    apart = [distance for _, distance in pairs[1:]]
    offsets = np.concatenate([[0.0], np.cumsum(apart)])
    expected = isotonic_regression(np.array(wished) - offsets).x + offsets
    assert separated(wished, apart) == pytest.approx(list(expected), abs=1e-9)


def test_the_layout_is_the_same_each_time():
    edges = [(0, 3), (1, 3), (1, 4), (2, 4), (0, 5), (3, 5), (4, 5)]
    assert layered([20.0] * 6, edges, [0, 1, 2], GAP) == layered(
        [20.0] * 6, edges, [0, 1, 2], GAP
    )
